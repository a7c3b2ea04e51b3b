"""The lines of a benchmark's table, photo by photo: an engine's, its raw text's, the baselines'."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.dialogue.notation import THOUSAND, raw_numbers
from trainer.benchmarks import ranking
from trainer.benchmarks.baselines import FIXED, SMARTCROP, scores_by
from trainer.benchmarks.cases import Benchmark, Case
from trainer.benchmarks.record import Record, edges
from trainer.benchmarks.rule import RECALL_IOU, Edges, Near, compare, was_drawn
from trainer.leaderboard.result import ENGINE, Role

RAW: Final = "raw"
FULL_FRAME: Final = "full_frame"
ANNOTATORS: Final = "annotators"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a benchmark: key, words, which way is good, decimals that mean something."""

    key: str
    title: str
    lower_is_better: bool = False
    digits: int = 3


_IOU: Final = Measure("iou", "IoU", digits=4)
_DISP: Final = Measure("disp", "Disp", lower_is_better=True, digits=4)
MEASURES: Final[Mapping[Benchmark, tuple[Measure, ...]]] = {
    Benchmark.FLMS: (_IOU, _DISP, Measure("recall", f"recall (IoU ≥ {RECALL_IOU})")),
    Benchmark.FCDB: (_IOU, _DISP),
    Benchmark.GAICD: (
        Measure("srcc", "SRCC"),
        Measure("pcc", "PCC"),
        *(
            measure
            for best in ranking.BEST
            for measure in (
                *(Measure(f"acc{k}_{best}", f"Acc {k}/{best}") for k in ranking.RETURNED),
                Measure(f"acc{best}", f"Acc {best}"),
            )
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `values` (photos, measures), NaN where a photo has none, and its boxes, one a photo
    where the line has boxes. `unanswered` photos had no box or score and count as missed.
    """

    key: str
    title: str
    values: NDArray[np.float64]
    boxes: tuple[Edges | None, ...] = ()
    role: Role = Role.BASELINE
    unanswered: int = 0
    note: str = ""


Pairs = Sequence[tuple[Case, Record]]


def pairs(cases: Sequence[Case], records: Mapping[str, Record]) -> list[tuple[Case, Record]]:
    """The measured cases with what was kept of them, in the cases' order."""
    return [(case, records[case.name]) for case in cases if case.name in records]


def lines(benchmark: Benchmark, measured: Pairs, *, title: str) -> list[Line]:
    """All lines, the engine's (called `title`) first."""
    if benchmark is Benchmark.GAICD:
        return _ranked(measured, title)
    return _boxed(benchmark, measured, title)


# ── one box a photo: FLMS and FCDB ───────────────────────────────────────────────────────────────


def _boxed(benchmark: Benchmark, measured: Pairs, title: str) -> list[Line]:
    measures = MEASURES[benchmark]
    refused = sum(not record.crop for _, record in measured)
    found = [
        _line(ENGINE, title, measured, _crop, measures, unanswered=refused),
        *_raw(title, measured, measures),
        *(
            _line(key, told, measured, lambda _, box=box: box, measures)
            for key, (told, box) in FIXED.items()
        ),
    ]
    if _all_have_baseline(measured):
        found.append(_line(SMARTCROP, SMARTCROP, measured, _smartcrop, measures))
    return [*found, *_annotators([case for case, _ in measured], measures)]


def raw_box(said: str) -> Edges | None:
    """The first four numbers of a model's answer as thousandths, nothing sorted or brought inside;
    None where there are fewer.
    """
    found = raw_numbers(said)
    if found is None:
        return None
    left, top, right, bottom = found
    return left / THOUSAND, top / THOUSAND, right / THOUSAND, bottom / THOUSAND


def _raw(title: str, measured: Pairs, measures: Sequence[Measure]) -> list[Line]:
    """The line of a language model's own words; none for an engine without."""
    if not measured or any(record.said is None for _, record in measured):
        return []
    boxes = [raw_box(record.said or "") for _, record in measured]
    unread = sum(each is None for each in boxes)
    outside = sum(each is not None and not all(0 <= edge <= 1 for edge in each) for each in boxes)
    swapped = sum(each is not None and (each[0] >= each[2] or each[1] >= each[3]) for each in boxes)
    note = (
        f"{unread} answers without four numbers (the official script fails on them; here IoU 0),"
        f" {outside} outside 0..1000, {swapped} with swapped corners"
    )
    values = _near_values([case for case, _ in measured], boxes, measures)
    return [Line(RAW, f"{title}, raw text", values, tuple(boxes), Role.OWN, unread, note)]


def _line(
    key: str,
    title: str,
    measured: Pairs,
    box: Callable[[Record], Edges | None],
    measures: Sequence[Measure],
    *,
    unanswered: int = 0,
) -> Line:
    boxes = [box(record) for _, record in measured]
    values = _near_values([case for case, _ in measured], boxes, measures)
    return Line(key, title, values, tuple(boxes), _role(key), unanswered)


def _near_values(
    cases: Sequence[Case], boxes: Sequence[Edges | None], measures: Sequence[Measure]
) -> NDArray[np.float64]:
    near = [compare(box, case.boxes) for case, box in zip(cases, boxes, strict=True)]
    return np.array([_values(each, measures) for each in near]).reshape(-1, len(measures))


def _values(near: Near, measures: Sequence[Measure]) -> list[float]:
    known = {"iou": near.iou, "disp": near.disp, "recall": float(near.recalled)}
    return [known[each.key] for each in measures]


def _role(key: str) -> Role:
    return Role.OWN if key == ENGINE else Role.BASELINE


def _crop(record: Record) -> Edges | None:
    return edges(record.crop)


def _smartcrop(record: Record) -> Edges | None:
    return edges(record.baseline)


def _all_have_baseline(measured: Pairs) -> bool:
    return bool(measured) and all(record.baseline for _, record in measured)


def _annotators(cases: Sequence[Case], measures: Sequence[Measure]) -> list[Line]:
    """Each annotator's box against the best of the others', and first the mean over them: what
    people reach against people. None where a photo has one box only.
    """
    most = max((len(each.boxes) for each in cases), default=0)
    if most < 2:
        return []
    values = np.full((most, len(cases), len(measures)), np.nan)
    for place, case in enumerate(cases):
        for number, box in enumerate(case.boxes):
            others = [each for other, each in enumerate(case.boxes) if other != number]
            if was_drawn(box) and any(map(was_drawn, others)):
                values[number, place] = _values(compare(_inside(box), others), measures)
    there = np.isfinite(values)
    count = there.sum(axis=0)
    together = np.where(there, values, 0).sum(axis=0) / np.where(count > 0, count, 1)
    mean = Line(
        ANNOTATORS,
        "one annotator against the others",
        np.where(count > 0, together, np.nan),
        note="each photo's mean over its annotators",
    )
    each = [
        Line(
            f"{ANNOTATORS}_{number + 1}",
            f"annotator {number + 1} against the others",
            one,
            role=Role.DETAIL,
        )
        for number, one in enumerate(values)
    ]
    return [mean, *each]


def _inside(box: Edges) -> Edges:
    """A few published boxes end a pixel beyond the photo: no reason to count them as no box."""
    left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in box)
    return left, top, right, bottom


# ── scores for rated crops: GAICD ────────────────────────────────────────────────────────────────


def _ranked(measured: Pairs, title: str) -> list[Line]:
    own = [record.scores for _, record in measured]
    flat = sum(bool(each) and len(set(each)) == 1 for each in own)
    note = f"{flat} photos whose crops were all scored alike" if flat else ""
    found = [_ranks(ENGINE, title, measured, own, note=note)]
    for key, (told, box) in FIXED.items():
        scores = [scores_by(box, case.boxes) for case, _ in measured]
        found.append(_ranks(key, f"overlap with the {told}", measured, scores))
    if _all_have_baseline(measured):
        boxes = [edges(record.baseline) for _, record in measured]
        scores = [
            scores_by(box, case.boxes) if box is not None else ()
            for (case, _), box in zip(measured, boxes, strict=True)
        ]
        found.append(_ranks(SMARTCROP, f"overlap with {SMARTCROP}'s", measured, scores))
    return found


def _ranks(
    key: str, title: str, measured: Pairs, scores: Sequence[Sequence[float]], *, note: str = ""
) -> Line:
    names = [each.key for each in MEASURES[Benchmark.GAICD]]
    rows: list[list[float]] = []
    for (case, _), each in zip(measured, scores, strict=True):
        if not each:
            rows.append([0.0] * len(names))
            continue
        found = ranking.figures(each, case.ratings)
        rows.append([found[name] for name in names])
    unanswered = sum(not each for each in scores)
    values = np.array(rows).reshape(-1, len(names))
    return Line(key, title, values, role=_role(key), unanswered=unanswered, note=note)
