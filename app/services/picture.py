"""A photo as Qt paints it: halves of halves in 32-bit RGB, made outside the window's thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from engine.vocabulary import Size

SMALLEST_SIDE: Final = 256
"""Halving ends once the long side is not larger than this."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An upright photo ready to be painted.

    `size` is the full photo's, in pixels. `levels` are Format_RGB32, the largest first, each half
    as large as the one before; a preview's first level is smaller than `size`, and a `complete`
    picture's is just as large.
    """

    photo: Path
    size: Size
    levels: tuple[QImage, ...]
    complete: bool

    def level_for(self, scale: float) -> QImage:
        """The smallest level that still has a pixel for each device pixel, where `scale` is
        device pixels per photo pixel; the largest one where none has.
        """
        wanted = self.size.width * scale * 0.999
        enough = [level for level in self.levels if level.width() >= wanted]
        return enough[-1] if enough else self.levels[0]


@dataclass(frozen=True, slots=True)
class PhotoFailure:
    """A photo that cannot be shown: a code for programs, a reason and a remedy for people."""

    photo: Path
    code: str
    reason: str
    remedy: str


def levels_of(pixels: NDArray[np.uint8]) -> tuple[QImage, ...]:
    """The levels of an (h, w, 4) BGRA or (h, w, 3) RGB picture; copies it, in any thread."""
    height, width = pixels.shape[:2]
    images = [QImage(width, height, QImage.Format.Format_RGB32)]
    target = _pixels_of(images[0])
    if pixels.shape[2] == 3:
        cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA, dst=target)
    else:
        np.copyto(target, pixels)
    while max(width, height) > SMALLEST_SIDE and min(width, height) > 1:
        width, height = width // 2, height // 2
        images.append(QImage(width, height, QImage.Format.Format_RGB32))
        half = _pixels_of(images[-1])
        cv2.resize(target, (width, height), dst=half, interpolation=cv2.INTER_AREA)
        target = half
    return tuple(images)


def _pixels_of(image: QImage) -> NDArray[np.uint8]:
    """The image's own memory as (h, w, 4); 32-bit rows have no padding."""
    return np.frombuffer(image.bits(), np.uint8).reshape(image.height(), image.width(), 4)
