"""The area of a photo that stands out most: where it lies, how large it is, how much it holds.

It is what differs from its surroundings, by light, colour and detail; nothing here knows what the
photo shows, so it is never called a subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.posterior import CONTRAST_WEIGHT, RESIDUAL_WEIGHT, Posterior
from engine.builtin.saliency import Map
from engine.vocabulary import Box

_SMOOTH: Final = 1 / 40
"""σ of the smoothing, as a part of the long side: smaller things do not make an area."""
_LEVEL: Final = 0.5
"""An area reaches down to this part of its peak above the median of the map."""
_TRIM: Final = 0.03
"""What a box leaves out at each side, as a share of the area's weight: thin tails."""
_MIN_RANGE: Final = 3.0
"""Peak less median of the contrast, in Lab units, below which nothing stands out."""


@dataclass(frozen=True, slots=True)
class StandOut:
    """The area that stands out most.

    `box` and `centre` (its centre of weight) are fractions of the photo, `share` is the part of
    all that stands out in the photo, 0..1, and `density` how many times more of it there is
    inside the box than in the photo on average.
    """

    box: Box
    centre: tuple[float, float]
    share: float
    density: float


def standout(post: Posterior) -> StandOut | None:
    """The area that stands out most, or None where the photo is as good as even."""
    if post.maps.contrast.max() - np.median(post.maps.contrast) < _MIN_RANGE:
        return None
    weight = _joined(post)
    smooth = cv2.GaussianBlur(weight, (0, 0), max(weight.shape) * _SMOOTH)
    area = _strongest(np.asarray(smooth, dtype=np.float32))
    box, centre = _extent(np.where(area, weight, np.float32(0)))
    share = _share_inside(weight, box)
    return StandOut(box, centre, share, share / box.area)


def _joined(post: Posterior) -> Map:
    """Both maps at the size of the first, each with its weight, adding up to 1."""
    contrast = post.maps.contrast
    rows, columns = contrast.shape
    residual = cv2.resize(post.maps.residual, (columns, rows), interpolation=cv2.INTER_LINEAR)
    joined = CONTRAST_WEIGHT * _normal(contrast) + RESIDUAL_WEIGHT * _normal(
        np.asarray(residual, dtype=np.float32)
    )
    return np.asarray(joined, dtype=np.float32)


def _normal(values: Map) -> Map:
    total = float(values.sum())
    even = np.full_like(values, 1 / values.size)
    return np.asarray(values / total, dtype=np.float32) if total > 0 else even


def _strongest(smooth: Map) -> NDArray[np.bool_]:
    """The connected area with the most weight, of those that reach half of the peak."""
    floor = float(np.median(smooth))
    level = floor + _LEVEL * (float(smooth.max()) - floor)
    _, labels = cv2.connectedComponents((smooth >= level).astype(np.uint8))
    weights = np.bincount(labels.ravel(), weights=(smooth - floor).ravel())
    weights[0] = -np.inf
    return labels == int(np.argmax(weights))


def _extent(weight: Map) -> tuple[Box, tuple[float, float]]:
    """The box around an area without its thin tails, and the area's centre of weight."""
    rows, columns = weight.shape
    left, right, x = _span(weight.sum(axis=0))
    top, bottom, y = _span(weight.sum(axis=1))
    box = Box(left / columns, top / rows, right / columns, bottom / rows)
    return box, (x / columns, y / rows)


def _span(profile: NDArray[np.float32]) -> tuple[int, int, float]:
    """First, last (exclusive) and mean position of a profile, less its tails."""
    total = np.cumsum(profile, dtype=np.float64)
    total /= total[-1]
    first = int(np.searchsorted(total, _TRIM))
    last = int(np.searchsorted(total, 1 - _TRIM)) + 1
    mean = float(np.average(np.arange(profile.size) + 0.5, weights=profile))
    return first, min(last, profile.size), mean


def _share_inside(weight: Map, box: Box) -> float:
    rows, columns = weight.shape
    left, right = round(box.left * columns), round(box.right * columns)
    top, bottom = round(box.top * rows), round(box.bottom * rows)
    return float(weight[top:bottom, left:right].sum() / weight.sum())
