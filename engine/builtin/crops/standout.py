"""The area of a photo that stands out most: where it lies, how large it is, how much it holds.

It is what differs from its surroundings near and far and from the photo's border, and lies not too
far from the middle; nothing here knows what the photo shows, so it is never called a subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.crops.posterior import CONTRAST_WEIGHT, RESIDUAL_WEIGHT, Posterior
from engine.builtin.crops.saliency import Map
from engine.vocabulary import Box

_SIDE: Final = 128
"""Long side of the copy that is looked at, in pixels."""
_CELLS: Final = 32
"""The area's box lies on a grid of this many cells each way."""
_MIN_CELLS: Final = 2
_AREA: Final = (0.01, 0.40)
"""What the box may take of the photo."""
_MAX_STRETCH: Final = 5.0
"""How much wider or higher than the photo's own shape the box may be."""
_AREA_POWER: Final = 0.6
"""The box has the largest share of what stands out over area to this power."""
_MIDDLE: Final = 0.33
"""σ of the weight of places about the middle, in widths and heights."""
_BORDER: Final = 0.06
"""The border strip, as a part of the long side."""
_SCALES: Final = ((1 / 40, 1 / 6), (1 / 24, 1 / 4), (1 / 14, 1 / 2.5))
"""σ of the centre and radius of the surround, as parts of the long side."""
_COLOUR_WEIGHT: Final = 2.0
_MIN_RANGE: Final = 3.0
"""Peak less median of the contrast, in Lab units, below which nothing stands out."""

_MIN_DENSITY: Final = 1.05
"""An area with less contrast than this many times the photo's average does not stand out."""


@dataclass(frozen=True, slots=True)
class StandOut:
    """The area that stands out most.

    `box` and `centre` (its centre of weight) are fractions of the photo, `share` is the part of
    all contrast in the photo, 0..1, and `density` how many times more of it there is inside the
    box than in the photo on average.
    """

    box: Box
    centre: tuple[float, float]
    share: float
    density: float


def standout(post: Posterior, rgb: NDArray[np.uint8]) -> StandOut | None:
    """The area that stands out most in an upright 8-bit sRGB copy, height × width × 3, of the
    photo that the posterior is about; None where the photo is as good as even.
    """
    if post.maps.contrast.max() - np.median(post.maps.contrast) < _MIN_RANGE:
        return None
    lab = _lab(rgb)
    rows, columns = lab.shape[:2]
    contrast = _joined(post, columns, rows)
    striking = _unit(contrast) + _unit(_unlike_border(lab)) + _unit(_unlike_surround(lab))
    striking *= _about_the_middle(columns, rows)
    weight = np.maximum(striking - np.median(striking), 0).astype(np.float32)
    box = _densest(weight)
    share = float(post.contrast.inside(np.array([tuple(box)]))[0])
    if share < _MIN_DENSITY * box.area:
        return None
    return StandOut(box, _centre(weight, box), share, share / box.area)


def _lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = rgb.shape[:2]
    factor = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)


def _joined(post: Posterior, columns: int, rows: int) -> Map:
    """Both maps of the posterior as one, with its weights."""
    contrast, residual = (
        cv2.resize(each / max(float(each.mean()), 1e-9), (columns, rows))
        for each in (post.maps.contrast, post.maps.residual)
    )
    joined = CONTRAST_WEIGHT * contrast + RESIDUAL_WEIGHT * residual
    return np.asarray(cv2.GaussianBlur(joined, (0, 0), max(rows, columns) / 64), np.float32)


def _unlike_border(lab: NDArray[np.float32]) -> Map:
    """How far each place is from the colours of three of the four border strips (in their own
    spread, as in Zhang et al., ICCV 2015): the strip that is most unlike may hold the thing.
    """
    smooth = np.asarray(cv2.GaussianBlur(lab, (0, 0), 1.0), dtype=np.float32)
    strip = max(2, round(max(lab.shape[:2]) * _BORDER))
    strips = smooth[:strip], smooth[-strip:], smooth[:, :strip], smooth[:, -strip:]
    apart = np.stack([_unit(_mahalanobis(smooth, each.reshape(-1, 3))) for each in strips])
    return np.asarray(apart.sum(axis=0) - apart.max(axis=0), dtype=np.float32)


