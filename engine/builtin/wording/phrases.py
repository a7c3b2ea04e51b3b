"""Numbers, places and colours as the sentences of the built-in engine write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.builtin.wording import Say

_BANDS: Final = (0.28, 0.44, 0.56, 0.72)
"""Limits of far left, left of the middle, the middle, right of it and far right; of rows too."""


def place(say: Say, point: tuple[float, float]) -> str:
    """Where in the frame a point lies, for use after "lies" or a noun."""
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


def coded_place(say: Say, code: str) -> str:
    """Where in the frame, from a code of `engine.builtin.place`."""
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
        "everywhere": say("in many places"),
    }[code]


def side(say: Say, name: str) -> str:
    """The name of a side, for use after "at the" and before "side"."""
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
    first = before[0]
    for each in before[1:]:
        first = say("{first}, {next}", first=first, next=each)
    return say("{first} and {last}", first=first, last=last)


# ── amounts ──────────────────────────────────────────────────────────────────────────────────────


def part(say: Say, share: float) -> str:
    """A share of the frame as one says it, for use before "of the frame": "a tenth"."""
    if share < 0.035:
        return say.percent(share, digits=1 if share < 0.0095 else 0)
    limits = (0.075, 0.125, 0.175, 0.225, 0.29, 0.365, 0.45, 0.55, 0.63, 0.71, 0.82)
    return (
        say("a twentieth"),
        say("a tenth"),
        say("a seventh"),
        say("a fifth"),
        say("a quarter"),
        say("a third"),
        say("two fifths"),
        say("half"),
        say("three fifths"),
        say("two thirds"),
        say("three quarters"),
        say("nine tenths"),
    )[sum(share >= limit for limit in limits)]


def thirds(say: Say, value: float, *, sign: bool = False) -> str:
    """A number of stops as cameras count them, to the nearest third, at least one: "1.7"."""
    count = _count_of_thirds(value)
    stops = count / 3 if value > 0 else -count / 3
    return say.number(stops, digits=0 if count % 3 == 0 else 1, sign=sign)


def stops(say: Say, value: float) -> str:
    """The same in words: "a third of a stop", "1.7 stops"."""
    count = _count_of_thirds(value)
    if count <= 3:
        return (say("a third of a stop"), say("two thirds of a stop"), say("one stop"))[count - 1]
    return say("{count} stops", count=thirds(say, value))


def _count_of_thirds(value: float) -> int:
    return max(1, round(abs(value) * 3))


def about_stops(say: Say, value: float) -> str:
    """A difference in brightness as one sees it, in half stops: "a stop and a half"."""
    halves = min(max(round(abs(value) * 2), 1), 7)
    return (
        say("half a stop"),
        say("a stop"),
        say("a stop and a half"),
        say("two stops"),
        say("two and a half stops"),
        say("three stops"),
        say("more than three stops"),
    )[halves - 1]


def slider(say: Say, amount: float, *, least: int = 10, most: int = 80) -> str:
    """A slider's setting from -100 to 100, with its sign, in steps of five."""
    size = min(max(5 * round(abs(amount) / 5), least), most)
    return say.number(size if amount > 0 else -size, digits=0, sign=True)


def degrees(say: Say, value: float) -> str:
    """An angle without its sign; nobody reads a zero after the point."""
    tenths = round(abs(value), 1)
    return say.number(tenths, digits=0 if tenths.is_integer() else 1)


def pixels(say: Say, width: float) -> str:
    """The width of an edge; below one pixel the file cannot show how far below."""
    if width < 1:
        return say("less than a pixel")
    if width < 1.5:
        return say("about a pixel")
    return say("about {count} pixels", count=say.number(width, digits=0))


# ── colours ──────────────────────────────────────────────────────────────────────────────────────


def hue(say: Say, code: str) -> str:
    """The colours of a hue of `engine.builtin.measure.colour.HUES`, for use after "of"."""
    return {
        "red": say("reds"),
        "orange": say("oranges"),
        "yellow": say("yellows"),
        "green": say("greens"),
        "cyan": say("blue-greens"),
        "blue": say("blues"),
        "violet": say("violets"),
        "magenta": say("magentas"),
        "earth": say("earth tones"),
    }[code]


def cast(say: Say, code: str) -> str:
    """A colour cast with its article."""
    return {
        "red": say("a red cast"),
        "orange": say("an orange cast"),
        "yellow": say("a yellow cast"),
        "green": say("a green cast"),
        "cyan": say("a cyan cast"),
        "blue": say("a blue cast"),
        "violet": say("a violet cast"),
        "magenta": say("a magenta cast"),
    }[code]
