"""The figure of a photo: the one connected thing that is set off most from the photo's border.

Nothing here knows what the thing is; where the background itself is full of contrast, it may be
any part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from engine.builtin.composition.barrier import Flags, Lab, barriers
from engine.vocabulary import Box

_FLOOR: Final = 12.0
"""A barrier of this many Lab levels is the least that parts a thing from its background."""
_TAIL: Final = 0.02
"""The part of a figure's mass that its box leaves out on each side: thin branches, specks."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """The thing that is set off most from the border.

    flags    (h, w): where it is
    box      around nearly all of it
    centre   its centre of weight, fractions of the photo
    area     the part of the photo that it covers, 0..1
    barrier  how far it is set off, in Lab levels
    """

    flags: Flags
    box: Box
    centre: tuple[float, float]
    area: float
    barrier: float


def figure(lab: Lab) -> Figure | None:
    """The figure of a `barrier.lab_copy`, or None where nothing is set off."""
    border = np.ones(lab.shape[:2], np.bool_)
    border[1:-1, 1:-1] = False
    barrier = barriers(lab, border)
    strongest = float(np.percentile(barrier, 99.5))
    if strongest < _FLOOR:
        return None
    flags = barrier > max(0.5 * strongest, _FLOOR)
    closed = cv2.morphologyEx(flags.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, marks = cv2.connectedComponents(closed, connectivity=8)
    mass = np.bincount(marks.ravel(), weights=barrier.ravel(), minlength=count)
    mass[0] = 0
    own = np.asarray(marks == int(np.argmax(mass)), np.bool_)
    return Figure(own, _box(own), _centre(own), float(own.mean()), float(barrier[own].mean()))


def _box(flags: Flags) -> Box:
    rows, columns = flags.shape
    edges = []
    for axis, count in ((0, columns), (1, rows)):
        run = np.cumsum(flags.sum(axis=axis)) / flags.sum()
        first = int(np.searchsorted(run, _TAIL))
        last = int(np.searchsorted(run, 1 - _TAIL)) + 1
        edges.append((first / count, min(last, count) / count))
    (left, right), (top, bottom) = edges
    return Box(left, top, right, bottom)


def _centre(flags: Flags) -> tuple[float, float]:
    rows, columns = np.nonzero(flags)
    return (
        float((columns.mean() + 0.5) / flags.shape[1]),
        float((rows.mean() + 0.5) / flags.shape[0]),
    )
