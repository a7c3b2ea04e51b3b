"""Where a photo is quiet: texture by cells, and the empty strip along a side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Box

SIDE: Final = 256
CELLS: Final = 48
"""Cells along the long side."""

_QUIET: Final = 4.5
"""Nineteen of twenty cells of an empty strip have less texture than this ..."""
_BROKEN: Final = 8.0
_MAY_BREAK: Final = 0.01
"""... and hardly any has more than that: a tower that reaches into the sky uses it."""
_FAINT: Final = 0.46
"""The contrast with the surroundings in an empty strip, in parts of the photo's mean."""
_HAZE: Final = 4.0
"""Added to that mean, in Lab levels, so that a photo without any contrast has no empty side."""

Cells = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Strip:
    """The empty part along one side: its name, its box, its part of the width or height, and the
    contrast in it, in parts of the photo's mean.
    """

    side: str
    box: Box
    depth: float
    contrast: float


def texture(rgb: NDArray[np.uint8]) -> Cells:
    """Mean gradient of each cell, (rows, columns), in 8-bit Lab levels a pixel, of an upright
    8-bit sRGB photo, height × width × 3.
    """
    height, width = rgb.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)
    power = np.zeros(lab.shape[:2], np.float32)
    for plane in cv2.split(lab):
        across = cv2.Sobel(plane, cv2.CV_32F, 1, 0, ksize=3, scale=0.25)
        down = cv2.Sobel(plane, cv2.CV_32F, 0, 1, ksize=3, scale=0.25)
        power += across**2 + down**2
    long = max(size)
    grid = max(2, round(CELLS * size[0] / long)), max(2, round(CELLS * size[1] / long))
    return np.asarray(cv2.resize(np.sqrt(power), grid, interpolation=cv2.INTER_AREA), np.float32)


def emptiest(cells: Cells, contrast: NDArray[np.float32]) -> Strip | None:
    """The deepest empty strip along a side, from `texture` and the contrast map of
    `engine.builtin.crops.saliency`; None where no side has one.
    """
    rows, columns = cells.shape
    local = cv2.resize(contrast, (columns, rows), interpolation=cv2.INTER_AREA)
    local = np.asarray(local, np.float32) / (float(local.mean()) + _HAZE)
    found = [
        strip
        for side in ("left", "top", "right", "bottom")
        if (strip := _strip(side, _from_side(cells, side), _from_side(local, side))) is not None
    ]
    return max(found, key=lambda each: each.depth, default=None)


def _from_side(cells: Cells, side: str) -> Cells:
    """The cells with the given side as the first row."""
    return {"left": cells.T, "right": cells.T[::-1], "top": cells, "bottom": cells[::-1]}[side]


def _strip(side: str, cells: Cells, contrast: Cells) -> Strip | None:
    for count in range(len(cells) - 1, 1, -1):
        part, faint = cells[:count], float(contrast[:count].mean())
        if faint > _FAINT or np.percentile(part, 95) > _QUIET:
            continue
        if (part > _BROKEN).mean() > _MAY_BREAK:
            continue
        depth = count / len(cells)
        box = {
            "left": Box(0.0, 0.0, depth, 1.0),
            "right": Box(1 - depth, 0.0, 1.0, 1.0),
            "top": Box(0.0, 0.0, 1.0, depth),
            "bottom": Box(0.0, 1 - depth, 1.0, 1.0),
        }[side]
        return Strip(side, box, depth, faint)
    return None
