"""The boxes that a request for a crop allows: its ratio, what to keep inside, what to leave out.

Everything here is in whole pixels of the photo, so that what is asked for is met to the pixel.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.builtin.crops.posterior import Boxes, candidates
from engine.contract import EngineError
from engine.geometry import pixel_size, snapped
from engine.vocabulary import Aspect, Box, Size

Bounds = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels; right and bottom are exclusive."""

_SCALES: Final = tuple(1 - step / 20 for step in range(13))
"""Sizes of crops with a fixed ratio, as parts of the largest: 1 down to 0.4."""
_STEP: Final = 1 / 20
"""Between two positions of a crop with a fixed ratio, in fractions of the photo."""
_MIN_AREA: Final = 0.05
"""Crops smaller than this part of the photo are offered only where nothing larger is left."""


class NoSuchCrop(EngineError):  # noqa: N818  (its name is what happened)
    """No crop of this photo can be as it was asked for."""


def allowed(
    size: Size, *, aspect: Aspect | None = None, keep: Box | None = None, avoid: Box | None = None
) -> Boxes:
    """Every box to choose from, N × 4 fractions that lie on whole pixels of a photo of `size`.

    Raises NoSuchCrop if there is none.
    """
    wanted = _outward(keep, size) if keep else None
    rooms = _rooms(size, wanted, _outward(avoid, size) if avoid else None)
    found = [
        _with_ratio(room, wanted, aspect, size) if aspect else _free(room, wanted, size)
        for room in rooms
    ]
    bounds = np.unique(np.concatenate(found), axis=0) if found else np.empty((0, 4), dtype=np.intp)
    if not len(bounds):
        raise _impossible(aspect, keep, avoid)
    area = (bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1])
    large = area >= min(_MIN_AREA * size.width * size.height, area.max())
    scale = np.array([size.width, size.height, size.width, size.height], dtype=np.float64)
    return bounds[large] / scale


def _impossible(aspect: Aspect | None, keep: Box | None, avoid: Box | None) -> NoSuchCrop:
    if keep and avoid:
        return NoSuchCrop(
            "no_such_crop",
            "No crop can hold the one area and leave out the other.",
            "Draw the two areas so that a straight cut can part them.",
        )
    if keep and aspect:
        return NoSuchCrop(
            "no_such_crop",
            f"The area to keep is too large for a crop of {aspect}.",
            "Choose a smaller area or another ratio.",
        )
    return NoSuchCrop(
        "no_such_crop",
        "Leaving out that area leaves nothing of the photo.",
        "Choose a smaller area to leave out.",
    )


def _outward(box: Box, size: Size) -> Bounds:
    """The smallest whole pixels that hold all of the box that lies in the photo."""
    slack = 1e-6
    return (
        max(0, floor(box.left * size.width + slack)),
        max(0, floor(box.top * size.height + slack)),
        min(size.width, ceil(box.right * size.width - slack)),
        min(size.height, ceil(box.bottom * size.height - slack)),
    )


def _rooms(size: Size, keep: Bounds | None, avoid: Bounds | None) -> list[Bounds]:
    """The parts of the photo in which a crop may lie: left of, above, right of and below what it
    must leave out, as long as what it must keep is there too.
    """
    width, height = size.width, size.height
    if avoid is None:
        return [(0, 0, width, height)]
    left, top, right, bottom = avoid
    rooms = (
        (0, 0, left, height),
        (0, 0, width, top),
        (right, 0, width, height),
        (0, bottom, width, height),
    )
    return [room for room in rooms if _area(room) > 0 and (keep is None or _holds(room, keep))]


def _area(bounds: Bounds) -> int:
    return max(0, bounds[2] - bounds[0]) * max(0, bounds[3] - bounds[1])


def _holds(outer: Bounds, inner: Bounds) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and outer[2] >= inner[2]
        and outer[3] >= inner[3]
    )


def _free(room: Bounds, keep: Bounds | None, size: Size) -> NDArray[np.intp]:
    """The candidates, grown to hold what is kept and cut to the room."""
    scale = np.array([size.width, size.height, size.width, size.height])
    bounds = np.rint(candidates() * scale).astype(np.intp)
    if keep is not None:
        bounds = np.concatenate(
            [np.minimum(bounds[:, :2], keep[:2]), np.maximum(bounds[:, 2:], keep[2:])], axis=1
        )
    bounds = np.concatenate(
        [np.maximum(bounds[:, :2], room[:2]), np.minimum(bounds[:, 2:], room[2:])], axis=1
    )
    whole = np.array([room], dtype=np.intp)
    some = (bounds[:, 2] > bounds[:, 0]) & (bounds[:, 3] > bounds[:, 1])
    return np.concatenate([bounds[some], whole])


def _with_ratio(room: Bounds, keep: Bounds | None, aspect: Aspect, size: Size) -> NDArray[np.intp]:
    """Boxes with the ratio inside a room, at every scale and position that holds what is kept."""
    found: list[Bounds] = []
    for extent in sorted({_extent(room, scale, aspect, size) for scale in _SCALES}):
        width, height = extent
        last_left, last_top = room[2] - width, room[3] - height
        lefts = _starts(room[0], last_left, size.width)
        tops = _starts(room[1], last_top, size.height)
        if keep is not None:
            lefts = _starts(max(room[0], keep[2] - width), min(last_left, keep[0]), size.width)
            tops = _starts(max(room[1], keep[3] - height), min(last_top, keep[1]), size.height)
        found += [(x, y, x + width, y + height) for x in lefts for y in tops]
    return np.array(found, dtype=np.intp).reshape(-1, 4)


def _extent(room: Bounds, scale: float, aspect: Aspect, size: Size) -> tuple[int, int]:
    """Width and height of the largest box with the ratio in a part of the room."""
    part = Box(
        0.0,
        0.0,
        max(1.0, (room[2] - room[0]) * scale) / size.width,
        max(1.0, (room[3] - room[1]) * scale) / size.height,
    )
    pixels = pixel_size(snapped(part, size, aspect), size)
    return pixels.width, pixels.height


def _starts(first: int, last: int, side: int) -> list[int]:
    """Whole positions from first to last, no further apart than a step; none if last < first."""
    if last < first:
        return []
    steps = ceil((last - first) / (side * _STEP))
    return [first + round((last - first) * step / max(steps, 1)) for step in range(steps + 1)]
