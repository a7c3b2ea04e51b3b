"""Ranked crops from a model's posterior: the safest first, then those that add most to it.

The choice is the crop with the largest expected overlap; each further one adds most to the overlap
that the best of all of them may expect where the posterior is dense (cropping by minimum Bayes
risk, as the built-in engine does it). Nothing is offered that the model's own boxes do not support.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.builtin.crops.pool import allowed
from engine.builtin.crops.posterior import Boxes, areas, as_array, candidates, overlaps
from engine.dialogue.posterior import Posterior
from engine.geometry import snapped
from engine.vocabulary import WHOLE, Box, Purpose, Question, Size

MAX_CROPS: Final = 5
SAME: Final = 0.7
"""Two crops that overlap by this much need different purposes."""
ALIKE: Final = 0.85
"""Two crops that overlap by this much are one, whatever they are for."""

_MIN_GAIN: Final = 0.003
"""A crop whose expected overlap is not above the whole frame's by this much gains nothing."""
_MIN_ADDED: Final = 0.01
"""A further crop adds at least this much to the overlap that the best may expect."""
_MIN_SUPPORT: Final = 0.08
"""The share of the model's boxes that must be clearly nearer to a further crop than to the earlier
ones: of 32 boxes, three."""
_NEARER: Final = 0.05
_BOLD_AREA: Final = 0.8
"""A tighter crop has at most this part of the first one's area."""
_SQUARISH: Final = 1.15
"""Photos and crops closer to square than this have no orientation."""
_QUANTILES: Final = 6
"""Of each edge of the model's boxes; a crop may have any four of them."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A crop on whole pixels, what it is for, its expected overlap (None where the model gave one
    box only), and the share of the model's boxes that are nearest to it.
    """

    box: Box
    purpose: Purpose
    score: float | None
    share: float


def is_request(question: Question) -> bool:
    """Whether something special is asked: a ratio, a region to keep or to leave out."""
    return any((question.aspect, question.keep, question.avoid))


def proposals(posterior: Posterior, question: Question) -> tuple[Proposal, ...]:
    """One to five crops as the question wants them, fewer where no more are worth it.

    All lie in the photo, meet the ratio in whole pixels and the regions to keep and to leave out.
    Raises pool.NoSuchCrop if no crop can be as it was asked for.
    """
    boxes = _choice(posterior, question)
    near = overlaps(boxes, posterior.boxes).astype(np.float64)
    weights = posterior.weights(question.tighter)
    chosen = [int(np.argmax(near @ weights))]
    if not is_request(question) and _gains_nothing(posterior, boxes[chosen[0]], weights):
        score = None if posterior.count == 1 else float(posterior.expected(as_array([WHOLE]))[0])
        return (Proposal(WHOLE, Purpose.WHOLE_PHOTO, score, 1.0),)
    purposes = _purposes(boxes, chosen[0], posterior.size, question)
    count = min(max(question.count or MAX_CROPS, 1), MAX_CROPS)
    eager = weights * posterior.density(weights)
    eager /= eager.sum()
    while len(chosen) < count:
        best = near[chosen].max(axis=0)
        added = np.maximum(near - best, 0) @ eager
        support = (near > best + _NEARER) @ weights
        fits = _apart(boxes, purposes, chosen) & (support >= _MIN_SUPPORT) & (added >= _MIN_ADDED)
        if not fits.any():
            break
        chosen.append(int(np.argmax(np.where(fits, added, -1.0))))
    nearest = near[chosen].argmax(axis=0)
    return tuple(
        Proposal(
            Box(*boxes[index].tolist()),
            purposes[index],
            None if posterior.count == 1 else float(near[index].mean()),
            float(weights[nearest == rank].sum()),
        )
        for rank, index in enumerate(chosen)
    )


def _gains_nothing(
    posterior: Posterior, box: NDArray[np.float64], weights: NDArray[np.float64]
) -> bool:
    best, whole = overlaps(np.stack([box, np.array(tuple(WHOLE))]), posterior.boxes) @ weights
    return bool(best < whole + _MIN_GAIN)


