"""Boxes that make a photo worse, drawn from a seed: to be asked about, never to be learnt.

Three ways to go wrong: LOW_OVERLAP leaves most of every good crop out; CUTTING runs an edge through
the middle of what all good crops keep; LOPSIDED is a strip along one edge of the photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import reduce
from random import Random
from typing import Final

from engine.geometry import iou
from engine.vocabulary import WHOLE, Box

FAR: Final = 0.5
"""The largest overlap (IoU) that a bad box may have with any good one."""

_TRIES: Final = 500


class Wrong(StrEnum):
    """How a box is bad."""

    LOW_OVERLAP = "low_overlap"
    CUTTING = "cutting"
    LOPSIDED = "lopsided"


def bad_box(good: Sequence[Box], wrong: Wrong, random: Random) -> Box | None:
    """A bad box beside `good` ones, none of which it overlaps by more than `FAR`.

    None where no box of this kind is far enough: the good crops leave it no room.
    """
    core = _core(good)
    for _ in range(_TRIES):
        box = _draw(wrong, core, random)
        if all(iou(box, each) <= FAR for each in good):
            return box
    return None


def _core(good: Sequence[Box]) -> Box:
    """What all good crops keep; the first one's middle where they have nothing in common."""

    def shared(one: Box, other: Box) -> Box:
        return Box(
            max(one.left, other.left),
            max(one.top, other.top),
            min(one.right, other.right),
            min(one.bottom, other.bottom),
        )

    try:
        return reduce(shared, good, WHOLE)
    except ValueError:
        first = good[0]
        (x, y), wide, high = first.centre, first.width / 4, first.height / 4
        return Box(x - wide, y - high, x + wide, y + high)


def _draw(wrong: Wrong, core: Box, random: Random) -> Box:
    match wrong:
        case Wrong.LOW_OVERLAP:
            wide, high = random.uniform(0.25, 0.6), random.uniform(0.25, 0.6)
            left, top = random.uniform(0, 1 - wide), random.uniform(0, 1 - high)
            return Box(left, top, left + wide, top + high)
        case Wrong.CUTTING:
            return _cutting(core, random)
        case Wrong.LOPSIDED:
            depth = random.uniform(0.2, 0.4)
            return random.choice(
                (
                    Box(0, 0, depth, 1),
                    Box(1 - depth, 0, 1, 1),
                    Box(0, 0, 1, depth),
                    Box(0, 1 - depth, 1, 1),
                )
            )


def _cutting(core: Box, random: Random) -> Box:
    """A box with one edge within the middle half of the core, the others wide of it."""
    place = random.uniform(0.25, 0.75)
    x, y = core.left + place * core.width, core.top + place * core.height
    near, far = random.uniform(0, 0.3), random.uniform(0.7, 1)
    return random.choice(
        (
            Box(x, min(near, 0.2), 1, far) if x < 0.8 else Box(0, near, x, far),
            Box(0, near, x, far) if x > 0.2 else Box(x, near, 1, far),
            Box(near, y, far, 1) if y < 0.8 else Box(near, 0, far, y),
            Box(near, 0, far, y) if y > 0.2 else Box(near, y, far, 1),
        )
    )
