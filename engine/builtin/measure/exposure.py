"""How bright a photo is: in stops, from its mid-tones and from the ends of its tones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

MIDDLE_GREY: Final = 0.18
"""Linear luminance of a mid-tone, 0..1."""

_FLOOR: Final = 1 / 1024
"""Linear luminance below which stops are no longer counted: ten stops under white."""

# Set on the tuning half of the photos labelled by eye (bench/labels.toml). All are cautious: half
# of the labelled back light and low key is found, and a bright photo of dark things is no high key.
_SILHOUETTE: Final = -1.5
_BRIGHT_RIM: Final = 0.3
"""A middle this many stops under middle grey, with this share of the top and left rim within a stop
of white and half of the photo more than four stops under it, lies against the light."""
_LOW_KEY: Final = -2.0
_ACCENT: Final = -0.7
"""Mid-tones this dark are meant where the brightest 1 % still comes this near to white."""
_HIGH_KEY: Final = 1.8
_FEW_DARK: Final = 0.05
"""Mid-tones this bright are meant where there is black, but on no more than this share."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Brightness of the whole photo. EV are stops (powers of two) of linear luminance.

    middle_ev    the mid-tones (mean in stops between the 20th and 80th percentile) against middle
                 grey; negative is darker
    centre_ev    the same for the middle of the frame
    black_ev     the darkest 1 % against white (0 is white, −10 the floor)
    white_ev     the brightest 1 % against white (0 is white)
    headroom_ev  how far the brightest channel of the brightest 0.1 % could be raised before it
                 clips; 0 or more
    range_ev     white_ev − black_ev
    dark_share   share of the pixels more than 4 stops under white, 0..1
    bright_share share of the pixels less than half a stop under white, 0..1
    back_lit     a dark photo with a dark middle before a bright surround
    key          "high" or "low" where the tones sit at one end yet reach the other, as one does on
                 purpose; else "normal"
    """

    middle_ev: float
    centre_ev: float
    black_ev: float
    white_ev: float
    headroom_ev: float
    range_ev: float
    dark_share: float
    bright_share: float
    back_lit: bool
    key: str


def exposure(rgb: NDArray[np.uint8]) -> Exposure:
    """Measure the exposure of a reduced sRGB picture, (h, w, 3) uint8."""
    luminance = linear_luminance(rgb)
    stops = np.log2(np.maximum(luminance, _FLOOR))
    height, width = stops.shape
    centre = stops[height // 4 : height - height // 4, width // 4 : width - width // 4]
    black, white = (float(v) for v in np.percentile(stops, (1, 99)))
    low, high = np.percentile(stops, (20, 80), method="nearest")
    inside = stops[(stops >= low) & (stops <= high)]
    to_grey = -float(np.log2(MIDDLE_GREY))
    middle_ev = float(inside.mean()) + to_grey
    centre_ev = float(np.median(centre)) + to_grey
    brightest = float(np.percentile(rgb.max(axis=2), 99.9))
    headroom = -float(np.log2(max(float(_TO_LINEAR[round(brightest)]), _FLOOR)))
    dark, bright = float((stops < -4).mean()), float((stops > -0.5).mean())
    rim = np.concatenate(
        [stops[: height // 4 + 1].ravel(), stops[height // 4 :, : width // 6].ravel()]
    )
    back_lit = centre_ev < _SILHOUETTE and dark > 0.5 and float((rim > -1.0).mean()) > _BRIGHT_RIM
    return Exposure(
        middle_ev=middle_ev,
        centre_ev=centre_ev,
        black_ev=black,
        white_ev=white,
        headroom_ev=headroom,
        range_ev=white - black,
        dark_share=dark,
        bright_share=bright,
        back_lit=back_lit,
        key=_key(middle_ev, black, white, dark),
    )


def _key(middle_ev: float, black: float, white: float, dark: float) -> str:
    if middle_ev < _LOW_KEY and white > _ACCENT:
        return "low"
    if middle_ev > _HIGH_KEY and black < -4.0 and dark < _FEW_DARK:
        return "high"
    return "normal"


def linear_luminance(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Relative luminance 0..1 of sRGB pixels, (h, w) float32 (IEC 61966-2-1, BT.709 weights)."""
    light = linear(rgb)
    return np.asarray(
        light[..., 0] * 0.2126 + light[..., 1] * 0.7152 + light[..., 2] * 0.0722, np.float32
    )


def linear(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Linear light 0..1 of sRGB pixels, (h, w, 3) float32."""
    return np.asarray(cv2.LUT(rgb, _TO_LINEAR), np.float32)


def _linear_table() -> NDArray[np.float32]:
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


_TO_LINEAR: Final = _linear_table()
