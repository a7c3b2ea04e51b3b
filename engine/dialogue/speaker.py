"""One photo that a language model has seen: what an engine gives to the rooms beside this one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.stop import Stop
from engine.vocabulary import Aspect, Box, Size


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked and what was answered, without any family's tags around them."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of an answer and the tokens that it took: whole characters, no half tag."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """One box that the model drew at temperature 1, in fractions of the upright photo."""

    box: Box
    tokens: int


class Speaker(Protocol):
    """A photo that is encoded once, and a model to talk about it with.

    Every method that yields asks `stop` at least once a token and returns without a further word
    once it is true. EngineError where the model or the way to it fails.
    """

    @property
    def size(self) -> Size:
        """Of the upright photo, in pixels."""
        ...

    def say(self, history: Sequence[Turn], question: str, *, stop: Stop) -> Iterator[Said]:
        """The answer to `question` after `history`, with the model's own sampling defaults."""
        ...

    def write_box(self, box: Box) -> str:
        """A box as the model writes and reads it."""
        ...

    def read_box(self, text: str) -> Box | None:
        """The first box in a text of the model's; None where four numbers cannot be read."""
        ...

    def sample_boxes(
        self, question: str, *, count: int, aspect: Aspect | None = None, stop: Stop
    ) -> Iterator[Sampled]:
        """Up to `count` boxes for a crop question at temperature 1, the mirrored photo's put back.

        With `aspect`, three sides are drawn and the fourth follows from them, up to rounding;
        boxes that would leave the photo do not come. A model that fails to write boxes yields
        fewer, or none.
        """
        ...

    def preferences(self, question: str, boxes: Sequence[Box], *, stop: Stop) -> tuple[float, ...]:
        """For each box, the log-likelihood of writing it less that on a grey photo (nats).

        Empty where the model cannot be asked for likelihoods, or when stopped.
        """
        ...
