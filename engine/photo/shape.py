"""Turning a stored picture upright, and reducing it to an exact long side."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Size

Pixels = NDArray[Any]
"""(h, w) grey, (h, w, 3) RGB or (h, w, 4) CMYK or BGRA; uint8 or uint16."""

SIDEWAYS: Final = (5, 6, 7, 8)
"""The EXIF orientations that swap width and height."""


def upright_size(width: int, height: int, orientation: int) -> Size:
    """The size of a stored `width` × `height` once turned."""
    return Size(height, width) if orientation in SIDEWAYS else Size(width, height)


def turned_upright(pixels: Pixels, orientation: int) -> Pixels:
    """The stored pixels as they are meant to be seen (EXIF 2.32, tag 274)."""
    turned: Pixels = pixels
    match orientation:
        case 2:
            turned = cv2.flip(pixels, 1)
        case 3:
            turned = cv2.rotate(pixels, cv2.ROTATE_180)
        case 4:
            turned = cv2.flip(pixels, 0)
        case 5:
            turned = cv2.transpose(pixels)
        case 6:
            turned = cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE)
        case 7:
            turned = cv2.rotate(cv2.transpose(pixels), cv2.ROTATE_180)
        case 8:
            turned = cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return turned


def fitted(width: int, height: int, long_side: int | None) -> tuple[int, int]:
    """Width and height with exactly `long_side`, never larger than they are."""
    longest = max(width, height)
    if long_side is None or long_side >= longest:
        return width, height
    return (
        max(1, round(width * long_side / longest)),
        max(1, round(height * long_side / longest)),
    )


def reduced(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture at a size no larger than its own: every pixel the mean of those it covers."""
    if pixels.shape[:2] == (height, width):
        return pixels
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


def to_8_bit(pixels: Pixels) -> NDArray[np.uint8]:
    """16-bit values rounded to the nearest of 256 levels."""
    if pixels.dtype == np.uint16:
        rounded = cv2.convertScaleAbs(pixels, alpha=255 / 65535)
        return np.asarray(rounded, np.uint8).reshape(pixels.shape)
    return pixels.astype(np.uint8, copy=False)
