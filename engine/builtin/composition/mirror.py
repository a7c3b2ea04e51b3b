"""Mirror symmetry: how much the photo's structure is its own reflection about an upright axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE: Final = 96
_LEAST: Final = 0.44
"""An axis has at least this part of the width on either side."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """The best upright axis, x as a fraction of the width.

    light  correlation of lightness with its reflection once each row's mean is taken off, −1..1
    edges  the same of the strength of edges
    """

    axis: float
    light: float
    edges: float


def mirror(rgb: NDArray[np.uint8]) -> Mirror:
    """From an upright 8-bit sRGB photo, height × width × 3."""
    height, width = rgb.shape[:2]
    scale = SIDE / max(height, width)
    size = max(8, round(width * scale)), max(8, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)[:, :, 0]
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    edges = cv2.GaussianBlur(np.sqrt(across**2 + down**2), (0, 0), 1.2)
    light = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.5), np.float32)
    best = Mirror(0.5, -1.0, -1.0)
    columns = size[0]
    for twice in range(round(2 * _LEAST * columns), round(2 * (1 - _LEAST) * columns) + 1):
        reach = min(twice // 2, columns - (twice + 1) // 2)
        first, last = twice / 2 - reach, twice / 2 + reach
        part = slice(int(np.ceil(first)), int(np.floor(last)))
        found = Mirror(
            twice / 2 / columns,
            _alike(light[:, part]),
            _alike(np.asarray(edges, np.float32)[:, part]),
        )
        if found.light + found.edges > best.light + best.edges:
            best = found
    return best


def _alike(part: NDArray[np.float32]) -> float:
    """Correlation with the reflection, rows' means taken off: a level horizon says nothing."""
    own = part - part.mean(axis=1, keepdims=True)
    power = float((own**2).sum())
    return float((own * own[:, ::-1]).sum()) / power if power > 1e-6 else 0.0
