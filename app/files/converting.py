"""Bringing cut pixels into what a file format can hold, and saying what that cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.files.pixels import Layout, Pixels, srgb_profile
from engine.photo.colour import to_srgb
from engine.photo.shape import to_8_bit
from engine.photo.still import over_white

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
        pixels = over_white(pixels)
        layout = Layout.GREY if layout is Layout.GREY_ALPHA else Layout.RGB
        notes = (NOTE_FLATTENED,)
    if pixels.dtype == np.uint16:
        pixels = to_8_bit(pixels)
        notes = (*notes, NOTE_8_BIT)
    return Fitted(pixels, layout, icc, notes)


def for_png(pixels: Pixels, layout: Layout, icc: bytes | None) -> Fitted:
    """No CMYK."""
    if layout is not Layout.CMYK:
        return Fitted(pixels, layout, icc)
    return Fitted(to_srgb(pixels, icc), Layout.RGB, srgb_profile(), (NOTE_SRGB,))


def for_tiff(pixels: Pixels, layout: Layout, icc: bytes | None) -> Fitted:
    """Everything."""
    return Fitted(pixels, layout, icc)
