"""What a model's sampled boxes say about any crop: its expected overlap, and how that ranks.

The boxes drawn at temperature 1 are a sample of the model's own posterior over crops, so the mean
overlap with them estimates the overlap that the model itself expects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.builtin.crops.posterior import Boxes, areas, as_array, candidates, overlaps
from engine.geometry import to_photo
from engine.vocabulary import Box, Crop, Size

_TIGHTER: Final = 10.0
"""What a full wish for tighter crops takes from the logarithm of a sample's weight for all of the
photo's area: the built-in engine's cost of it, over its temperature."""
_KERNEL: Final = 0.1
"""Width, in overlap, of the kernel by which the density of the sample is estimated."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """The boxes that a model drew of one photo of `size`, N × 4 fractions, N ≥ 1."""

    boxes: Boxes
    size: Size

    @classmethod
    def of(cls, boxes: Sequence[Box], size: Size) -> Posterior:
        """From at least one box."""
        if not boxes:
            raise ValueError("a posterior needs at least one box")
        return cls(as_array(boxes), size)

    @property
    def count(self) -> int:
        return len(self.boxes)

    def weights(self, tighter: float = 0.0) -> NDArray[np.float64]:
        """The share of each box, (N,), for someone who likes tighter crops: 0 to 1, the most."""
        cost = _TIGHTER * min(max(tighter, 0.0), 1.0) * areas(self.boxes)
        weight = np.exp(cost.min() - cost)
        return weight / weight.sum()

    def density(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """How thickly the sample lies around each of its boxes, (N,), 0..1."""
        near = np.exp((self._among - 1) / _KERNEL)
        return near @ weights

    @cached_property
    def _among(self) -> NDArray[np.float64]:
        return overlaps(self.boxes, self.boxes).astype(np.float64)

    def expected(self, boxes: Boxes) -> NDArray[np.float64]:
        """The expected overlap of each of M boxes, (M,), 0..1."""
        return overlaps(boxes, self.boxes).mean(axis=1, dtype=np.float64)

    def score(self, crop: Crop) -> float:
        """The expected overlap of any crop, 0..1; of a turned one as of its upright stand-in."""
        return float(self.expected(as_array([upright(crop, self.size)]))[0])

    def percentile(self, score: float) -> float:
        """The share, 0..1, of a fixed grid of crops whose expected overlap is below a score; of
        those that equal it, half.
        """
        below = np.searchsorted(self._grid, score - _SAME, side="left")
        up_to = np.searchsorted(self._grid, score + _SAME, side="right")
        return float(below + up_to) / 2 / len(self._grid)

    @cached_property
    def _grid(self) -> NDArray[np.float64]:
        """The expected overlaps of the grid, sorted: made once a photo."""
        return np.sort(self.expected(candidates()))


_SAME: Final = 1e-6
"""Expected overlaps this close are equal: those of the grid are made from single floats."""


def upright(crop: Crop, size: Size) -> Box:
    """The box of the upright photo that stands for a crop: of a turned one, the box of its size
    about the same place of the photo (it may lie outside a little).
    """
    if crop.angle == 0:
        return crop.box
    x, y = to_photo(crop.box.centre, crop.angle, size)
    half_w, half_h = crop.box.width / 2, crop.box.height / 2
    return Box(x - half_w, y - half_h, x + half_w, y + half_h)
