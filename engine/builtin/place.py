"""Where on the photo something holds: masks as runs, boxes of a mask, and codes for places."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Box, Mask

PLACES: Final = (
    ("top_left", "top", "top_right"),
    ("left", "centre", "right"),
    ("bottom_left", "bottom", "bottom_right"),
)
"""Codes of the nine places of a photo; a wording table names them. "everywhere" is the tenth."""

MOST_RUNS: Final = 1500
"""The most runs of a mask: about 6 kB of JSON, drawn as one picture."""

_CROWDED: Final = 0.45
_REACH: Final = 0.28


def place_of(flags: NDArray[np.bool_]) -> str:
    """The code of the place where the set pixels of (h, w) flags lie; "everywhere" if spread."""
    rows, columns = np.nonzero(flags)
    if len(rows) == 0:
        return "everywhere"
    y, x = (rows + 0.5) / flags.shape[0], (columns + 0.5) / flags.shape[1]
    if flags.mean() > _CROWDED or max(float(x.std()), float(y.std())) > _REACH:
        across = 1 if float(x.std()) > _REACH else _third(float(x.mean()))
        down = 1 if float(y.std()) > _REACH else _third(float(y.mean()))
        return "everywhere" if (across, down) == (1, 1) else PLACES[down][across]
    return PLACES[_third(float(y.mean()))][_third(float(x.mean()))]


def _third(value: float) -> int:
    return 0 if value < 0.36 else 2 if value > 0.64 else 1


def as_mask(flags: NDArray[np.bool_]) -> Mask:
    """(h, w) flags as a mask of at most `MOST_RUNS` runs: where they have more, on half the rows
    and columns, or a quarter, …, with a cell set where any of its flags is.
    """
    mask, parts = _runs(flags), 1
    while len(mask.runs) > MOST_RUNS:
        parts *= 2
        mask = _runs(_coarser(flags, parts))
    return mask


def _runs(flags: NDArray[np.bool_]) -> Mask:
    flat = flags.ravel()
    changes = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], changes, [flat.size]])).tolist()
    if flat[0]:
        runs.insert(0, 0)
    return Mask(flags.shape[1], flags.shape[0], tuple(runs))


def _coarser(flags: NDArray[np.bool_], parts: int) -> NDArray[np.bool_]:
    """1 / `parts` of the rows and columns, rounded up, stretched over the same photo."""
    for axis in (0, 1):
        side = flags.shape[axis]
        cells = -(-side // parts)
        first = -(-np.arange(cells) * side // cells)
        flags = np.logical_or.reduceat(flags, first, axis=axis)
    return flags


def boxes_of(flags: NDArray[np.bool_], *, limit: int = 3) -> tuple[Box, ...]:
    """The boxes around the largest connected areas of (h, w) flags, largest first."""
    height, width = flags.shape
    count, _, stats, _ = cv2.connectedComponentsWithStats(flags.astype(np.uint8), connectivity=8)
    areas = sorted(range(1, count), key=lambda i: -int(stats[i][cv2.CC_STAT_AREA]))[:limit]
    boxes = []
    for left, top, across, down, _ in (stats[i] for i in areas):
        boxes.append(
            Box(left / width, top / height, (left + across) / width, (top + down) / height)
        )
    return tuple(boxes)
