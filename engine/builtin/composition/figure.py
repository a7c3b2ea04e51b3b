"""The figure of a photo: the one connected thing that its border cannot be led into.

The minimum barrier distance (Zhang et al., ICCV 2015): the smallest range of colours that a path
from the border has to cross. What lies on the background joins the border at little cost; a thing
that stands out does not. Nothing here knows what the thing is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Box

SIDE: Final = 96
"""Long side of the copy that is looked at, in pixels."""
_ROUNDS: Final = 2
_FLOOR: Final = 12.0
"""A barrier of this many Lab levels is the least that parts a thing from its background."""

Flags = NDArray[np.bool_]
Barrier = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """The thing that is set off most from the border.

    flags      (h, w): where it is, on a copy with a long side of `SIDE`
    box        its box, with 2 % of its mass cut off each side
    centre     its centre of weight, fractions of the photo
    area       the part of the photo that it covers, 0..1
    alone      its part of all barrier mass in the photo, 0..1: 1 when nothing else is set off
    barrier    how far it is set off, in Lab levels
    touches    the part of its outline that lies on the photo's border, 0..1
    """

    flags: Flags
    box: Box
    centre: tuple[float, float]
    area: float
    alone: float
    barrier: float
    touches: float


def barriers(rgb: NDArray[np.uint8]) -> Barrier:
    """The minimum barrier distance of each place from the border, in Lab levels (colours twice),
    on a copy with a long side of `SIDE`, of an upright 8-bit sRGB photo, height × width × 3.
    """
    height, width = rgb.shape[:2]
    scale = SIDE / max(height, width)
    size = max(3, round(width * scale)), max(3, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    small = cv2.medianBlur(np.asarray(small, np.uint8), 3)
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)
    lab[:, :, 1:] = (lab[:, :, 1:] - 128) * 2
    high, low = lab.copy(), lab.copy()
    cost = np.full(lab.shape, 1e6, np.float32)
    cost[[0, -1]] = 0
    cost[:, [0, -1]] = 0
    for _ in range(_ROUNDS):
        for turn in (False, True):
            planes = [np.swapaxes(each, 0, 1) if turn else each for each in (lab, high, low, cost)]
            for step in (1, -1):
                _sweep(*(each[::step] for each in planes))
    return np.asarray(cost.sum(axis=2), np.float32)


def _sweep(
    lab: NDArray[np.float32],
    high: NDArray[np.float32],
    low: NDArray[np.float32],
    cost: NDArray[np.float32],
) -> None:
    """Carry paths one row onward at a time, each pixel's from the row before; works in place."""
    for row in range(1, len(lab)):
        new_high = np.maximum(high[row - 1], lab[row])
        new_low = np.minimum(low[row - 1], lab[row])
        new_cost = new_high - new_low
        better = new_cost < cost[row]
        np.copyto(cost[row], new_cost, where=better)
        np.copyto(high[row], new_high, where=better)
        np.copyto(low[row], new_low, where=better)


def figure(rgb: NDArray[np.uint8]) -> Figure | None:
    """The figure of an upright 8-bit sRGB photo, or None where nothing is set off."""
    barrier = barriers(rgb)
    strongest = float(np.percentile(barrier, 99.5))
    if strongest < _FLOOR:
        return None
    flags = barrier > max(0.5 * strongest, _FLOOR)
    closed = cv2.morphologyEx(flags.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, marks = cv2.connectedComponents(closed, connectivity=8)
    mass = np.bincount(marks.ravel(), weights=barrier.ravel(), minlength=count)
    mass[0] = 0
    best = int(np.argmax(mass))
    own = np.asarray(marks == best)
    return Figure(
        own,
        _box(own),
        _centre(own),
        float(own.mean()),
        float(mass[best] / max(float(np.maximum(barrier - _FLOOR / 2, 0).sum()), 1e-6)),
        float(barrier[own].mean()),
        _touches(own),
    )


def _box(flags: Flags) -> Box:
    rows, columns = flags.shape
    edges = []
    for axis, count in ((0, columns), (1, rows)):
        run = np.cumsum(flags.sum(axis=axis)) / flags.sum()
        first, last = int(np.searchsorted(run, 0.02)), int(np.searchsorted(run, 0.98)) + 1
        edges.append((first / count, min(last, count) / count))
    (left, right), (top, bottom) = edges
    return Box(left, top, right, bottom)


def _centre(flags: Flags) -> tuple[float, float]:
    rows, columns = np.nonzero(flags)
    return (
        float((columns.mean() + 0.5) / flags.shape[1]),
        float((rows.mean() + 0.5) / flags.shape[0]),
    )


def _touches(flags: Flags) -> float:
    inner = np.asarray(cv2.erode(flags.astype(np.uint8), np.ones((3, 3), np.uint8)), np.bool_)
    outline = flags & ~inner
    edge = np.zeros_like(flags)
    edge[[1, -2]] = True
    edge[:, [1, -2]] = True
    return float((outline & edge).sum() / max(outline.sum(), 1))
