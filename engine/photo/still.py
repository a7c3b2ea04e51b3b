"""Every format but JPEG and RAW, through Pillow: one whole picture or an error."""

from __future__ import annotations

import io
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageCms

from engine.photo.info import PhotoInfo, open_picture
from engine.photo.intact import check_intact
from engine.photo.shape import Pixels

_SIXTEEN: Final = ("I;16", "I;16B", "I;16L", "I;16N")
_HIGH_BYTE_ONLY: Final = ("RGB", "RGBA", "RGBX", "LA")
"""Modes in which Pillow keeps only the high byte of 16 bits."""


def decode(data: bytes, info: PhotoInfo) -> Pixels:
    """The stored picture in its own colours: (h, w) grey, (h, w, 3) RGB or (h, w, 4) CMYK, of
    uint8 or uint16. Transparency lies over white. A TIFF comes upright, all others unturned.
    """
    check_intact(data, info.format)
    with open_picture(io.BytesIO(data), info.format) as image:
        image.load()
        if info.bits == 16 and image.mode in _HIGH_BYTE_ONLY:
            sixteen = _sixteen_bits(data, image.size)
            if sixteen is not None:
                return sixteen
        return _array(image)


def _sixteen_bits(data: bytes, size: tuple[int, int]) -> Pixels | None:
    """All 16 bits of each channel, by OpenCV; None where it reads this file otherwise."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16 or pixels.shape[1::-1] != size:
        return None
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] == 3:
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return over_white(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA))


def _array(image: Image.Image) -> Pixels:
    if image.mode in _SIXTEEN:
        return np.asarray(image).astype(np.uint16)
    if image.mode == "LAB":
        return np.asarray(_lab_to_srgb(image))
    if image.has_transparency_data:
        grey = image.mode in ("1", "L", "LA", "La")
        return over_white(np.asarray(image.convert("LA" if grey else "RGBA")))
    if image.mode == "1":
        return np.asarray(image.convert("L"))
    if image.mode not in ("L", "RGB", "CMYK"):
        return np.asarray(image.convert("RGB"))
    return np.asarray(image)


def _lab_to_srgb(image: Image.Image) -> Image.Image:
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
    return transform.apply(image)


def over_white(pixels: Pixels) -> Pixels:
    """Grey or RGB with a last channel of opacity, laid over white: (h, w) or (h, w, 3)."""
    full = np.iinfo(pixels.dtype).max
    # The products of 8 bits just fit into 16, those of 16 into 32.
    wide = np.uint16 if pixels.dtype == np.uint8 else np.uint32
    colour, alpha = pixels[..., :-1].astype(wide), pixels[..., -1:].astype(wide)
    colour *= alpha
    colour += (full - alpha) * full + full // 2
    colour //= full
    result = colour.astype(pixels.dtype)
    return result[..., 0] if result.shape[2] == 1 else result
