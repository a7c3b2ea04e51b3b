"""How the colours of a photo go together: how many hues carry them, and how those lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE: Final = 96
_BINS: Final = 72
_GREY: Final = 6.0
"""Chroma below which a pixel has no hue."""


@dataclass(frozen=True, slots=True)
class Harmony:
    """Colours by their weight, which is chroma.

    chroma    mean chroma C* of the photo
    coloured  the part of the pixels that have a hue
    hue       the main hue, degrees 0..360 in the a*b* plane
    near      the part of all colour within 25° of it
    second    the hue with most of the rest, degrees
    pair      the part of all colour within 25° of either
    apart     degrees between the two, 0..180
    spread    entropy of the hues, 0 (one) to 1 (all alike)
    """

    chroma: float
    coloured: float
    hue: float
    near: float
    second: float
    pair: float
    apart: float
    spread: float


def harmony(rgb: NDArray[np.uint8]) -> Harmony:
    """From an upright 8-bit sRGB photo, height × width × 3."""
    height, width = rgb.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)
    a, b = lab[:, :, 1].ravel(), lab[:, :, 2].ravel()
    chroma = np.hypot(a, b)
    weight = np.where(chroma > _GREY, chroma, 0)
    degrees = np.degrees(np.arctan2(b, a)) % 360
    votes = np.bincount(
        (degrees * _BINS / 360).astype(np.intp) % _BINS, weights=weight, minlength=_BINS
    )
    total = max(float(votes.sum()), 1e-9)
    votes = votes / total
    window = _around(votes)
    first = int(np.argmax(window))
    hues = (np.arange(_BINS) + 0.5) * 360 / _BINS
    away = np.abs((hues - hues[first] + 180) % 360 - 180)
    rest = np.where(away > 27, votes, 0)
    second = int(np.argmax(_around(rest)))
    share = votes[votes > 0]
    return Harmony(
        float(chroma.mean()),
        float((chroma > _GREY).mean()),
        float(hues[first]),
        float(window[first]),
        float(hues[second]),
        float(window[first] + _around(rest)[second]),
        float(away[second]),
        float(-(share * np.log(share)).sum() / np.log(_BINS)),
    )


def _around(votes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of the votes within 25° of each bin."""
    reach = round(25 * _BINS / 360)
    wrapped = np.pad(votes, reach, mode="wrap")
    return np.convolve(wrapped, np.ones(2 * reach + 1), mode="valid")
