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

_LARGE: Final = 1.4
"""Blur in pixels from which the second band tells it better than the finest."""

_ROUNDING: Final = 0.02
"""Energy (grey levels²) that rounding to whole grey levels leaves in a band."""


@dataclass(frozen=True, slots=True, eq=False)
class Focus:
    """Sharpness of the whole photo. Blur is the σ of a Gaussian, in % of the long side.

    blur          of the sharpest tenth of the judged tiles, over all directions
    blur_worst    the same along the direction in which it is worst
    blur_best     the same along the direction in which it is best
    uneven        how much more the second band lacks along the worst direction than along the best,
                  log2: large for motion, small for defocus
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
    uneven: float
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
    next_ratios = _log_ratio(_along(coarse, None), _along(coarser, None))
    per_side = 100 / max(luma.shape)
    blur_map = np.where(judged, blur_of(ratios, next_ratios), np.nan).astype(np.float32) * per_side
    if not judged.any():
        nothing = float("nan")
        return Focus(nothing, nothing, nothing, 0.0, 0.0, nothing, blur_map, 0.0, (), ())
    fine, coarse, coarser = fine[judged], coarse[judged], coarser[judged]
    by_direction = [_sharpest(_along(fine, k), _along(coarse, k)) for k in range(DIRECTIONS)]
    worst, best = int(np.argmin(by_direction)), int(np.argmax(by_direction))
    next_worst, next_best = (
        _sharpest(_along(coarse, k), _along(coarser, k)) for k in (worst, best)
    )
    finest, finer = _quantiles(ratios[judged]), _quantiles(next_ratios[judged])
    return Focus(
        blur=float(blur_of(finest[1], finer[1])) * per_side,
        blur_worst=float(blur_of(by_direction[worst], next_worst)) * per_side,
        blur_best=float(blur_of(by_direction[best], next_best)) * per_side,
        uneven=next_best - next_worst,
        direction=worst * 180 / DIRECTIONS,
        typical_blur=float(blur_of(finest[3], finer[3])) * per_side,
        map=blur_map,
        judged=float(judged.mean()),
        fine=(by_direction[worst], by_direction[best], *finest),
        coarse=(next_worst, next_best, *finer),
    )


def _sharpest(fine: NDArray[np.float32], coarse: NDArray[np.float32]) -> float:
    """90th percentile over the tiles of the ratio of two bands."""
    return float(np.percentile(_log_ratio(fine, coarse), 90))


def _quantiles(ratios: NDArray[np.float32]) -> tuple[float, ...]:
    return tuple(float(v) for v in np.percentile(ratios, (98, 90, 75, 50)))


def band_tensors(luma: NDArray[np.uint8] | NDArray[np.float32]) -> list[NDArray[np.float32]]:
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


def blur_of(
    fine: NDArray[np.floating] | float, coarse: NDArray[np.floating] | float
) -> NDArray[np.float64]:
    """σ in pixels of the measured copy of an edge with these log2 ratios of neighbouring bands.

    The finest band tells small blurs; it is empty of all but rounding for large ones, which the
    next band tells.
    """
    sigmas, fine_ratios, coarse_ratios = _edge_table()
    small = np.interp(fine, fine_ratios, sigmas)
    large = np.interp(coarse, coarse_ratios, sigmas)
    return np.asarray(np.where(large < _LARGE, np.minimum(small, _LARGE), large), np.float64)


@lru_cache(maxsize=1)
def _edge_table() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """σ in pixels, falling, and the two rising ratios of an ideal upright edge with each."""
    sigmas = np.geomspace(6.0, 0.3, 32)
    step = np.repeat(np.array([60.0, 180.0], np.float32), 96)
    ratios = []
    for sigma in sigmas:
        row = cv2.GaussianBlur(step[None, :], (0, 0), float(sigma), borderType=cv2.BORDER_REPLICATE)
        picture = np.repeat(np.asarray(row, np.float32), 96, axis=0)
        fine, coarse, coarser = (tensor[..., 0].sum() for tensor in band_tensors(picture)[:3])
        ratios.append((np.log2(fine / coarse), np.log2(coarse / coarser)))
    rising = np.maximum.accumulate(np.array(ratios, np.float64), axis=0)
    return sigmas, rising[:, 0], rising[:, 1]


def _along(tensor: NDArray[np.float32], direction: int | None) -> NDArray[np.float32]:
    """Energy along a direction; over all of them for None."""
    if direction is None:
        return tensor[..., 0] + tensor[..., 2]
    angle = np.pi * direction / DIRECTIONS
    c, s = float(np.cos(angle)), float(np.sin(angle))
    along = tensor @ np.array([c * c, 2 * c * s, s * s], np.float32)
    return np.asarray(along, np.float32)


def _log_ratio(fine: NDArray[np.float32], coarse: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.log2((fine + _ROUNDING) / (coarse + _ROUNDING), dtype=np.float32)
