"""The names of aspect ratios: 3:2 where the pixels meet it, as people know it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.vocabulary import Aspect, Size

_WIDE: Final = tuple(
    Aspect(*sides)
    for sides in (
        *((1, 1), (5, 4), (4, 3), (7, 5), (3, 2), (16, 10), (5, 3), (16, 9), (2, 1), (21, 9)),
        (3, 1),
    )
)
NAMED: Final = (*_WIDE, *(Aspect(aspect.height, aspect.width) for aspect in _WIDE[1:]))
"""Ratios that have a name among photographers, the squarest first."""


def named_ratio(pixels: Size) -> Aspect | None:
    """The named ratio that the sides meet within one pixel on the shorter one."""
    for aspect in NAMED:
        wide = aspect.width >= aspect.height
        goal = pixels.width / aspect.ratio if wide else pixels.height * aspect.ratio
        if abs((pixels.height if wide else pixels.width) - goal) <= 1:
            return aspect
    return None


def ratio_words(pixels: Size, number: Callable[[float], str] = "{:.2f}".format) -> str:
    """The ratio by its name, such as 3:2, or else as a number, such as 1.47:1 or 1:1.47."""
    named = named_ratio(pixels)
    if named is not None:
        return str(named)
    if pixels.width >= pixels.height:
        return f"{number(pixels.width / pixels.height)}:1"
    return f"1:{number(pixels.height / pixels.width)}"
