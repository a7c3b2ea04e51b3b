"""Boxes of a photo, of its mirror image, and of the picture that a model makes of it.

Some families pad a photo to a square or cut a square out of it: `Pixels.frame` is where the photo
lies in that picture, left, top, right, bottom, in fractions of the picture.
"""

from __future__ import annotations

import re
from typing import Final

from engine.dialogue.notation import Notation
from engine.venus.family import Pixels
from engine.vocabulary import Box, Size

Frame = tuple[float, float, float, float]

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_SLIP: Final = 1e-6
"""Fractions by which rounding may put a box outside."""


def in_picture(box: Box, frame: Frame) -> Box:
    """A box of the photo in fractions of the picture; where the picture has less, outside of it."""
    left, top, right, bottom = frame
    across, down = right - left, bottom - top
    return Box(
        left + box.left * across,
        top + box.top * down,
        left + box.right * across,
        top + box.bottom * down,
    )


def in_photo(box: Box, frame: Frame, *, whole: bool = False) -> Box | None:
    """A box of the picture in fractions of the photo, cut to the photo.

    None where nothing of it is on the photo, or, with `whole`, where not all of it is.
    """
    left, top, right, bottom = frame
    across, down = right - left, bottom - top
    edges = (
        (box.left - left) / across,
        (box.top - top) / down,
        (box.right - left) / across,
        (box.bottom - top) / down,
    )
    if whole and (min(edges) < -_SLIP or max(edges) > 1 + _SLIP):
        return None
    x1, y1, x2, y2 = (min(max(edge, 0.0), 1.0) for edge in edges)
    return Box(x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def picture_size(photo: Size, frame: Frame) -> Size:
    """The whole picture in pixels of the photo."""
    left, top, right, bottom = frame
    return Size(
        max(round(photo.width / (right - left)), 1), max(round(photo.height / (bottom - top)), 1)
    )


def mirror(box: Box) -> Box:
    """The same part of the photo after left and right have changed places."""
    return Box(round(1 - box.right, 9), box.top, round(1 - box.left, 9), box.bottom)


def mirrored_question(question: str, notation: Notation, pixels: Pixels) -> str:
    """The question with every box in it mirrored, written as it stood there otherwise."""
    left, _, right, _ = pixels.frame
    units = notation.units(pixels.seen)[0]
    across = units / 10**notation.decimals * (left + right)
    for found in reversed(notation.read(question, pixels.seen)):
        numbers = list(_NUMBER.finditer(question, found.start, found.end))[-4:]
        if len(numbers) < 4:
            continue
        first, third = (float(numbers[place].group()) for place in (0, 2))
        for number, value in ((numbers[2], across - first), (numbers[0], across - third)):
            written = f"{max(value, 0.0):.{notation.decimals}f}"
            question = question[: number.start()] + written + question[number.end() :]
    return question
