"""One training sample: a photo and the turns about it, before any family has written it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.dialogue.speaker import Turn
from engine.vocabulary import Box

PLACE: Final = "{box}"
"""Where an exchange's box stands in its words; each family writes it in its own notation."""


class Verdict(StrEnum):
    """Whether an exchange's box makes the photo better."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question and its answer. `box` stands where either says `{box}`.

    A bad box may stand in a question only: what is answered is learnt.
    """

    question: str
    answer: str
    box: Box | None = None
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        if self.box is None and PLACE in self.question + self.answer:
            raise ValueError(f"{PLACE} stands in the words, but there is no box")
        if self.verdict is Verdict.BAD and PLACE in self.answer:
            raise ValueError("a bad box would be learnt: it may stand in a question only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A photo (a path, relative to the data's root unless absolute) and what is said about it.

    `task` names what it teaches: analysis, guidance, crop, …; for counts, not for training.
    """

    id: str
    photo: str
    task: str
    exchanges: tuple[Exchange, ...]

    def __post_init__(self) -> None:
        if not self.exchanges:
            raise ValueError(f"sample {self.id} says nothing")


def written(sample: Sample, write_box: Callable[[Box], str]) -> tuple[Turn, ...]:
    """The sample's turns with its boxes in a family's notation."""

    def fill(text: str, box: Box | None) -> str:
        return text if box is None else text.replace(PLACE, write_box(box))

    return tuple(
        Turn(fill(each.question, each.box), fill(each.answer, each.box))
        for each in sample.exchanges
    )
