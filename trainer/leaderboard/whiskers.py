"""Means with their intervals as inline SVG, for light and dark, by eye and by a screen reader."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final

from trainer.leaderboard.result import ENGINE, Row
from trainer.page.curves import number

_WIDTH: Final = 640
_LABELS: Final = 270
_HIGH: Final = 28
_EDGE: Final = 24
_LONGEST: Final = 40


def whiskers(
    rows: Sequence[Row], key: str, *, ident: str, strong: Collection[str] = (ENGINE,)
) -> str:
    """One figure of every row that has it: a dot for the mean, a bar for its 95 % interval; a dot
    alone where there is none. Rows of the keys `strong` stand out. `ident` is unique on its page.
    Nothing where no row has the figure.
    """
    spans = [
        (row, figure, figure.mean, *_bounds(figure.mean, figure.low, figure.high))
        for row in rows
        if (figure := row.figure(key)) is not None and figure.mean is not None
    ]
    if not spans:
        return ""
    low, high, step = _axis(min(each[3] for each in spans), max(each[4] for each in spans))
    height = _HIGH * len(spans) + 2 * _EDGE

    def at(value: float) -> float:
        share = (value - low) / (high - low)
        return round(_LABELS + share * (_WIDTH - _EDGE - _LABELS), 1)

    first = spans[0][1]
    better = "lower is better" if first.lower_is_better else "higher is better"
    title = f"{first.title}, {better}"
    told = ". ".join(
        f"{row.title}: {figure.words}, {start:.{figure.digits}f} to {end:.{figure.digits}f}"
        for row, figure, _, start, end in spans
    )
    parts = [
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height}" role="img"'
        f' aria-labelledby="{ident}-title {ident}-words"><title id="{ident}-title">'
        f'{escape(title)}</title><desc id="{ident}-words">{escape(told)}.</desc>'
    ]
    for tick in range(round((high - low) / step) + 1):
        value = low + tick * step
        parts.append(
            f'<line class="grid" x1="{at(value)}" y1="{_EDGE}" x2="{at(value)}"'
            f' y2="{height - _EDGE}"/><text x="{at(value)}" y="{height - 6}"'
            f' text-anchor="middle">{number(round(value, 6))}</text>'
        )
    for place, (row, _, mean, start, end) in enumerate(spans):
        own = row.key in strong
        kind = f"curve curve-{0 if own else 1}"
        y = _EDGE + _HIGH * place + _HIGH // 2
        parts.append(
            f'<text x="{_LABELS - 12}" y="{y + 4}" text-anchor="end">{escape(_short(row.title))}'
            f'</text><line class="{kind}" x1="{at(start)}" y1="{y}" x2="{at(end)}" y2="{y}"/>'
            f'<circle class="{kind}" cx="{at(mean)}" cy="{y}" r="{5 if own else 3}"/>'
        )
    return f"<figure><figcaption>{escape(title)}</figcaption>{''.join(parts)}</svg></figure>"


def _bounds(mean: float, low: float | None, high: float | None) -> tuple[float, float]:
    return (mean, mean) if low is None or high is None else (low, high)


def _axis(low: float, high: float) -> tuple[float, float, float]:
    """Round ends around the values, and the step between ticks."""
    span = high - low or abs(high) or 1.0
    power = 10.0 ** floor(log10(span / 4))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= span / 4 * (1 - 1e-9))
    start, end = floor(low / step) * step, ceil(high / step) * step
    return start, end if end > start else start + step, step


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
