"""Numbers and places as the sentences of the built-in engine write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.builtin.wording import Say

_BANDS: Final = (0.28, 0.44, 0.56, 0.72)
"""Limits of far left, left of the middle, the middle, right of it and far right; of rows too."""


def percent(share: float, *, digits: int = 0) -> str:
    """A share as a percentage: 0.345 is "34.5 %" with one digit. Never "-0 %"."""
    value = round(share * 100, digits)
    return f"{value + 0.0:.{digits}f} %"


def signed(value: float, *, digits: int = 1) -> str:
    """A number with its sign, the minus a real one; nothing is "−0.0"."""
    rounded = round(value, digits) + 0.0
    return f"−{-rounded:.{digits}f}" if rounded < 0 else f"+{rounded:.{digits}f}"


def size_of_number(value: float, *, digits: int = 1) -> str:
    """A number without its sign."""
    return f"{abs(value):.{digits}f}"


def place(say: Say, point: tuple[float, float]) -> str:
    """Where in the frame a point lies, for use after "lies" or "is"."""
    x, y = (_band(value) for value in point)
    if abs(x) < 2 and abs(y) < 2:
        return (
            (
                say("above and left of the middle"),
                say("above the middle"),
                say("above and right of the middle"),
            ),
            (say("left of the middle"), say("in the middle"), say("right of the middle")),
            (
                say("below and left of the middle"),
                say("below the middle"),
                say("below and right of the middle"),
            ),
        )[y + 1][x + 1]
    return (
        (say("at the upper left"), say("at the top"), say("at the upper right")),
        (say("at the left"), say("in the middle"), say("at the right")),
        (say("at the lower left"), say("at the bottom"), say("at the lower right")),
    )[_sign(y) + 1][_sign(x) + 1]


def _band(value: float) -> int:
    """-2 far left or up, -1 a little, 0 the middle, 1 a little, 2 far right or down."""
    return sum(value > limit for limit in _BANDS) - 2


def _sign(band: int) -> int:
    return (band > 0) - (band < 0)


def side(say: Say, name: str) -> str:
    """The name of a side, for use after "the" and before "side"."""
    return {
        "left": say("left"),
        "top": say("top"),
        "right": say("right"),
        "bottom": say("bottom"),
    }[name]


def listed(say: Say, words: Sequence[str]) -> str:
    """One, two or more words as a list: "left", "left and top", "left, top and right"."""
    if len(words) <= 1:
        return "".join(words)
    *before, last = words
    return say("{first} and {last}", first=", ".join(before), last=last)


def coded_place(say: Say, code: str) -> str:
    """Where in the frame, from a code of `engine.builtin.place`, for use after "is" or "lies"."""
    return {
        "top_left": say("at the upper left"),
        "top": say("at the top"),
        "top_right": say("at the upper right"),
        "left": say("at the left"),
        "centre": say("in the middle"),
        "right": say("at the right"),
        "bottom_left": say("at the lower left"),
        "bottom": say("at the bottom"),
        "bottom_right": say("at the lower right"),
        "everywhere": say("all over the frame"),
    }[code]


def thirds(value: float) -> str:
    """A number of stops as cameras count them, to the nearest third, at least one: "1.7"."""
    whole, rest = divmod(_count_of_thirds(value), 3)
    return f"{whole}" if rest == 0 else f"{whole}.{(0, 3, 7)[rest]}"


def stops(say: Say, value: float) -> str:
    """The same in words: "a third of a stop", "1.7 stops"."""
    count = _count_of_thirds(value)
    if count <= 3:
        return (say("a third of a stop"), say("two thirds of a stop"), say("one stop"))[count - 1]
    return say("{count} stops", count=thirds(value))


def _count_of_thirds(value: float) -> int:
    return max(1, round(abs(value) * 3))


def hue(say: Say, code: str) -> str:
    """The colour of a cast, from a code of `engine.builtin.measure.colour`, before "cast"."""
    return {
        "red": say("red"),
        "orange": say("orange"),
        "yellow": say("yellow"),
        "green": say("green"),
        "cyan": say("cyan"),
        "blue": say("blue"),
        "violet": say("violet"),
        "magenta": say("magenta"),
    }[code]


def blur_width(say: Say, pixels: float) -> str:
    """The width of an edge; below one pixel the file cannot show how far below."""
    if pixels < 1:
        return say("less than a pixel")
    return say("{count} pixels", count=f"{pixels:.1f}")
