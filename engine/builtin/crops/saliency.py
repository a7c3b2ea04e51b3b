"""Two maps of what stands out in a photo: contrast with the surroundings, and spectral residual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
"""Height × width, not negative; only ratios of its values mean anything."""

LONG_SIDE: Final = 256
"""The maps are made from a copy with this long side, in pixels."""

_COLOUR_WEIGHT: Final = 2.0
_RESIDUAL_SIDE: Final = 64


@dataclass(frozen=True, slots=True)
class Maps:
    """How far each place differs from a neighbourhood a quarter of the photo wide, and how
    unexpected it is in the spectrum.
    """

    contrast: Map
    residual: Map


def maps(rgb: NDArray[np.uint8]) -> Maps:
    """Both maps of an upright 8-bit sRGB photo, height × width × 3, of any size."""
    lab = cv2.cvtColor(small_copy(rgb), cv2.COLOR_RGB2LAB).astype(np.float32)
    return Maps(contrast=_contrast(lab), residual=_residual(lab[:, :, 0]))


def small_copy(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The photo at a long side of 256 px, averaged; smaller photos stay as they are."""
    height, width = rgb.shape[:2]
    factor = LONG_SIDE / max(height, width)
    if factor >= 1:
        return rgb
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _contrast(lab: NDArray[np.float32]) -> Map:
    """Centre minus surround in Lab, the colour differences counting twice."""
    radius = max(1, max(lab.shape[:2]) // 8)
    side = 2 * radius + 1
    fine = cv2.GaussianBlur(lab, (0, 0), 1.5, borderType=cv2.BORDER_REPLICATE)
    coarse = cv2.blur(lab, (side, side), borderType=cv2.BORDER_REPLICATE)
    apart = fine - coarse
    apart[:, :, 1:] *= _COLOUR_WEIGHT
    return np.sqrt(np.einsum("ijk,ijk->ij", apart, apart))


def _residual(lightness: Map) -> Map:
    """Spectral residual (Hou and Zhang, CVPR 2007) of 64 × 64 lightness, lowest value 0."""
    square = cv2.resize(lightness, (_RESIDUAL_SIDE, _RESIDUAL_SIDE), interpolation=cv2.INTER_AREA)
    spectrum = np.fft.fft2(square)
    magnitude = np.abs(spectrum) + 1e-9
    logs = np.log(magnitude)
    wrapped = np.pad(logs, 1, mode="wrap")
    mean = cv2.blur(wrapped, (3, 3))[1:-1, 1:-1]
    surprise = np.fft.ifft2(np.exp(logs - mean) * spectrum / magnitude)
    energy = (np.abs(surprise) ** 2).astype(np.float32)
    smooth = cv2.GaussianBlur(energy, (0, 0), 2.56)
    return np.asarray(smooth - smooth.min(), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Shares:
    """A map as a summed-area table, to ask what share of it lies inside a box."""

    table: NDArray[np.float64]

    def at(self, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.float64]:
        """The share of the map left of and above each (x, y), given as fractions of the photo."""
        rows, columns = self.table.shape
        across = np.clip(xs, 0.0, 1.0) * (columns - 1)
        down = np.clip(ys, 0.0, 1.0) * (rows - 1)
        left = np.minimum(across.astype(np.intp), columns - 2)
        top = np.minimum(down.astype(np.intp), rows - 2)
        fx, fy = across - left, down - top
        upper = self.table[top, left] * (1 - fx) + self.table[top, left + 1] * fx
        lower = self.table[top + 1, left] * (1 - fx) + self.table[top + 1, left + 1] * fx
        return upper * (1 - fy) + lower * fy

    def inside(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """The share of the map inside each of the boxes, N × 4 fractions of the photo."""
        left, top, right, bottom = boxes.T
        return (
            self.at(right, bottom)
            - self.at(left, bottom)
            - self.at(right, top)
            + self.at(left, top)
        )


def shares(values: Map) -> Shares:
    """The summed-area table of a map; a map without any value counts every place the same."""
    # The smallest contrast that one step of an 8-bit file can make is far above this.
    if float(values.sum()) <= 1e-6:
        values = np.ones_like(values)
    table = cv2.integral(values, sdepth=cv2.CV_64F)
    return Shares(np.asarray(table / table[-1, -1], dtype=np.float64))
