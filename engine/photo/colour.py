"""From the colours of a file to sRGB with LittleCMS, by its embedded profile where it has one.

The intent is the one that a viewer uses for photographs: perceptual where the profile holds
tables for it; matrix profiles (cameras, phones) know only the relative colorimetric conversion,
and LittleCMS then does that. A profile that is broken, or made for another kind of colours than
the picture has, is ignored.
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from engine.photo.shape import Pixels

MAX_PROFILE_BYTES: Final = 16 * 1024**2
"""Printing profiles have up to about 4 MB; anything far beyond is no profile."""

_MODES: Final = {1: "L", 3: "RGB", 4: "CMYK"}
_SPACES: Final = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
_BAND_PIXELS: Final = 1 << 20
"""A band of rows that stays small beside the picture, and large beside the cost of a call."""


def channels_of(pixels: Pixels) -> int:
    return 1 if pixels.ndim == 2 else pixels.shape[2]


def to_srgb(pixels: NDArray[np.uint8], icc: bytes | None) -> NDArray[np.uint8]:
    """Grey, RGB or CMYK pixels of 8 bits as (h, w, 3) sRGB."""
    transform = transform_to_srgb(icc, _MODES[channels_of(pixels)])
    if transform is None:
        return plain_rgb(pixels)
    result = np.empty((*pixels.shape[:2], 3), np.uint8)
    in_bands(pixels, lambda band, rows: _apply(transform, band, result[rows]))
    return result


def plain_rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3) RGB without any profile: grey repeated, CMYK by the simple subtraction."""
    channels = channels_of(pixels)
    if channels == 1:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)
    if channels == 4:
        return np.asarray(Image.fromarray(pixels, mode="CMYK").convert("RGB"))
    return pixels


def in_bands(pixels: Pixels, work: Any) -> None:
    """Call `work(band, rows)` for every band of rows, on two threads: LittleCMS uses one."""
    height, width = pixels.shape[:2]
    step = max(1, _BAND_PIXELS // width)
    bands = [slice(top, min(top + step, height)) for top in range(0, height, step)]
    if len(bands) == 1:
        work(pixels, bands[0])
        return
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda rows: work(pixels[rows], rows), bands):
            pass


def _apply(transform: Any, band: Pixels, out: Pixels) -> None:
    mode = _MODES[channels_of(band)]
    out[:] = np.asarray(transform.apply(Image.fromarray(band, mode=mode)))


@lru_cache(maxsize=16)
def transform_to_srgb(icc: bytes | None, mode: str) -> Any:
    """LittleCMS's transform from a profile to sRGB; None where nothing is to be done: no profile,
    one that cannot be used, or sRGB itself.
    """
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
    return None if mode == "RGB" and _changes_nothing(transform) else transform


def _changes_nothing(transform: Any) -> bool:
    """Whether no colour of a coarse grid moves by more than a rounding: an sRGB profile."""
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    moved = np.asarray(transform.apply(Image.fromarray(grid)))
    return bool(np.abs(moved.astype(int) - grid).max() <= 1)
