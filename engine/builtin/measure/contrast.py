"""How far the tones of a photo spread, and how much lies at both ends."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Contrast:
    """Tonal spread of the whole photo. L* is CIE lightness, 0 (black) to 100 (white).

    black, white   1st and 99th percentile of L*
    spread         white − black, in L*
    middle_spread  75th − 25th percentile, in L*
    deviation      standard deviation of L*
    ends           share of the pixels below L* 8 or above L* 97, 0..1
    dark_end, bright_end  the two shares of `ends`
    """

    black: float
    white: float
    spread: float
    middle_spread: float
    deviation: float
    ends: float
    dark_end: float
    bright_end: float


def contrast(rgb: NDArray[np.uint8]) -> Contrast:
    """Measure a reduced sRGB picture, (h, w, 3) uint8."""
    lightness = lab(rgb)[..., 0]
    black, low, high, white = (float(v) for v in np.percentile(lightness, (1, 25, 75, 99)))
    dark_end, bright_end = float((lightness < 8).mean()), float((lightness > 97).mean())
    return Contrast(
        black=black,
        white=white,
        spread=white - black,
        middle_spread=high - low,
        deviation=float(lightness.std()),
        ends=dark_end + bright_end,
        dark_end=dark_end,
        bright_end=bright_end,
    )


def lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """CIE L*a*b* (D65) of sRGB pixels, (h, w, 3) float32: L* 0..100, a* and b* about ±128."""
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)
