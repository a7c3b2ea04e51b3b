"""Means over photos with their 95 % intervals, by the percentile bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 10_000
_TOGETHER: Final = 500
"""Resamples that are drawn at once, to bound memory."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over `count` photos and the bounds between which 95 % of resampled means lie."""

    mean: float
    low: float
    high: float
    count: int


def intervals(
    columns: NDArray[np.float64], *, seed: int = 0, resamples: int = RESAMPLES
) -> list[Interval | None]:
    """One interval for each column of (photos, columns), photos drawn alike for all of them.

    NaN says that a photo has no value in a column; None comes where none has. A column of
    differences gives the interval of a paired difference.
    """
    width = columns.shape[1]
    there = np.isfinite(columns)
    if not there.any():
        return [None] * width
    filled = np.where(there, columns, 0.0)
    rng = np.random.default_rng(seed)
    means = np.concatenate(
        [
            _resampled(filled, there, rng, min(_TOGETHER, resamples - begin))
            for begin in range(0, resamples, _TOGETHER)
        ]
    )
    found: list[Interval | None] = []
    for column in range(width):
        count = int(there[:, column].sum())
        if count == 0:
            found.append(None)
            continue
        drawn = means[np.isfinite(means[:, column]), column]
        low, high = np.percentile(drawn, (2.5, 97.5))
        mean = float(filled[:, column].sum() / count)
        found.append(Interval(mean, float(low), float(high), count))
    return found


def _resampled(
    filled: NDArray[np.float64], there: NDArray[np.bool_], rng: np.random.Generator, count: int
) -> NDArray[np.float64]:
    """The means (count, columns) of photos drawn with replacement; NaN where none has a value."""
    photos = len(filled)
    drawn = rng.integers(0, photos, (count, photos)) + photos * np.arange(count)[:, None]
    times = np.bincount(drawn.ravel(), minlength=count * photos).reshape(count, photos)
    weights = times.astype(np.float64)
    seen = weights @ there
    return np.where(seen > 0, weights @ filled / np.where(seen > 0, seen, 1), np.nan)
