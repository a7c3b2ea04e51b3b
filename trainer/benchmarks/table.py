"""From lines to a run's rows: means, 95 % intervals, and paired differences from a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from engine.wire import to_json
from trainer.benchmarks.bootstrap import Interval, intervals
from trainer.benchmarks.lines import FULL_FRAME, Line, Measure
from trainer.leaderboard.result import ENGINE, Figure, Result, Role, Row
from trainer.leaderboard.told import seconds

_WIDTH: Final = 38


def rows(
    lines: Sequence[Line], measures: Sequence[Measure], *, baseline: str = FULL_FRAME
) -> tuple[Row, ...]:
    """Every line's figures; the same photos are drawn for all of them, so they can be compared."""
    base = next(each for each in lines if each.key == baseline).values
    columns = np.hstack([each.values for each in lines] + [each.values - base for each in lines])
    found = intervals(columns)
    count = len(measures)
    own, gains = found[: count * len(lines)], found[count * len(lines) :]
    return tuple(
        Row(
            key=line.key,
            title=line.title,
            figures=tuple(
                _figure(
                    measure,
                    own[place * count + number],
                    None if line.key == baseline else gains[place * count + number],
                )
                for number, measure in enumerate(measures)
            ),
            role=line.role,
            unanswered=line.unanswered,
            note=line.note,
        )
        for place, line in enumerate(lines)
    )


def _figure(measure: Measure, own: Interval | None, gain: Interval | None) -> Figure:
    shared: dict[str, Any] = {
        "key": measure.key,
        "title": measure.title,
        "lower_is_better": measure.lower_is_better,
        "digits": measure.digits,
    }
    if own is None:
        return Figure(mean=None, **shared)
    return Figure(
        mean=own.mean,
        low=own.low,
        high=own.high,
        count=own.count,
        gain=None if gain is None else gain.mean,
        gain_low=None if gain is None else gain.low,
        gain_high=None if gain is None else gain.high,
        **shared,
    )


def printed(result: Result) -> dict[str, Any]:
    """The object that `--json` prints: the engine's and the baseline's figures by name, the paired
    gain of the first, and the whole result.
    """
    own, base = result.row(ENGINE), result.row(result.baseline)
    assert own is not None
    assert base is not None
    first = own.figures[0]
    return {
        "engine": result.chosen,
        "photos": result.photos,
        **_means(own),
        "seconds_per_photo": result.seconds,
        f"gain_over_{result.baseline}": {
            first.key: first.gain,
            "low": first.gain_low,
            "high": first.gain_high,
        },
        "baseline": _means(base),
        "result": to_json(result),
    }


def _means(row: Row) -> Mapping[str, float | None]:
    return {each.key: each.mean for each in row.figures}


def as_text(result: Result) -> str:
    """The table for people, without the lines of single annotators."""
    told = [each for each in result.rows if each.role is not Role.DETAIL]
    measures = told[0].figures
    width = max(_WIDTH, *(len(each.title) + 2 for each in told))
    widths = [max(9, len(each.title) + 2) for each in measures]
    head = "".join(f"{each.title:>{w}}" for each, w in zip(measures, widths, strict=True))
    found = [f"{'':<{width}}{head}"]
    for row in told:
        cells = "".join(f"{each.words:>{w}}" for each, w in zip(row.figures, widths, strict=True))
        found.append(f"{row.title:<{width}}{cells}")
    found += [f"{each.title}: {each.note}" for each in told if each.note]
    own = result.row(ENGINE)
    first = None if own is None else own.figures[0]
    if own is not None and own.unanswered:
        found.append(f"{own.unanswered} photos without an answer count as missed.")
    if first is not None and first.gain is not None:
        found.append(
            f"gain over the {result.baseline.replace('_', ' ')}: {first.gain:+.4f} {first.title}"
            f" (95 %: {first.gain_low:+.4f} … {first.gain_high:+.4f})"
        )
    found.append(f"{result.photos} photos, {seconds(result.seconds)} each")
    return "\n".join(found)
