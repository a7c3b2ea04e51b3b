"""How probable each crop is, and the overlap with it that any box may expect.

The recipe and every constant were measured on half of FLMS (Fang et al., 2014), and are not tuned
further: the choice is the box with the largest expected overlap, not the most probable one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.builtin.crops.saliency import Maps, Shares, maps, shares
from engine.geometry import to_photo
from engine.vocabulary import Box, Crop, Size

Boxes = NDArray[np.float64]
"""N × 4: left, top, right, bottom as fractions of the photo."""

CONTRAST_WEIGHT: Final = 0.8
RESIDUAL_WEIGHT: Final = 0.2
_AREA_COST: Final = 0.40
_TIGHTER_COST: Final = 0.45
"""What a full wish for tighter crops adds to the cost of area."""
_TEMPERATURE: Final = 0.045
_MAX_TRIM: Final = 0.40
_MIN_AREA: Final = 0.30
_MAX_ASPECT_CHANGE: Final = 1.9
_COARSE_STEPS: Final = 10
_FINE_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Posterior:
    """What stands out in one photo and what that says about its crops.

    `probability` has one value for each of `hypotheses()`.
    """

    maps: Maps
    contrast: Shares
    residual: Shares
    probability: NDArray[np.float32]


def posterior(rgb: NDArray[np.uint8]) -> Posterior:
    """From an upright 8-bit sRGB photo, height × width × 3, at any size from 1 × 1."""
    found = maps(rgb)
    contrast, residual = shares(found.contrast), shares(found.residual)
    return Posterior(found, contrast, residual, _probability(contrast, residual, _AREA_COST))


def tightened(post: Posterior, tighter: float) -> Posterior:
    """The same photo for someone who likes tighter crops: 0 changes nothing, 1 the most."""
    cost = _AREA_COST + _TIGHTER_COST * min(max(tighter, 0.0), 1.0)
    probability = _probability(post.contrast, post.residual, cost)
    return Posterior(post.maps, post.contrast, post.residual, probability)


def _probability(contrast: Shares, residual: Shares, cost: float) -> NDArray[np.float32]:
    boxes = hypotheses()
    value = (
        CONTRAST_WEIGHT * contrast.inside(boxes)
        + RESIDUAL_WEIGHT * residual.inside(boxes)
        - cost * areas(boxes)
    )
    weight = np.exp((value - value.max()) / _TEMPERATURE)
    return (weight / weight.sum()).astype(np.float32)


def expected_overlap(post: Posterior, boxes: Boxes) -> NDArray[np.float32]:
    """The expected IoU of each box with the crop that a person would draw, 0..1."""
    return overlaps(boxes, hypotheses()) @ post.probability


def score(post: Posterior, box: Box) -> float:
    """The expected IoU, 0..1, of any box; comparable within one photo only."""
    return float(expected_overlap(post, as_array([box]))[0])


def crop_score(post: Posterior, crop: Crop, size: Size) -> float:
    """The expected IoU, 0..1, of any crop of a photo of `size`; a turned one counts as the upright
    box of its size about the same place of the photo.
    """
    if crop.angle == 0:
        return score(post, crop.box)
    x, y = to_photo(crop.box.centre, crop.angle, size)
    half_w, half_h = crop.box.width / 2, crop.box.height / 2
    return score(post, Box(x - half_w, y - half_h, x + half_w, y + half_h))


def as_array(boxes: Iterable[Box]) -> Boxes:
    """Boxes as one array."""
    return np.array([tuple(box) for box in boxes], dtype=np.float64).reshape(-1, 4)


def areas(boxes: Boxes) -> NDArray[np.float64]:
    """The area of each box as a fraction of the photo."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def overlaps(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """IoU of every box of the first with every box of the second, N × M."""
    a, b = first[:, None, :].astype(np.float32), second[None, :, :].astype(np.float32)
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    union = areas(first)[:, None].astype(np.float32) + areas(second).astype(np.float32) - shared
    return np.asarray(shared / union, dtype=np.float32)


@cache
def hypotheses() -> Boxes:
    """The 337 crops, in steps of a tenth, that the posterior is about."""
    return _grid(_COARSE_STEPS)


@cache
def candidates() -> Boxes:
    """The 3,721 crops, in steps of a twentieth, from which an answer is chosen."""
    return _grid(_FINE_STEPS)


@cache
def candidate_overlaps() -> NDArray[np.float32]:
    """IoU of every candidate with every hypothesis, 3,721 × 337: made once a process."""
    return overlaps(candidates(), hypotheses())


def _grid(steps: int) -> Boxes:
    """Boxes in steps of 1/steps: each side trims at most 40 %, the area is at least 0.30 and the
    ratio changes less than 1.9 times.
    """
    trims = range(round(_MAX_TRIM * steps) + 1)
    boxes = np.array(
        [
            (left, top, steps - right, steps - bottom)
            for left, top, right, bottom in product(trims, repeat=4)
        ],
        dtype=np.float64,
    )
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    large = wide * high >= _MIN_AREA * steps * steps - 1e-9
    change = np.maximum(wide / high, high / wide)
    return boxes[large & (change < _MAX_ASPECT_CHANGE)] / steps
