"""Numbers and places as the sentences of the built-in engine write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.builtin.wording import Say
from engine.vocabulary import Box

_THIRD: Final = 1 / 3


def percent(share: float, *, digits: int = 0) -> str:
    """A share as a percentage: 0.345 is "34.5 %" with one digit. Never "-0 %"."""
    value = round(share * 100, digits)
    return f"{value + 0.0:.{digits}f} %"


def signed(value: float, *, digits: int = 1) -> str:
    """A number with its sign, the minus a real one."""
    text = f"{abs(value):.{digits}f}"
    return f"−{text}" if value < 0 else f"+{text}"


def size_of_number(value: float, *, digits: int = 1) -> str:
    """A number without its sign."""
    return f"{abs(value):.{digits}f}"


def place(say: Say, point: tuple[float, float]) -> str:
    """Where in the frame a point lies, for use after "lies" or "is"."""
    column = min(int(max(point[0], 0.0) / _THIRD), 2)
    row = min(int(max(point[1], 0.0) / _THIRD), 2)
    return (
        (say("at the upper left"), say("at the top"), say("at the upper right")),
        (say("at the left"), say("in the middle"), say("at the right")),
        (say("at the lower left"), say("at the bottom"), say("at the lower right")),
    )[row][column]


def place_of(say: Say, box: Box) -> str:
    """Where in the frame a box lies."""
    return place(say, box.centre)


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


def thirds(stops: float) -> str:
    """Stops as cameras count them, to the nearest third and at least one: "0.3", "1", "1.7"."""
    count = max(1, round(abs(stops) * 3))
    whole, rest = divmod(count, 3)
    return f"{whole}" if rest == 0 else f"{whole}.{(0, 3, 7)[rest]}"


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
