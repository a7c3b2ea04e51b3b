"""What a run has told so far, one JSON object a line: its page is made from it, resumed or not.

{"step": {…}} after each step, {"measured": {…}} after each epoch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.geometry import iou
from engine.saving import write_whole
from engine.vocabulary import Box
from engine.wire import from_json, to_json
from trainer.loop.run import Stepped

FIGURES: Final = "figures.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer of the model to the first question about a held-out photo.

    `good` are the photo's good crops, `box` is the model's; both empty where none was asked for.
    """

    photo: str
    question: str
    wanted: str
    said: str
    good: tuple[Box, ...] = ()
    box: Box | None = None

    @property
    def overlap(self) -> float:
        """IoU with the nearest good crop, 0 without a crop."""
        return max((iou(self.box, each) for each in self.good), default=0.0) if self.box else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Figures on held-out samples after an epoch (0: before the first step), and some answers."""

    epoch: int
    step: int
    figures: Mapping[str, float]
    answers: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """All steps and measurements of a run, in their order."""

    steps: tuple[Stepped, ...] = ()
    measured: tuple[Measurement, ...] = ()


def read_record(file: Path) -> Record:
    """What a file tells; nothing where there is none. The last line may be cut by a crash."""
    if not file.is_file():
        return Record()
    steps: list[Stepped] = []
    measured: list[Measurement] = []
    for line in _whole_lines(file):
        data = json.loads(line)
        if "step" in data:
            steps.append(from_json(Stepped, data["step"]))
        else:
            measured.append(_measurement(data["measured"]))
    return Record(tuple(steps), tuple(measured))


def line_of(told: Stepped | Measurement) -> str:
    """One line of the file, with its end."""
    kind = "step" if isinstance(told, Stepped) else "measured"
    return json.dumps({kind: to_json(told)}, ensure_ascii=False) + "\n"


def rewind(file: Path, step: int) -> Record:
    """Drop what was told after a step, to be told again; what stays comes back."""
    found = read_record(file)
    kept = Record(
        tuple(each for each in found.steps if each.step <= step),
        tuple(each for each in found.measured if each.step <= step),
    )
    if file.is_file():
        told = sorted((*kept.steps, *kept.measured), key=lambda each: each.step)
        write_whole(file, "".join(line_of(each) for each in told).encode())
    return kept


def _measurement(data: Mapping[str, Any]) -> Measurement:
    answers = tuple(from_json(Told, each) for each in data["answers"])
    return Measurement(
        epoch=data["epoch"], step=data["step"], figures=data["figures"], answers=answers
    )


def _whole_lines(file: Path) -> list[str]:
    text = file.read_text("utf-8")
    return text.split("\n")[:-1]
