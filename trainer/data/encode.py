"""A sample as a family's model gets it: ids, which of them are learnt, and the photo's pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from numpy.typing import NDArray

from engine import photo
from trainer.data.problem import Fault, Problem
from trainer.data.sample import Sample, written

if TYPE_CHECKING:
    from engine.venus.family import Pixels, Processor

LONG_SIDE: Final = 1024
"""What a language model is shown of a photo, as in the application."""

IGNORED: Final = -100
"""The label of a token that is not learnt."""

See = Callable[[str], NDArray[Any]]
"""The picture that a sample names, where it is no file: (height, width, 3) of uint8, sRGB."""


@dataclass(frozen=True, slots=True)
class Example:
    """One sample, encoded. `labels` are the ids that are learnt, -100 elsewhere; both have the
    length of the sample in tokens.
    """

    sample: str
    ids: tuple[int, ...]
    labels: tuple[int, ...]
    pixels: Pixels

    @property
    def learnt(self) -> int:
        """Tokens that count in the loss: the first token is never predicted."""
        return sum(label != IGNORED for label in self.labels[1:])


def encode(
    sample: Sample, processor: Processor, root: Path, *, max_length: int, see: See | None = None
) -> Example | Problem:
    """Read the photo (or `see` it) and write the turns. Too long a sample loses its end, never its
    photo; one that then has nothing left to learn is a Problem. Raises PhotoError.
    """
    rgb = see(sample.photo) if see else photo.read(root / sample.photo, long_side=LONG_SIDE)
    pixels = processor.pixels(rgb)
    ids, learnt = processor.training(
        written(sample, lambda box: processor.notation.write(box, pixels.seen)), pixels
    )
    labels = [token if counts else IGNORED for token, counts in zip(ids, learnt, strict=True)]
    example = Example(sample.id, tuple(ids[:max_length]), tuple(labels[:max_length]), pixels)
    if len(ids) <= max_length and example.learnt:
        return example
    opening = _before_the_first_answer(sample, processor, pixels)
    if opening >= max_length or example.learnt == 0:
        reason = f"its photo and first question fill {opening} of {max_length} tokens"
        return Problem(sample.id, Fault.TOO_LONG, reason)
    return example


def _before_the_first_answer(sample: Sample, processor: Processor, pixels: Pixels) -> int:
    first = written(sample, lambda box: processor.notation.write(box, pixels.seen))[0]
    return len(processor.prompt((), first.question, pixels))
