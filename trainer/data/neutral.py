"""Our own training lines: one JSON object a turn, for any family of models.

    {"photo": "a.jpg", "task": "crop", "question": "…", "answer": "{box}", "box": [0.1, 0, 0.9, 1],
     "verdict": "good"}

`box` (left, top, right, bottom as fractions of the upright photo) and `verdict` (good or bad) may
be missing. Lines that follow one another and share an `id` are the turns of one sample; a line
without one is a sample of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from engine.vocabulary import Box
from engine.wire import from_json, to_json
from trainer.data.problem import Fault, Problem
from trainer.data.reading import read_lines
from trainer.data.sample import Exchange, Sample, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the file."""

    photo: str
    task: str
    question: str
    answer: str
    id: str = ""
    box: Box | None = None
    verdict: Verdict | None = None


def read_neutral(file: Path) -> tuple[list[Sample], list[Problem]]:
    """The samples of a file, and the lines that could not become one. DataError if unreadable."""
    lines, problems = read_lines(file, partial(from_json, Line))
    samples: list[Sample] = []
    for _, together in groupby(lines, key=lambda each: each[1].id or each[0]):
        turns = list(together)
        try:
            samples.append(_sample(turns))
        except ValueError as error:
            problems.append(
                Problem(f"{file.name}: line {turns[0][0]}", Fault.MALFORMED, str(error))
            )
    return samples, problems


def neutral_lines(samples: Iterable[Sample]) -> Iterator[str]:
    """The lines of samples, without their ends."""
    for sample in samples:
        for each in sample.exchanges:
            line = Line(
                photo=sample.photo,
                task=sample.task,
                question=each.question,
                answer=each.answer,
                id=sample.id,
                box=each.box,
                verdict=each.verdict,
            )
            data = {key: value for key, value in to_json(line).items() if value is not None}
            yield json.dumps(data, ensure_ascii=False)


def _sample(lines: list[tuple[int, Line]]) -> Sample:
    number, first = lines[0]
    if any(line.photo != first.photo for _, line in lines):
        raise ValueError(f"the lines of {first.id} are about different photos")
    return Sample(
        id=first.id or f"line-{number}",
        photo=first.photo,
        task=first.task,
        exchanges=tuple(
            Exchange(question=line.question, answer=line.answer, box=line.box, verdict=line.verdict)
            for _, line in lines
        ),
    )
