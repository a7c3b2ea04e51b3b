"""How a crop's size and ratio are written beside it."""

from __future__ import annotations

from math import gcd
from typing import Final

from PySide6.QtCore import QLocale

from engine.vocabulary import Size

_FAMILIAR: Final = ((1, 1), (5, 4), (4, 3), (7, 5), (3, 2), (16, 10), (5, 3), (16, 9), (2, 1))
_LARGEST_TERM: Final = 32


def ratio_text(size: Size) -> str:
    """The ratio as a familiar pair if it is one within a pixel, else as a number to 1."""
    for long, short in _FAMILIAR:
        for width, height in ((long, short), (short, long)):
            if abs(size.width - size.height * width / height) <= max(1.0, width / height):
                return f"{width}:{height}"
    common = gcd(size.width, size.height)
    width, height = size.width // common, size.height // common
    if max(width, height) <= _LARGEST_TERM:
        return f"{width}:{height}"
    locale, ratio = QLocale(), size.width / size.height
    if ratio >= 1:
        return f"{locale.toString(ratio, 'f', 2)}:1"
    return f"1:{locale.toString(1 / ratio, 'f', 2)}"


def size_text(size: Size) -> str:
    """Pixels and ratio of a crop: 3000 × 2000 · 3:2."""
    return f"{size.width} × {size.height} · {ratio_text(size)}"
