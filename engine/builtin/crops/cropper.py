"""The crops that the built-in engine offers: a safe one first, then bolder ones for a purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.builtin.crops.pool import allowed
from engine.builtin.crops.posterior import (
    Boxes,
    Posterior,
    areas,
    as_array,
    candidate_overlaps,
    candidates,
    crop_score,
    hypotheses,
    overlaps,
    score,
    tightened,
)
from engine.builtin.crops.standout import StandOut
from engine.geometry import intersection, iou, kept, snapped, turned
from engine.vocabulary import WHOLE, Aspect, Box, Crop, Purpose, Question, Size

MAX_CROPS: Final = 5
SAME: Final = 0.7
"""Two crops that overlap by this much need different purposes."""

_ALIKE: Final = 0.9
"""Two crops that overlap by this much are one, whatever they are for."""
_MIN_GAIN: Final = 0.003
"""A crop whose expected overlap is not above the whole frame's by this much gains nothing."""
_BOLDER: Final = 0.6
"""How much more a bold crop is tightened than the safe one."""
_BOLD_AREA: Final = 0.8
"""A bold crop has at most this part of the safe one's area."""
_HOLDS: Final = 0.9
"""The share of the area that stands out that a bold crop keeps, where any crop does."""
_STEP_IN: Final = 0.10
"""A tighter crop leaves out this much at every side where it can: what distracts stands at the
edges, and a crop that only comes closer should lose it. On the 150 photos of flms_dev beside the
labelled ones, what at most two annotators in ten kept is halved by it, for 3 % of what all kept."""
_STEP_ASIDE: Final = 0.03
"""The same for a crop of the other orientation, which has less room."""
_PORTRAIT: Final = Aspect(4, 5)
_LANDSCAPE: Final = Aspect(5, 4)
_SQUARISH: Final = 1.15
"""Photos closer to square than this have no other orientation."""
_MIDDLE: Final = (0.42, 0.58)
"""Where in the photo's height a horizon counts as halving it."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What was measured that asks for a crop of its own.

    `tilt` in degrees, positive when the scene leans clockwise; `horizon` the height at which it
    lies, `distraction` the box of it, in fractions of the photo.
    """

    tilt: float | None = None
    horizon: float | None = None
    distraction: Box | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A crop and what it is for; `score` is its expected overlap as measured, 0..1."""

    box: Box
    purpose: Purpose
    score: float
    angle: float = 0.0


@dataclass(frozen=True, slots=True)
class _Choice:
    """The boxes to choose from, with their overlaps with the hypotheses."""

    boxes: Boxes
    overlaps: NDArray[np.float32]

    def best(self, post: Posterior, mask: NDArray[np.bool_] | None = None) -> Box | None:
        """The box with the largest expected overlap, of those that the mask leaves."""
        if mask is not None and not mask.any():
            return None
        expected = self.overlaps @ post.probability
        if mask is not None:
            expected = np.where(mask, expected, -1.0)
        return Box(*self.boxes[int(np.argmax(expected))].tolist())


def proposals(
    post: Posterior, size: Size, question: Question, *, stand: StandOut | None, hints: Hints
) -> tuple[Proposal, ...]:
    """One to five crops of a photo of `size`, as the question wants them, the safe one first.

    Raises pool.NoSuchCrop if no crop can be as it was asked for.
    """
    count = min(max(question.count or MAX_CROPS, 1), MAX_CROPS)
    asked = is_request(question)
    choice = _choice(size, question)
    wish = tightened(post, question.tighter)
    box = choice.best(wish)
    assert box is not None  # the choice is never empty
    first = _proposal(post, size, box, Purpose.REQUESTED if asked else Purpose.SAFE, question)
    if not asked and (
        first.box == WHOLE or score(wish, first.box) < score(wish, WHOLE) + _MIN_GAIN
    ):
        first = Proposal(WHOLE, Purpose.WHOLE_PHOTO, score(post, WHOLE))
    found = [first]
    bolder = _requested(post, size, question, choice, first) if asked else ()
    if not asked:
        bolder = _bolder(post, size, question, choice, first, stand, hints)
    if count == 1:
        return (first,)
    for proposal in bolder:
        if all(_differ(proposal, earlier) for earlier in found):
            found.append(proposal)
            if len(found) == count:
                break
    return tuple(found)


def is_request(question: Question) -> bool:
    """Whether something special is asked: a ratio, a region to keep or to leave out."""
    return any((question.aspect, question.keep, question.avoid))


def _choice(size: Size, question: Question) -> _Choice:
    if not is_request(question):
        return _Choice(candidates(), candidate_overlaps())
    boxes = allowed(size, aspect=question.aspect, keep=question.keep, avoid=question.avoid)
    return _Choice(boxes, overlaps(boxes, hypotheses()))


def _proposal(
    post: Posterior, size: Size, box: Box, purpose: Purpose, question: Question
) -> Proposal:
    """On whole pixels; boxes chosen for a request are on them already."""
    exact = box if is_request(question) else snapped(box, size)
    return Proposal(exact, purpose, score(post, exact))


def _differ(one: Proposal, other: Proposal) -> bool:
    limit = SAME if one.purpose is other.purpose else _ALIKE
    if Purpose.WHOLE_PHOTO in (one.purpose, other.purpose):
        limit = SAME
    return one.angle != other.angle or iou(one.box, other.box) < limit


def _requested(
    post: Posterior, size: Size, question: Question, choice: _Choice, first: Proposal
) -> Iterator[Proposal]:
    """Tighter crops that meet the same request, each clearly another."""
    found = [first.box]
    for more in (0.4, 0.8):
        apart = overlaps(choice.boxes, as_array(found)).max(axis=1) < SAME
        smaller = areas(choice.boxes) <= _BOLD_AREA * found[-1].area
        box = choice.best(tightened(post, question.tighter + more), apart & smaller)
        if box is None:
            return
        found.append(box)
        yield _proposal(post, size, box, Purpose.TIGHTER, question)


def _bolder(
    post: Posterior,
    size: Size,
    question: Question,
    choice: _Choice,
    first: Proposal,
    stand: StandOut | None,
    hints: Hints,
) -> Iterator[Proposal]:
    """What the measurements ask for beyond the safe crop, the surest first."""
    if hints.tilt is not None:
        yield straightened(post, size, first, hints.tilt)
    if first.purpose is Purpose.WHOLE_PHOTO:
        return
    if hints.distraction is not None and intersection(hints.distraction, first.box) > 0:
        clear = _apart_from(choice.boxes, hints.distraction)
        box = choice.best(post, clear & _holding(choice.boxes, stand))
        if box is not None:
            yield _proposal(post, size, box, Purpose.WITHOUT_DISTRACTION, question)
    if stand is None:
        return
    bold = tightened(post, question.tighter + _BOLDER)
    smaller = areas(choice.boxes) <= _BOLD_AREA * first.box.area
    fitting = smaller & _holding(choice.boxes, stand)
    box = choice.best(bold, fitting & _inset(choice.boxes, _STEP_IN)) or choice.best(bold, fitting)
    if box is not None:
        yield _proposal(post, size, box, Purpose.TIGHTER, question)
    if hints.horizon is not None and _MIDDLE[0] < hints.horizon < _MIDDLE[1]:
        yield _off_the_middle(post, size, question, hints.horizon)
    yield from _other_orientation(post, size, question, stand)


def straightened(post: Posterior, size: Size, proposal: Proposal, tilt: float) -> Proposal:
    """The same crop of the photo turned upright: a scene that leans clockwise is turned back."""
    box = turned(proposal.box, -tilt, size)
    value = crop_score(post, Crop(box, -tilt), size)
    return Proposal(box, Purpose.STRAIGHTENED, value, -tilt)


def _apart_from(boxes: Boxes, part: Box) -> NDArray[np.bool_]:
    """Which boxes share nothing with a part of the photo."""
    left, top, right, bottom = boxes.T
    return (right <= part.left) | (left >= part.right) | (bottom <= part.top) | (top >= part.bottom)


def _holding(boxes: Boxes, stand: StandOut | None) -> NDArray[np.bool_]:
    """Which boxes keep the area that stands out; all of them where nothing does."""
    if stand is None:
        return np.ones(len(boxes), dtype=np.bool_)
    part = np.array(tuple(stand.box))
    wide = np.minimum(boxes[:, 2], part[2]) - np.maximum(boxes[:, 0], part[0])
    high = np.minimum(boxes[:, 3], part[3]) - np.maximum(boxes[:, 1], part[1])
    share = np.maximum(wide, 0) * np.maximum(high, 0) / stand.box.area
    return share >= _HOLDS


def _inset(boxes: Boxes, margin: float) -> NDArray[np.bool_]:
    """Which boxes keep this distance from every side of the photo."""
    near = np.stack((boxes[:, 0], boxes[:, 1], 1 - boxes[:, 2], 1 - boxes[:, 3])).min(axis=0)
    return near >= margin - 1e-6


def _off_the_middle(post: Posterior, size: Size, question: Question, horizon: float) -> Proposal:
    """The horizon on a third: the cut that keeps more of what people would."""
    high = Box(0.0, (3 * horizon - 1) / 2, 1.0, 1.0)
    low = Box(0.0, 0.0, 1.0, 1.5 * horizon)
    box = max(high, low, key=lambda each: score(post, each))
    return _proposal(post, size, box, Purpose.HORIZON, question)


def _other_orientation(
    post: Posterior, size: Size, question: Question, stand: StandOut
) -> Iterator[Proposal]:
    """An upright crop of a wide photo, a wide one of an upright photo, if it holds what stands
    out and leaves more of it per area than the photo has.
    """
    ratio = size.width / size.height
    if 1 / _SQUARISH < ratio < _SQUARISH:
        return
    aspect = _PORTRAIT if ratio > 1 else _LANDSCAPE
    boxes = allowed(size, aspect=aspect)
    choice = _Choice(boxes, overlaps(boxes, hypotheses()))
    wish, fitting = tightened(post, question.tighter), _holding(boxes, stand)
    box = choice.best(wish, fitting & _inset(boxes, _STEP_ASIDE)) or choice.best(wish, fitting)
    if box is None or kept(stand.box, box) < _HOLDS:
        return
    if float(post.contrast.inside(as_array([box]))[0]) <= box.area:
        return
    yield Proposal(box, Purpose.OTHER_ORIENTATION, score(post, box))
