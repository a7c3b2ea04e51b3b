"""From reviewed records to what trains and measures: annotations, a benchmark file, rationales."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.review.consensus import Outcome, Settled, settle
from engine.review.decisions import Standing
from engine.review.records import Kind, Record
from engine.saving import as_lines
from engine.wire import to_json
from trainer.data.guidance import Annotation
from trainer.data.rationales import Line
from trainer.data.sample import Verdict


class Form(StrEnum):
    """What to write: Stage 1's annotations, the AesGuide benchmark's references, or Stage 2's
    rationales.
    """

    GUIDANCE = "guidance"
    AESGUIDE = "aesguide"
    RATIONALES = "rationales"


class ExportError(Exception):
    """The records cannot be written in this form; the message says why and what to do."""


_KINDS = {
    Form.GUIDANCE: Kind.GUIDANCE,
    Form.AESGUIDE: Kind.GUIDANCE,
    Form.RATIONALES: Kind.RATIONALE,
}


@dataclass(frozen=True, slots=True)
class Selected:
    """The records that go into a file, and how many ended in what."""

    chosen: tuple[Settled, ...]
    outcomes: Counter[Outcome]
    others: int
    """Records of the other kind."""


def select(
    records: Iterable[Record], words: Standing, form: Form, *, unreviewed: bool = False
) -> Selected:
    """Those that passed review; with `unreviewed` also those that the checking model alone passed.

    What reviewers reject or cannot agree on never goes in.
    """
    wanted = (Outcome.PASSED, Outcome.CHECKED) if unreviewed else (Outcome.PASSED,)
    chosen: list[Settled] = []
    outcomes: Counter[Outcome] = Counter()
    others = 0
    for record in records:
        if record.kind is not _KINDS[form]:
            others += 1
            continue
        settled = settle(record, words.get(record.id, {}))
        outcomes[settled.outcome] += 1
        if settled.outcome in wanted:
            chosen.append(settled)
    return Selected(tuple(chosen), outcomes, others)


def exported(chosen: Sequence[Settled], form: Form) -> bytes:
    """The file's bytes. ExportError where the records do not fit the form."""
    match form:
        case Form.GUIDANCE:
            return as_lines(_stated(annotation(each)) for each in chosen)
        case Form.RATIONALES:
            return as_lines(_stated(line) for line in map(rationale, chosen))
        case Form.AESGUIDE:
            text = json.dumps(references(chosen), ensure_ascii=False, indent=1)
            return f"{text}\n".encode()


def annotation(settled: Settled) -> Annotation:
    """As `trainer.data.guidance` reads it; the score is the one in words."""
    record = settled.record
    return Annotation(
        photo=record.photo,
        analysis=record.draft.analysis,
        guidance=record.draft.guidance,
        score=record.draft.impression,
    )


def rationale(settled: Settled) -> Line:
    """As `trainer.data.rationales` reads it."""
    record = settled.record
    assert record.box is not None  # a rationale has one
    return Line(
        photo=record.photo,
        box=record.box,
        verdict=Verdict.GOOD if record.better else Verdict.BAD,
        text=record.draft.rationale,
    )


def references(chosen: Sequence[Settled]) -> dict[str, str]:
    """The benchmark's {image name: reference text}: analysis, then guidance, by the file's name."""
    found: dict[str, str] = {}
    for each in chosen:
        name = each.record.photo.rpartition("/")[2]
        if name in found:
            raise ExportError(
                f"Two photos are called {name}, and the benchmark tells photos by their names"
                " alone. Rename one of them."
            )
        found[name] = "\n".join(
            part for part in (each.record.draft.analysis, each.record.draft.guidance) if part
        )
    return found


def told(selected: Selected, *, unreviewed: bool) -> Iterator[str]:
    """What went in and what did not, for a terminal."""
    counts = selected.outcomes
    yield f"{len(selected.chosen)} records go in."
    reasons = {
        Outcome.REJECTED: "were rejected by reviewers",
        Outcome.DISPUTED: "are disputed: as many reviewers accept them as reject them",
        Outcome.UNFIT: "were rejected by the checking model, and nobody has reviewed them",
        Outcome.CHECKED: "have not been reviewed (--unreviewed takes them in)",
    }
    for outcome, words in reasons.items():
        if counts[outcome] and not (unreviewed and outcome is Outcome.CHECKED):
            yield f"{counts[outcome]} {words}."
    if selected.others:
        yield f"{selected.others} are of another kind."


def _stated(value: Annotation | Line) -> dict[str, object]:
    """Without what is empty."""
    return {name: each for name, each in to_json(value).items() if each != ""}
