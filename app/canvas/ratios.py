"""The ratios that a crop can take, and how a ratio is written. No Qt."""

from __future__ import annotations

from typing import Final

from engine.vocabulary import Aspect, Size

PRESETS: Final = (
    Aspect(1, 1),
    Aspect(4, 5),
    Aspect(3, 2),
    Aspect(16, 9),
    Aspect(2, 3),
    Aspect(9, 16),
)

_NAMED: Final = (
    *PRESETS,
    Aspect(5, 4),
    Aspect(4, 3),
    Aspect(3, 4),
    Aspect(7, 5),
    Aspect(5, 7),
    Aspect(2, 1),
    Aspect(1, 2),
    Aspect(3, 1),
    Aspect(1, 3),
)


def has_aspect(size: Size, aspect: Aspect) -> bool:
    """Whether a crop of these pixels has the ratio, within one pixel on the shorter side."""
    if aspect.width >= aspect.height:
        return abs(size.width / aspect.ratio - size.height) <= 1
    return abs(size.height * aspect.ratio - size.width) <= 1


def ratio_text(size: Size) -> str:
    """The ratio as people write it: 3:2 where it is one, 1.47:1 or 1:1.47 otherwise."""
    for aspect in _NAMED:
        if has_aspect(size, aspect):
            return str(aspect)
    if size.width >= size.height:
        return f"{size.width / size.height:.2f}:1"
    return f"1:{size.height / size.width:.2f}"


def size_text(size: Size) -> str:
    """Pixels and ratio of a crop: 3000 × 2000 · 3:2."""
    return f"{size.width} × {size.height} · {ratio_text(size)}"
