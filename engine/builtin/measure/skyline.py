"""The one level edge that runs through the whole photo, such as the line between sea and sky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Line

SIDE: Final = 384
LIMIT: Final = 10.0
STEP: Final = 0.25
ANGLES: Final = np.arange(-LIMIT, LIMIT + STEP / 2, STEP)
"""Angles that are tried, in degrees, positive when the right side is low."""

_BLOCK: Final = 4
_FAINT: Final = 3.0
"""A step of this many grey levels a pixel counts half."""

_INSIDE: Final = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Skyline:
    """How far one straight edge runs through the photo with the same side bright.

    coherence  for each of `ANGLES` the best line's mean agreement, 0..1: 1 is a clear edge from
               side to side
    best       the largest of them
    angle      its angle in degrees, positive when the right side is low
    line       that line
    """

    coherence: NDArray[np.float32]
    best: float
    angle: float
    line: Line


def skyline(luma: NDArray[np.uint8]) -> Skyline:
    """Measure a reduced luma, (h, w) uint8."""
    scale = SIDE / max(luma.shape)
    size = max(1, round(luma.shape[1] * scale)), max(1, round(luma.shape[0] * scale))
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(np.asarray(small).astype(np.float32), (0, 0), 1.2)
    slope = np.asarray(cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=1, scale=0.5))
    agreement = slope / (np.abs(slope) + _FAINT)
    height, width = agreement.shape
    columns = max(1, width // _BLOCK)
    blocks = np.asarray(cv2.resize(agreement, (columns, height), interpolation=cv2.INTER_AREA))
    across = (np.arange(columns) + 0.5) * width / columns - width / 2
    rows = np.arange(height)[:, None]
    coherence = np.zeros(len(ANGLES), np.float32)
    places = np.zeros(len(ANGLES), np.int64)
    for i, angle in enumerate(ANGLES):
        at = rows + np.round(across * np.tan(np.radians(angle))).astype(int)[None, :]
        inside = (at >= 0) & (at < height)
        values = np.take_along_axis(blocks, np.clip(at, 0, height - 1), axis=0) * inside
        count = inside.sum(axis=1)
        mean = np.abs(values.sum(axis=1)) / columns * (count >= _INSIDE * columns)
        places[i] = int(np.argmax(mean))
        coherence[i] = mean[places[i]]
    top = int(np.argmax(coherence))
    rise = np.tan(np.radians(ANGLES[top])) * width / 2
    return Skyline(
        coherence=coherence,
        best=float(coherence[top]),
        angle=_vertex(coherence, top),
        line=Line(
            0.0, (places[top] + 0.5 - rise) / height, 1.0, (places[top] + 0.5 + rise) / height
        ),
    )


def _vertex(values: NDArray[np.float32], top: int) -> float:
    """The angle of the parabola's top through the largest value and its neighbours."""
    if top in (0, len(values) - 1):
        return float(ANGLES[top])
    left, middle, right = (float(v) for v in values[top - 1 : top + 2])
    bend = left - 2 * middle + right
    return float(ANGLES[top]) + (STEP * (left - right) / (2 * bend) if bend < 0 else 0.0)
