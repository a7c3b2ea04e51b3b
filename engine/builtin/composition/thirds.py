"""What lies on a third: the horizon, or the one thing that stands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.composition.quiet import Cells
from engine.builtin.measure.skyline import Skyline
from engine.vocabulary import Line

THIRDS: Final = (1 / 3, 2 / 3)
_LEVEL: Final = 4.0
"""Degrees by which a horizon may lean."""
_CLEAR: Final = 0.6
"""Coherence from which an edge through the whole photo counts as clear."""
_CALMER: Final = 0.75
"""The sky has at most this part of the texture below the horizon ..."""
_LIGHTER: Final = 8.0
_BLUER: Final = 6.0
"""... and is lighter or bluer by at least so many 8-bit levels of Lab."""


@dataclass(frozen=True, slots=True)
class OnThird:
    """Which third line (1 or 2, from the top or the left) and how far off, in fractions."""

    number: int
    away: float


def nearest_third(value: float) -> OnThird:
    """The third line nearest to a place across or down, 0..1."""
    first, second = (abs(value - third) for third in THIRDS)
    return OnThird(1, first) if first <= second else OnThird(2, second)


def horizon(rgb: NDArray[np.uint8], cells: Cells, skyline: Skyline) -> Line | None:
    """The line between sky and land or sea, if the photo shows one: an edge from side to side
    with what is calmer, and lighter or bluer, above it. `rgb` is any copy of the upright photo.
    """
    if skyline.best < _CLEAR or abs(skyline.angle) > _LEVEL:
        return None
    height = (skyline.line.y1 + skyline.line.y2) / 2
    row = round(height * len(cells))
    if not 2 <= row <= len(cells) - 2:
        return None
    small = cv2.resize(rgb, cells.shape[::-1], interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)
    # The row of cells that the horizon runs through belongs to neither side.
    above, below = slice(0, row - 1), slice(row + 1, None)
    if float(cells[above].mean()) > _CALMER * float(cells[below].mean()):
        return None
    lighter, _, yellower = lab[above].mean(axis=(0, 1)) - lab[below].mean(axis=(0, 1))
    return skyline.line if lighter >= _LIGHTER or -yellower >= _BLUER else None