def _mahalanobis(lab: NDArray[np.float32], sample: NDArray[np.float32]) -> Map:
    # The 8 keeps one even colour from making every other one infinitely far.
    spread = np.cov(sample.T) + 8 * np.eye(3)
    whiten = np.linalg.cholesky(np.linalg.inv(spread)).astype(np.float32)
    return _length((lab - sample.mean(axis=0)) @ whiten)


def _unlike_surround(lab: NDArray[np.float32]) -> Map:
    """Centre minus surround at several scales: things of every size count."""
    long_side = max(lab.shape[:2])
    total = np.zeros(lab.shape[:2], dtype=np.float32)
    for sigma, radius in _SCALES:
        side = 2 * int(long_side * radius) + 1
        fine = cv2.GaussianBlur(
            lab, (0, 0), max(long_side * sigma, 0.3), borderType=cv2.BORDER_REPLICATE
        )
        apart = fine - cv2.blur(lab, (side, side), borderType=cv2.BORDER_REPLICATE)
        apart[:, :, 1:] *= _COLOUR_WEIGHT
        total += _length(np.asarray(apart, dtype=np.float32))
    return total


def _length(vectors: NDArray[np.float32]) -> Map:
    return np.sqrt(np.einsum("ijk,ijk->ij", vectors, vectors))


def _unit(values: Map) -> Map:
    """From 0 to 1."""
    low, high = float(values.min()), float(values.max())
    return np.asarray((values - low) / max(high - low, 1e-9), dtype=np.float32)


def _about_the_middle(columns: int, rows: int) -> Map:
    x = (np.arange(columns) + 0.5) / columns - 0.5
    y = (np.arange(rows) + 0.5) / rows - 0.5
    away = x[None, :] ** 2 + y[:, None] ** 2
    return np.exp(-away / (2 * _MIDDLE**2)).astype(np.float32)


def _densest(weight: Map) -> Box:
    """The box with the largest share of the weight over area to a power below 1."""
    # Summed cells, not sampled ones: small maps have fewer pixels than the grid has cells.
    enlarged = cv2.resize(weight, (_CELLS * 8, _CELLS * 8), interpolation=cv2.INTER_LINEAR)
    cells = cv2.resize(enlarged, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    table = np.asarray(cv2.integral(cells, sdepth=cv2.CV_32F), dtype=np.float32)
    spans = _spans()
    rows = table[spans[:, 1]] - table[spans[:, 0]]
    value = (rows[:, spans[:, 1]] - rows[:, spans[:, 0]]) * _area_worth()
    row, column = np.unravel_index(int(np.argmax(value)), value.shape)
    (top, bottom), (left, right) = spans[row] / _CELLS, spans[column] / _CELLS
    return Box(float(left), float(top), float(right), float(bottom))


@cache
def _spans() -> NDArray[np.intp]:
    """First and last (exclusive) cell of every run of cells."""
    return np.array(
        [(first, last) for first in range(_CELLS) for last in range(first + _MIN_CELLS, _CELLS + 1)]
    )


@cache
def _area_worth() -> NDArray[np.float32]:
    """What a box's weight is multiplied by, spans of rows × spans of columns; 0 if not allowed."""
    long = (_spans()[:, 1] - _spans()[:, 0]) / _CELLS
    area, stretch = long[:, None] * long[None, :], long[:, None] / long[None, :]
    fine = (area >= _AREA[0]) & (area <= _AREA[1])
    fine &= (stretch <= _MAX_STRETCH) & (stretch >= 1 / _MAX_STRETCH)
    return np.where(fine, area**-_AREA_POWER, 0).astype(np.float32)


def _centre(weight: Map, box: Box) -> tuple[float, float]:
    """The centre of weight inside the box."""
    rows, columns = weight.shape
    x = (np.arange(columns) + 0.5) / columns
    y = (np.arange(rows) + 0.5) / rows
    inside = ((y >= box.top) & (y <= box.bottom))[:, None] & ((x >= box.left) & (x <= box.right))[
        None, :
    ]
    held = np.where(inside, weight, 0)
    total = float(held.sum())
    if total <= 0:
        return box.centre
    return float((held.sum(axis=0) @ x) / total), float((held.sum(axis=1) @ y) / total)