def _apart(boxes: Boxes, purposes: list[Purpose], chosen: list[int]) -> NDArray[np.bool_]:
    """Which boxes are clearly another crop than each of those chosen."""
    shared = overlaps(boxes, boxes[chosen])
    same = np.array([[mine is purposes[index] for index in chosen] for mine in purposes])
    return np.all(shared < np.where(same, SAME, ALIKE), axis=1)


# ── what they are for ────────────────────────────────────────────────────────────────────────────


def _purposes(boxes: Boxes, first: int, size: Size, question: Question) -> list[Purpose]:
    """What each box would be for, beside the first one."""
    asked = is_request(question)
    plain = Purpose.REQUESTED if asked else Purpose.SAFE
    small = areas(boxes) <= _BOLD_AREA * areas(boxes[[first]])[0]
    wide = boxes[:, 2] - boxes[:, 0]
    high = boxes[:, 3] - boxes[:, 1]
    turned = _orientation(wide / high * size.width / size.height)
    other = turned * _orientation(np.array([size.width / size.height])) < 0
    found = [Purpose.TIGHTER if each else plain for each in small]
    if not asked:
        for index in np.flatnonzero(other & (other[first] == 0)):
            found[index] = Purpose.OTHER_ORIENTATION
    found[first] = plain
    return found


def _orientation(ratio: NDArray[np.float64]) -> NDArray[np.int64]:
    """1 for wide, -1 for upright, 0 for nearly square."""
    return (ratio > _SQUARISH).astype(np.int64) - (ratio < 1 / _SQUARISH)


# ── what there is to choose from ─────────────────────────────────────────────────────────────────


def _choice(posterior: Posterior, question: Question) -> Boxes:
    """Boxes on whole pixels that are as the question wants them: a grid, and the model's own."""
    size = posterior.size
    own = np.concatenate([posterior.boxes, _between(posterior.boxes)])
    if question.aspect is not None:
        own = as_array(snapped(Box(*each), size, question.aspect) for each in posterior.boxes)
    exact = _on_pixels(own, size)
    if not is_request(question):
        return np.unique(np.concatenate([_on_pixels(candidates(), size), exact]), axis=0)
    grid = allowed(size, aspect=question.aspect, keep=question.keep, avoid=question.avoid)
    return np.unique(np.concatenate([grid, exact[_meets(exact, question, size)]]), axis=0)


def _between(boxes: Boxes) -> Boxes:
    """All boxes whose edges are quantiles of the edges of these."""
    edges = np.quantile(boxes, np.linspace(0, 1, min(_QUANTILES, len(boxes))), axis=0)
    return np.array(list(product(*(np.unique(each) for each in edges.T))), dtype=np.float64)


def _on_pixels(boxes: Boxes, size: Size) -> Boxes:
    """The boxes on whole pixels, inside the photo, less those that have no area there."""
    scale = np.array([size.width, size.height, size.width, size.height], dtype=np.float64)
    bounds = np.rint(np.clip(boxes, 0, 1) * scale)
    some = (bounds[:, 2] > bounds[:, 0]) & (bounds[:, 3] > bounds[:, 1])
    return bounds[some] / scale


def _meets(boxes: Boxes, question: Question, size: Size) -> NDArray[np.bool_]:
    """Which boxes hold what is to be kept and nothing of what is to be left out."""
    fine = np.ones(len(boxes), dtype=np.bool_)
    left, top, right, bottom = boxes.T
    slack = 1e-9
    if question.keep is not None:
        keep = question.keep
        fine &= (left <= max(keep.left, 0) + slack) & (right >= min(keep.right, 1) - slack)
        fine &= (top <= max(keep.top, 0) + slack) & (bottom >= min(keep.bottom, 1) - slack)
    if question.avoid is not None:
        avoid = question.avoid
        beside = (right <= avoid.left + slack) | (left >= avoid.right - slack)
        fine &= beside | (bottom <= avoid.top + slack) | (top >= avoid.bottom - slack)
    return fine
