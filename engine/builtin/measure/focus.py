"""How sharp a photo is, where, and in which direction it is smeared.

The luma is reduced to a fixed long side, so that blur is measured against the frame, as a viewer
meets it, whatever the number of pixels. A pyramid of band-passed copies gives, for each tile and
each direction, how much fine detail there is against coarser detail. An ideal edge blurred by a
known amount turns that ratio into a blur in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE: Final = 768
"""Long side of the measured copy, in pixels."""

TILE: Final = 48
"""Side of a tile of the map, in pixels of the measured copy."""

DIRECTIONS: Final = 12
"""Directions in half a turn; direction k lies k · 180 / DIRECTIONS degrees clockwise of right."""

_LEVELS: Final = 4
_QUIET: Final = 3.0
"""Energy (grey levels²) of the coarser bands under which a tile holds nothing to judge."""

_ROUNDING: Final = 0.02
"""Energy (grey levels²) that rounding to whole grey levels leaves in a band."""


@dataclass(frozen=True, slots=True, eq=False)
class Focus:
    """Sharpness of the whole photo. Blur is the σ of a Gaussian, in % of the long side.

    blur          of the sharpest tenth of the judged tiles, over all directions
    blur_worst    the same along the direction in which it is worst
    blur_best     the same along the direction in which it is best
    direction     that worst direction, degrees clockwise from horizontal, 0..180
    typical_blur  of the middle tile
    map           (rows, columns) float32 of blur for each tile; NaN where there is nothing to judge
    judged        share of the tiles that can be judged, 0..1
    fine          log2 of the finest band's energy against the next one's: along the worst and the
                  best direction, then the 98th, 90th, 75th and 50th percentile of the tiles
    coarse        the same for that next band against the one after it
    """

    blur: float
    blur_worst: float
    blur_best: float
    direction: float
    typical_blur: float
    map: NDArray[np.float32]
    judged: float
    fine: tuple[float, ...]
    coarse: tuple[float, ...]


def focus(luma: NDArray[np.uint8]) -> Focus:
    """Measure the reduced luma of a photo, (h, w) uint8 with a long side of at most `SIDE`."""
    fine, coarse, coarser, coarsest = band_tensors(luma)
    judged = _along(coarse, None) + _along(coarser, None) + _along(coarsest, None) > _QUIET
    ratios = _log_ratio(_along(fine, None), _along(coarse, None))
    per_side = 100 / max(luma.shape)
    blur_map = np.where(judged, blur_of(ratios), np.nan).astype(np.float32) * per_side
    if not judged.any():
        nothing = float("nan")
        return Focus(nothing, nothing, nothing, 0.0, nothing, blur_map, 0.0, (), ())
    fine, coarse, coarser = fine[judged], coarse[judged], coarser[judged]
    by_direction = [_sharpest(_along(fine, k), _along(coarse, k)) for k in range(DIRECTIONS)]
    worst, best = int(np.argmin(by_direction)), int(np.argmax(by_direction))
    next_ratios = _log_ratio(_along(coarse, None), _along(coarser, None))
    sharp_ratio, middle_ratio = (float(v) for v in np.percentile(ratios[judged], (90, 50)))
    return Focus(
        blur=float(blur_of(sharp_ratio)) * per_side,
        blur_worst=float(blur_of(by_direction[worst])) * per_side,
        blur_best=float(blur_of(by_direction[best])) * per_side,
        direction=worst * 180 / DIRECTIONS,
        typical_blur=float(blur_of(middle_ratio)) * per_side,
        map=blur_map,
        judged=float(judged.mean()),
        fine=(by_direction[worst], by_direction[best], *_quantiles(ratios[judged])),
        coarse=(
            _sharpest(_along(coarse, worst), _along(coarser, worst)),
            _sharpest(_along(coarse, best), _along(coarser, best)),
            *_quantiles(next_ratios),
        ),
    )


def _sharpest(fine: NDArray[np.float32], coarse: NDArray[np.float32]) -> float:
    """90th percentile over the tiles of the ratio of two bands."""
    return float(np.percentile(_log_ratio(fine, coarse), 90))


def _quantiles(ratios: NDArray[np.float32]) -> tuple[float, ...]:
    return tuple(float(v) for v in np.percentile(ratios, (98, 90, 75, 50)))


def band_tensors(luma: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """The structure tensor of each band of the pyramid, averaged over each tile.

    Returns a list from fine to coarse of (rows, columns, 3) float32: the means of gx², gx·gy, gy²
    of the band-passed copy, in grey levels² per pixel² of that level.
    """
    columns = max(1, round(luma.shape[1] / TILE))
    rows = max(1, round(luma.shape[0] / TILE))
    level = luma.astype(np.float32)
    tensors = []
    for _ in range(_LEVELS):
        smooth = cv2.GaussianBlur(level, (5, 5), 1.0)
        band = level - np.asarray(smooth)
        gx = np.asarray(cv2.Scharr(band, cv2.CV_32F, 1, 0, scale=1 / 32))
        gy = np.asarray(cv2.Scharr(band, cv2.CV_32F, 0, 1, scale=1 / 32))
        products = cv2.merge([gx * gx, gx * gy, gy * gy])
        tile = cv2.resize(products, (columns, rows), interpolation=cv2.INTER_AREA)
        tensors.append(np.asarray(tile, np.float32).reshape(rows, columns, 3))
        level = np.asarray(cv2.pyrDown(level), np.float32)
    return tensors


def blur_of(ratio: NDArray[np.floating] | float) -> NDArray[np.float64]:
    """σ in pixels of the measured copy of an edge with this log2 ratio of fine to coarse detail."""
    ratios, sigmas = _edge_table()
    return np.asarray(np.interp(ratio, ratios, sigmas), np.float64)


@lru_cache(maxsize=1)
def _edge_table() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ratios, rising, and the σ in pixels of an ideal vertical edge with each."""
    sigmas = np.geomspace(6.0, 0.3, 24)
    step = np.repeat(np.array([60.0, 180.0], np.float32), 96)
    ratios = []
    for sigma in sigmas:
        row = cv2.GaussianBlur(step[None, :], (0, 0), float(sigma), borderType=cv2.BORDER_REPLICATE)
        picture = np.repeat(np.asarray(row, np.float32), 96, axis=0)
        sums = [tensor[..., 0].sum() for tensor in band_tensors(picture)[:2]]
        ratios.append(np.log2(sums[0] / sums[1]))
    return np.maximum.accumulate(np.array(ratios, np.float64)), sigmas


def _along(tensor: NDArray[np.float32], direction: int | None) -> NDArray[np.float32]:
    """Energy along a direction; over all of them for None."""
    if direction is None:
        return tensor[..., 0] + tensor[..., 2]
    angle = np.pi * direction / DIRECTIONS
    c, s = float(np.cos(angle)), float(np.sin(angle))
    return tensor[..., 0] * c * c + 2 * c * s * tensor[..., 1] + tensor[..., 2] * s * s


def _log_ratio(fine: NDArray[np.float32], coarse: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.log2((fine + _ROUNDING) / (coarse + _ROUNDING), dtype=np.float32)
