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
    """The levels of an (h, w, 4) BGRA or (h, w, 3) RGB picture; slow, for any thread.

    BGRA is taken over, not copied: the caller must not change it any more.
    """
    if pixels.shape[2] == 3:
        pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA), np.uint8)
    images = [_image_of(pixels)]
    height, width = pixels.shape[:2]
    while max(width, height) > SMALLEST_SIDE and min(width, height) > 1:
        width, height = width // 2, height // 2
        half = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        pixels = np.asarray(half, np.uint8)
        images.append(_image_of(pixels))
    return tuple(images)


def _image_of(pixels: NDArray[np.uint8]) -> QImage:
    """An image on the array's own memory: PySide keeps the array as long as any copy of the image
    lives, and numpy's memory is of huge pages, which come and go ten times as fast as Qt's.
    """
    height, width = pixels.shape[:2]
    rows = np.ascontiguousarray(pixels)
    return QImage(rows.data, width, height, 4 * width, QImage.Format.Format_RGB32)
