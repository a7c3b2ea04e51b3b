"""How near a crop comes to those that people drew: the official rule of the FLMS benchmark.

IoU    the largest over the annotators
Disp   the mean over the four edges of the distance to one annotator's, as a fraction of width or
       height: to the nearest of all where that one has the largest IoU too, else to the first with
       the largest IoU
Recall 1 where IoU ≥ 0.75

A prediction with an edge outside the photo (0..1000 as a model writes it) counts IoU 0 and the
smallest Disp of the full frame; so does, here, an answer without a box, on which the official
script fails. Boxes of −1 stand for an annotator who drew none: a prediction inside the photo is not
compared with them, the full frame of one outside is. Nothing is ever sorted: swapped corners, of
a prediction or of an annotator, overlap nothing, and their edges count as they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RECALL_IOU: Final = 0.75
Edges = tuple[float, float, float, float]
"""Left, top, right, bottom as fractions of the photo; they may be swapped or lie outside 0..1."""

FULL: Final[Edges] = (0.0, 0.0, 1.0, 1.0)
_EQUAL: Final = 1e-9
"""IoUs that differ by less are the same: the official script computes in single precision."""


@dataclass(frozen=True, slots=True)
class Near:
    """How near one prediction came, and to which annotator (None: it lies outside, or is none)."""

    iou: float
    disp: float
    annotator: int | None

    @property
    def recalled(self) -> bool:
        return self.iou >= RECALL_IOU


def compare(edges: Edges | None, drawn: Sequence[Edges]) -> Near:
    """A prediction (None: there was no box) against the annotators' boxes by the official rule.

    ValueError where nobody drew a box.
    """
    if not any(map(was_drawn, drawn)):
        raise ValueError("no annotator drew a box")
    if edges is None or not all(0 <= each <= 1 for each in edges):
        return Near(0.0, float(_displacements(FULL, np.array(drawn)).min()), None)
    numbers = [number for number, each in enumerate(drawn) if was_drawn(each)]
    boxes = np.array([drawn[number] for number in numbers])
    overlaps, apart = _overlaps(edges, boxes), _displacements(edges, boxes)
    best, nearest = int(np.argmax(overlaps >= overlaps.max() - _EQUAL)), int(apart.argmin())
    chosen = nearest if overlaps[nearest] >= overlaps.max() - _EQUAL else best
    return Near(float(overlaps.max()), float(apart[chosen]), numbers[chosen])


def was_drawn(edges: Edges) -> bool:
    """Whether an annotator drew this box: −1 in the first place says that none was."""
    return edges[0] >= 0


def _overlaps(edges: Edges, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    width = np.minimum(edges[2], boxes[:, 2]) - np.maximum(edges[0], boxes[:, 0])
    height = np.minimum(edges[3], boxes[:, 3]) - np.maximum(edges[1], boxes[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    own = (edges[2] - edges[0]) * (edges[3] - edges[1])
    others = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return np.where(shared > 0, shared / np.where(shared > 0, own + others - shared, 1), 0)


def _displacements(edges: Edges, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(boxes - np.array(edges)).sum(axis=1) / 4
