"""Looks at samples before a GPU does: pictures, answers, boxes, lengths, repetitions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.photo import PhotoError, inspect, read
from trainer.data.encode import LONG_SIDE
from trainer.data.problem import Fault, Problem
from trainer.data.sample import Sample

_WRITTEN_BOX: Final = re.compile(
    r"\(\s*(-?\d+)\s*,\s*(-?\d+)\s*\)\s*,?\s*\(\s*(-?\d+)\s*,\s*(-?\d+)\s*\)"
)
"""A box as the authors' files write it: (x1,y1),(x2,y2) in thousandths."""

Length = Callable[[Sample], int]
"""The tokens of a sample in a family's words, its photo's included."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a training set holds, and what is wrong with it; `good` are those without a problem."""

    good: tuple[Sample, ...]
    problems: tuple[Problem, ...]
    photos: int
    turns: int
    tasks: tuple[tuple[str, int], ...]


def check(
    samples: Sequence[Sample],
    root: Path,
    *,
    problems: Iterable[Problem] = (),
    length: Length | None = None,
    max_length: int = 2048,
    decode: bool = False,
) -> Report:
    """Check every sample; `problems` are those that reading it found already. With `decode` photos
    are read as for training, and not only their headers.
    """
    found = list(problems)
    good: list[Sample] = []
    seen: set[Sample] = set()
    pictures: dict[str, Problem | None] = {}
    for sample in samples:
        if sample.photo not in pictures:
            pictures[sample.photo] = _picture(sample.photo, root, decode=decode)
        wrong = list(_words(sample))
        if (picture := pictures[sample.photo]) is not None:
            wrong.append(Problem(sample.id, picture.fault, picture.reason))
        elif length is not None and (tokens := length(sample)) > max_length:
            wrong.append(
                Problem(sample.id, Fault.TOO_LONG, f"{tokens} tokens, of {max_length} allowed")
            )
        if sample in seen:
            wrong.append(Problem(sample.id, Fault.REPEATED, "the same sample came before"))
        seen.add(sample)
        found += wrong
        if not wrong:
            good.append(sample)
    tasks = Counter(sample.task for sample in samples)
    return Report(
        good=tuple(good),
        problems=tuple(found),
        photos=len(pictures),
        turns=sum(len(sample.exchanges) for sample in samples),
        tasks=tuple(sorted(tasks.items())),
    )


def report_text(report: Report, *, shown: int = 5) -> str:
    """The report for a terminal: counts, then the first few problems of each kind."""
    tasks = ", ".join(f"{name} {count}" for name, count in report.tasks)
    total = sum(count for _, count in report.tasks)
    lines = [
        f"{len(report.good)} of {total} samples are good"
        f" ({report.photos} photos, {report.turns} turns in all)."
    ]
    if tasks:
        lines.append(f"Tasks: {tasks}.")
    for fault in Fault:
        same = [each for each in report.problems if each.fault is fault]
        if same:
            lines.append(f"{fault.value}: {len(same)}")
            lines += [f"  {each.where}: {each.reason}" for each in same[:shown]]
            if len(same) > shown:
                lines.append(f"  … and {len(same) - shown} more")
    return "\n".join(lines)


def _picture(photo: str, root: Path, *, decode: bool) -> Problem | None:
    path = root / photo
    if not path.is_file():
        return Problem(photo, Fault.MISSING_PICTURE, f"there is no {path}")
    try:
        if decode:
            read(path, long_side=LONG_SIDE)
        else:
            inspect(path)
    except PhotoError as error:
        return Problem(photo, Fault.UNREADABLE_PICTURE, f"{path}: {error.reason}")
    return None


def _words(sample: Sample) -> Iterator[Problem]:
    for number, each in enumerate(sample.exchanges, start=1):
        if not each.answer.strip():
            yield Problem(sample.id, Fault.EMPTY_ANSWER, f"turn {number} has no answer")
        if each.box is not None and not all(0 <= edge <= 1 for edge in each.box):
            yield Problem(
                sample.id, Fault.BOX_OUTSIDE, f"turn {number}: {tuple(each.box)} is not within 0..1"
            )
        for match in _WRITTEN_BOX.finditer(f"{each.question}\n{each.answer}"):
            left, top, right, bottom = map(int, match.groups())
            if not (0 <= left < right <= 1000 and 0 <= top < bottom <= 1000):
                yield Problem(
                    sample.id,
                    Fault.BOX_OUTSIDE,
                    f"turn {number}: {match[0]} is no box within 0..1000",
                )
