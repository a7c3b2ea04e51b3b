"""Why boxes make photos better or worse, one JSON object a line, as a teacher or a person wrote it.

{"photo": "a.jpg", "box": [0.1, 0, 0.9, 1], "verdict": "good", "text": "…"}
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from engine.vocabulary import Box
from engine.wire import WireError, from_json
from trainer.data.cropping import Rationale, Rationales
from trainer.data.problem import DataError, Fault, Problem
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
    try:
        lines = file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} cannot be read as UTF-8 text: {error}") from error
    found: dict[str, list[Rationale]] = defaultdict(list)
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            each = from_json(Line, json.loads(line))
        except (ValueError, WireError) as error:
            problems.append(Problem(f"{file.name}: line {number}", Fault.MALFORMED, str(error)))
            continue
        found[each.photo].append(Rationale(each.box, each.verdict, each.text))
    return {photo: tuple(several) for photo, several in found.items()}, problems
