"""Minimum barrier distance: the smallest range of colours that a path has to cross.

After Zhang et al., ICCV 2015: what lies on the same background as where the paths start is reached
at little cost; a thing that is set off is not.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE: Final = 96
"""Long side of the copy that is looked at, in pixels."""
_ROUNDS: Final = 2
_UNREACHED: Final = 1e6

Lab = NDArray[np.float32]
"""8-bit Lab about 0 with colours counted twice, (h, w, 3)."""
Barrier = NDArray[np.float32]
"""(h, w), sum over the three planes, in Lab levels."""
Flags = NDArray[np.bool_]


def lab_copy(rgb: NDArray[np.uint8]) -> Lab:
    """A copy of an upright 8-bit sRGB photo, height × width × 3, without specks."""
    height, width = rgb.shape[:2]
    scale = SIDE / max(height, width)
    size = max(3, round(width * scale)), max(3, round(height * scale))
    small = cv2.medianBlur(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), 3)
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)
    lab[:, :, 1:] = (lab[:, :, 1:] - 128) * 2
    return lab


def barriers(lab: Lab, starts: Flags) -> Barrier:
    """How great a range of colours lies between each place and the nearest of the starts."""
    high, low = lab.copy(), lab.copy()
    cost = np.where(starts[:, :, None], 0, _UNREACHED).astype(np.float32).repeat(3, axis=2)
    for _ in range(_ROUNDS):
        for planes in (
            (lab, high, low, cost),
            tuple(np.swapaxes(each, 0, 1) for each in (lab, high, low, cost)),
        ):
            for step in (1, -1):
                _sweep(*(each[::step] for each in planes))
    return np.asarray(cost.sum(axis=2), np.float32)


def _sweep(lab: Lab, high: Lab, low: Lab, cost: Lab) -> None:
    """Carry paths onward row by row, each pixel's from the row before; works in place."""
    for row in range(1, len(lab)):
        new_high = np.maximum(high[row - 1], lab[row])
        new_low = np.minimum(low[row - 1], lab[row])
        new_cost = new_high - new_low
        better = (new_cost < cost[row]) & (cost[row - 1] < _UNREACHED)
        np.copyto(cost[row], new_cost, where=better)
        np.copyto(high[row], new_high, where=better)
        np.copyto(low[row], new_low, where=better)
