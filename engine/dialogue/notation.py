"""How a family of models writes boxes, as a value: write one, and read all that stand in a text."""

from __future__ import annotations

from dataclasses import dataclass

from engine.vocabulary import Box, Size


@dataclass(frozen=True, slots=True)
class WrittenBox:
    """A box that stands in a text, with the words it belongs to and its place there."""

    box: Box
    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Notation:
    """What stands before, between and after four numbers, and what the numbers count.

    `scale` is the number that means the whole width or height (1000; 1.0 for fractions, written
    with `decimals`); None for pixels of the picture as the model sees it.
    """

    name: str
    before: str
    separators: tuple[str, str, str]
    after: str
    scale: float | None = 1000
    decimals: int = 0

    def write(self, box: Box, seen: Size) -> str:
        """A box, rounded, never without an area; `seen` is the picture's size for the model."""
        raise NotImplementedError

    def read(self, text: str, seen: Size) -> list[WrittenBox]:
        """Every box in a text, whatever tags and spaces stand around its numbers."""
        raise NotImplementedError
