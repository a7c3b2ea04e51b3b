"""Bringing cut pixels into what a file format can hold, and saying what that cost."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageCms

from app.files.pixels import Layout, Pixels, srgb_profile

NOTE_8_BIT: Final = "The photo has 16 bits a channel; a JPEG holds 8."
NOTE_FLATTENED: Final = "The transparent parts were laid over white: a JPEG has no transparency."
NOTE_SRGB: Final = "The CMYK colours were converted to sRGB: a PNG has no CMYK."


@dataclass(frozen=True, slots=True)
class Fitted:
    """Pixels that a format can hold, their profile, and what had to change."""

    pixels: Pixels
    layout: Layout
    icc: bytes | None
    notes: tuple[str, ...] = ()


def for_jpeg(pixels: Pixels, layout: Layout, icc: bytes | None) -> Fitted:
    """8 bits, without alpha."""
    notes: tuple[str, ...] = ()
    if layout.has_alpha:
        pixels, layout = _over_white(pixels, layout)
        notes = (NOTE_FLATTENED,)
    if pixels.dtype == np.uint16:
        pixels = _to_8_bit(pixels)
        notes = (*notes, NOTE_8_BIT)
    return Fitted(pixels, layout, icc, notes)


def for_png(pixels: Pixels, layout: Layout, icc: bytes | None) -> Fitted:
    """No CMYK."""
    if layout is not Layout.CMYK:
        return Fitted(pixels, layout, icc)
    return Fitted(_cmyk_to_srgb(pixels, icc), Layout.RGB, srgb_profile(), (NOTE_SRGB,))


def for_tiff(pixels: Pixels, layout: Layout, icc: bytes | None) -> Fitted:
    """Everything."""
    return Fitted(pixels, layout, icc)


def _to_8_bit(pixels: Pixels) -> Pixels:
    return cv2.convertScaleAbs(pixels, alpha=255 / 65535).reshape(pixels.shape)


def _over_white(pixels: Pixels, layout: Layout) -> tuple[Pixels, Layout]:
    highest = np.iinfo(pixels.dtype).max
    alpha = pixels[:, :, -1:].astype(np.float32) / highest
    seen = pixels[:, :, :-1] * alpha + highest * (1 - alpha)
    flat = np.rint(seen).astype(pixels.dtype)
    if layout is Layout.GREY_ALPHA:
        return np.ascontiguousarray(flat[:, :, 0]), Layout.GREY
    return flat, Layout.RGB


def _cmyk_to_srgb(pixels: Pixels, icc: bytes | None) -> Pixels:
    height, width = pixels.shape[:2]
    image = Image.frombuffer("CMYK", (width, height), pixels, "raw", "CMYK", 0, 1)
    if icc:
        try:
            converted = ImageCms.profileToProfile(
                image, io.BytesIO(icc), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except ImageCms.PyCMSError:
            converted = None  # a profile that is not one for CMYK: the plain way below
        if converted is not None:
            return np.asarray(converted)
    return np.asarray(image.convert("RGB"))
