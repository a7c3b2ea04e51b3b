"""Why boxes make photos better or worse, one JSON object a line, as a teacher or a person wrote it.

{"photo": "a.jpg", "box": [0.1, 0, 0.9, 1], "verdict": "good", "text": "…"}
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.vocabulary import Box
from engine.wire import from_json
from trainer.data.cropping import Rationale, Rationales
from trainer.data.problem import Problem
from trainer.data.reading import read_lines
from trainer.data.sample import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the file; `box` is left, top, right, bottom as fractions of the photo."""

    photo: str
    box: Box
    verdict: Verdict
    text: str


def read_rationales(file: Path) -> tuple[Rationales, list[Problem]]:
    """The rationales of each photo, and the broken lines. DataError if the file cannot be read."""
    lines, problems = read_lines(file, partial(from_json, Line))
    found: dict[str, list[Rationale]] = defaultdict(list)
    for _, each in lines:
        found[each.photo].append(Rationale(each.box, each.verdict, each.text))
    return {photo: tuple(several) for photo, several in found.items()}, problems
