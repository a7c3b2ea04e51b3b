"""Where a channel is at its end, at full resolution: detail that no slider brings back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

HIGHLIGHT: Final = 254
"""A channel at this value or above is clipped (JPEG's own rounding moves 255 by one)."""

SHADOW: Final = 2
"""A pixel with all channels at this value or below is crushed: one empty channel alone is only a
saturated colour."""

MASK_SIDE: Final = 768
"""Long side of the masks, in pixels at most."""

_STRIP: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class Clipping:
    """Clipped pixels of the whole photo; shares are 0..1 of all pixels.

    channels      share at or above `HIGHLIGHT` in red, green and blue
    highlights    share with any channel clipped
    white         share with all three channels clipped: nothing left, not even colour
    shadows       share crushed to black
    highlight_mask, shadow_mask
                  (h, w) bool, long side at most `MASK_SIDE`: a cell is set where any pixel of the
                  full resolution in it is
    """

    channels: tuple[float, float, float]
    highlights: float
    white: float
    shadows: float
    highlight_mask: NDArray[np.bool_]
    shadow_mask: NDArray[np.bool_]


def clipping(native: NDArray[np.uint8]) -> Clipping:
    """Measure a full-resolution picture in its own colour space, (H, W, 3) uint8."""
    height, width = native.shape[:2]
    step = max(1, -(-max(height, width) // MASK_SIDE))
    rows = max(_STRIP // step, 1) * step
    pixels = height * width
    counts = np.zeros(6)
    bright_rows, dark_rows = [], []
    for top in range(0, height, rows):
        planes = cv2.split(native[top : top + rows])
        high = [cv2.threshold(p, HIGHLIGHT - 1, 255, cv2.THRESH_BINARY)[1] for p in planes]
        any_high = cv2.max(cv2.max(high[0], high[1]), high[2])
        all_high = cv2.min(cv2.min(high[0], high[1]), high[2])
        brightest = cv2.max(cv2.max(planes[0], planes[1]), planes[2])
        dark = cv2.threshold(brightest, SHADOW, 255, cv2.THRESH_BINARY_INV)[1]
        counts += [cv2.countNonZero(m) for m in (*high, any_high, all_high, dark)]
        bright_rows.append(_any(np.asarray(any_high, np.uint8), step))
        dark_rows.append(_any(np.asarray(dark, np.uint8), step))
    red, green, blue, any_share, all_share, dark_share = (float(c) / pixels for c in counts)
    return Clipping(
        channels=(red, green, blue),
        highlights=any_share,
        white=all_share,
        shadows=dark_share,
        highlight_mask=np.concatenate(bright_rows),
        shadow_mask=np.concatenate(dark_rows),
    )


def _any(flags: NDArray[np.uint8], step: int) -> NDArray[np.bool_]:
    """Whether any pixel is set in each `step` × `step` cell; the last cells may be partial."""
    if step == 1:
        return flags > 0
    spread = cv2.dilate(flags, np.ones((step, step), np.uint8), anchor=(0, 0))
    return np.asarray(spread, np.uint8)[::step, ::step] > 0
