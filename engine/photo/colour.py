"""From the colours of a file to sRGB with LittleCMS, by its embedded profile where it has one.

The intent is perceptual, as viewers do it with photographs: tables where the profile holds some;
with a matrix profile (cameras, phones) it is the relative colorimetric one, and LittleCMS moves the
darkest colour to black. A profile that is broken, or made for another kind of colours than the
picture has, is ignored.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from engine.photo.matrix import Convert, matrix_conversion
from engine.photo.shape import Pixels

MAX_PROFILE_BYTES: Final = 16 * 1024**2
"""Printing profiles have up to about 4 MB; anything far beyond is no profile."""

_MODES: Final = {1: "L", 3: "RGB", 4: "CMYK"}
_SPACES: Final = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


def channels_of(pixels: Pixels) -> int:
    return 1 if pixels.ndim == 2 else pixels.shape[2]


def to_srgb(pixels: NDArray[np.uint8], icc: bytes | None) -> NDArray[np.uint8]:
    """Grey, RGB or CMYK pixels of 8 bits as (h, w, 3) sRGB."""
    convert = conversion(icc, channels_of(pixels))
    return plain_rgb(pixels) if convert is None else convert(pixels)


def plain_rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3) RGB without any profile: grey repeated, CMYK by the simple subtraction."""
    channels = channels_of(pixels)
    if channels == 1:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)
    if channels == 4:
        return np.asarray(Image.fromarray(pixels, mode="CMYK").convert("RGB"))
    return pixels


@lru_cache(maxsize=16)
def conversion(icc: bytes | None, channels: int) -> Convert | None:
    """What turns pixels of 1, 3 or 4 channels with this profile into sRGB; None where nothing is
    to be done: no profile, one that cannot be used, or sRGB itself.
    """
    by_littlecms = _littlecms(icc, _MODES[channels])
    if icc is None or by_littlecms is None or channels != 3:
        return by_littlecms
    grid = _grid()
    wanted = by_littlecms(grid).astype(int)
    if np.abs(wanted - grid).max() <= 1:  # an sRGB profile: no colour moves beyond a rounding
        return None
    by_matrix = matrix_conversion(icc)
    if by_matrix is not None and np.abs(by_matrix(grid) - wanted).max() <= 1:
        return by_matrix
    return by_littlecms


def _littlecms(icc: bytes | None, mode: str) -> Convert | None:
    if not icc or len(icc) > MAX_PROFILE_BYTES:
        return None
    try:
        profile: Any = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        if profile.profile.xcolor_space.strip() != _SPACES[mode]:
            return None
        transform = ImageCms.buildTransform(
            profile, ImageCms.createProfile("sRGB"), mode, "RGB", ImageCms.Intent.PERCEPTUAL
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return lambda pixels: np.asarray(transform.apply(Image.fromarray(pixels, mode=mode)))


def _grid() -> NDArray[np.uint8]:
    """(289, 17, 3): colours spread over all of RGB."""
    levels = np.linspace(0, 255, 17).round().astype(np.uint8)
    return np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(289, 17, 3)
