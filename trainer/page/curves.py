"""Curves as inline SVG: read in light and dark, by eye and by a screen reader; no library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Final

Point = tuple[float, float]

WIDTH: Final = 640
HEIGHT: Final = 240
_LEFT: Final = 64
_RIGHT: Final = 12
_TOP: Final = 12
_BOTTOM: Final = 40
_MOST_POINTS: Final = 300
"""More are averaged: a curve has no more dots than that."""
_TICKS: Final = 5
_DASHES: Final = ("", "6 4", "2 3", "8 3 2 3")
"""Curves differ by their strokes too, not by colour alone."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A named line through points (x, y) with rising x; what is not finite is left out."""

    name: str
    points: tuple[Point, ...]


def chart(title: str, curves: Sequence[Curve], *, x: str, y: str, ident: str) -> str:
    """One SVG element with axes named `x` and `y`; `ident` is unique on its page.

    Its colours are the page's: `currentColor` and the classes curve-0, curve-1, … of `STYLE`.
    """
    shown = [Curve(each.name, thinned(each.points)) for each in curves]
    shown = [each for each in shown if each.points]
    words = escape(description(title, shown, x=x, y=y))
    head = (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-labelledby="{ident}-title {ident}-words">'
        f'<title id="{ident}-title">{escape(title)}</title>'
        f'<desc id="{ident}-words">{words}</desc>'
    )
    if not shown:
        nothing = f'<text x="{WIDTH / 2}" y="{HEIGHT / 2}" text-anchor="middle">no figures</text>'
        return f"{head}{nothing}</svg>"
    across = _Axis.over([each for one in shown for each, _ in one.points], _LEFT, WIDTH - _RIGHT)
    up = _Axis.over([each for one in shown for _, each in one.points], HEIGHT - _BOTTOM, _TOP)
    lines = [_line(each, number, across, up) for number, each in enumerate(shown)]
    return "".join([head, _frame(across, up, x, y), *lines, "</svg>"])


def legend(curves: Sequence[Curve]) -> str:
    """The curves' names beside their strokes."""
    items = "".join(
        '<li><svg viewBox="0 0 36 8" width="36" height="8" aria-hidden="true">'
        f'<line class="curve curve-{number % len(_DASHES)}" x1="0" y1="4" x2="36" y2="4"'
        f"{dash(number)}/></svg> {escape(each.name)}</li>"
        for number, each in enumerate(curves)
    )
    return f'<ul class="legend">{items}</ul>'


def description(title: str, curves: Sequence[Curve], *, x: str, y: str) -> str:
    """The chart in words: where each curve begins and ends, and its least and largest value."""
    told = [f"{title}: {y} over {x}."]
    for each in curves:
        values = [value for _, value in each.points]
        told.append(
            f"{each.name}: from {number(values[0])} to {number(values[-1])}, least"
            f" {number(min(values))}, largest {number(max(values))}."
        )
    return " ".join(told)


def thinned(points: Sequence[Point], most: int = _MOST_POINTS) -> tuple[Point, ...]:
    """The finite points, those of neighbours averaged where there are more than `most`."""
    finite = [each for each in points if all(map(isfinite, each))]
    size = max(1, ceil(len(finite) / most))
    together = [finite[start : start + size] for start in range(0, len(finite), size)]
    return tuple(
        (sum(x for x, _ in each) / len(each), sum(y for _, y in each) / len(each))
        for each in together
    )


def number(value: float) -> str:
    """A number for people, with three digits that count; whole ones as they are."""
    if value == 0 or (float(value).is_integer() and abs(value) < 1e6):
        return f"{value:.0f}"
    return f"{value:.2e}" if abs(value) < 1e-3 or abs(value) >= 1e6 else f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class _Axis:
    """Values from `low` to `high` on pixels from `start` to `end`; ticks every `step`."""

    low: float
    high: float
    step: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> _Axis:
        low, high = min(values), max(values)
        if low == high:
            low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
        step = _round_step((high - low) / _TICKS)
        return cls(floor(low / step) * step, ceil(high / step) * step, step, start, end)

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[float]:
        return [
            self.low + n * self.step for n in range(round((self.high - self.low) / self.step) + 1)
        ]


def _round_step(least: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** floor(log10(least))
    return next(each * power for each in (1, 2, 5, 10) if each * power >= least * (1 - 1e-9))


def _frame(across: _Axis, up: _Axis, x: str, y: str) -> str:
    parts = []
    for tick in up.ticks:
        at = up.at(tick)
        parts.append(f'<line class="grid" x1="{_LEFT}" y1="{at}" x2="{WIDTH - _RIGHT}" y2="{at}"/>')
        parts.append(
            f'<text x="{_LEFT - 6}" y="{at + 4}" text-anchor="end">{_tick(tick, up)}</text>'
        )
    low = HEIGHT - _BOTTOM
    for tick in across.ticks:
        at = across.at(tick)
        parts.append(
            f'<text x="{at}" y="{low + 16}" text-anchor="middle">{_tick(tick, across)}</text>'
        )
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x)}</text>')
    turned = f'transform="rotate(-90 12 {(_TOP + low) / 2})"'
    parts.append(
        f'<text x="12" y="{(_TOP + low) / 2}" text-anchor="middle" {turned}>{escape(y)}</text>'
    )
    return "".join(parts)


def _tick(value: float, axis: _Axis) -> str:
    """A tick's words: the rounding of a sum of steps is not shown."""
    return number(round(value / axis.step) * axis.step)


def _line(curve: Curve, place: int, across: _Axis, up: _Axis) -> str:
    kind = f'class="curve curve-{place % len(_DASHES)}"'
    if len(curve.points) == 1:
        (x, y), *_ = curve.points
        return f'<circle {kind} cx="{across.at(x)}" cy="{up.at(y)}" r="3"/>'
    points = " ".join(f"{across.at(x)},{up.at(y)}" for x, y in curve.points)
    return f'<polyline {kind} points="{points}"{dash(place)}/>'


def dash(place: int) -> str:
    """The attribute that gives the curve of this number its own stroke; empty for the first."""
    pattern = _DASHES[place % len(_DASHES)]
    return f' stroke-dasharray="{pattern}"' if pattern else ""
