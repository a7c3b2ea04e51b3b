"""Where along a known lean a level edge parts the picture in two that differ: sky and sea."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE: Final = 192
_TEXTURE: Final = 6.0
"""Twice the texture differs as much as six units of Lab."""
_NEAR: Final = 2
"""Rows of the reduced picture by which an edge may be off its parting."""


@dataclass(frozen=True, slots=True, eq=False)
class Parting:
    """How well level edges part one picture.

    angle   the edges' lean, in degrees, positive when the right side is low
    gained  for each row, where it crosses the middle of the picture, the share of the variance of
            colour and texture that lies between what is above and what is below, 0..1
    """

    angle: float
    gained: NDArray[np.float32]

    def at(self, heights: NDArray[np.floating]) -> NDArray[np.float32]:
        """The share for edges that cross the middle at `heights`, fractions of the height."""
        rows = np.round(heights * (len(self.gained) - 1)).astype(int)
        return self.gained[np.clip(rows, 0, len(self.gained) - 1)]


def parting(rgb: NDArray[np.uint8], angle: float) -> Parting:
    """Measure any copy of a photo, (h, w, 3) uint8 sRGB, with long side of at least `SIDE`, along
    `angle`, in degrees. Otsu's between-class variance (IEEE Trans. SMC 9, 1979) over four channels.
    """
    looks = _looks(rgb)
    height, width = looks.shape[:2]
    slope = float(np.tan(np.radians(angle)))
    level = np.array([[1, 0, 0], [slope, 1, -slope * (width - 1) / 2]], np.float64)
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    looks = np.asarray(
        cv2.warpAffine(looks, level, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    )
    total = float((np.asarray(cv2.meanStdDev(looks)[1]) ** 2).sum())
    sums = np.asarray(cv2.reduce(looks, 1, cv2.REDUCE_AVG))[:, 0].cumsum(axis=0)
    above = np.arange(1, height)[:, None]
    apart = sums[:-1] / above - (sums[-1] - sums[:-1]) / (height - above)
    share = above[:, 0] / height
    between = share * (1 - share) * (apart**2).sum(axis=1)
    gained = np.zeros((height + 1, 1), np.float32)
    gained[1:-1, 0] = between / max(total, 1e-6)
    gained = cv2.dilate(gained, np.ones((2 * _NEAR + 1, 1), np.uint8))
    return Parting(angle, np.asarray(gained, np.float32).ravel())


def _looks(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Lab and texture of a reduced copy, (h, w, 4)."""
    scale = SIDE / max(rgb.shape[:2])
    width, height = (max(2, round(n * scale)) for n in (rgb.shape[1], rgb.shape[0]))
    # Texture is finer than the cells that it is judged in.
    fine = cv2.resize(rgb, (2 * width, 2 * height), interpolation=cv2.INTER_AREA)
    luma = cv2.cvtColor(fine, cv2.COLOR_RGB2GRAY)
    texture = cv2.morphologyEx(luma, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    small, energy = (
        np.asarray(cv2.resize(a, (width, height), interpolation=cv2.INTER_AREA), np.float32)
        for a in (fine, texture)
    )
    lab = np.asarray(cv2.cvtColor(small / 255, cv2.COLOR_RGB2LAB))
    return np.dstack([lab, _TEXTURE * np.log2(energy + 2)]).astype(np.float32)
