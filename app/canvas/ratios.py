"""How a crop's size and ratio are written beside it."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from app.domain.ratios import ratio_words
from engine.vocabulary import Size


def size_text(size: Size) -> str:
    """Pixels and ratio of a crop: 3000 × 2000 · 3:2."""
    ratio = ratio_words(size, lambda number: QLocale().toString(number, "f", 2))
    return f"{size.width} × {size.height} · {ratio}"
