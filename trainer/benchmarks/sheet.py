"""The contact sheet: photos where an engine did best, worst, and closest to the full frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from engine.photo import PhotoError, read
from engine.vocabulary import Box
from trainer.benchmarks.cases import Benchmark, Case
from trainer.benchmarks.lines import RAW, Line, Measure, Pairs
from trainer.benchmarks.record import Record
from trainer.benchmarks.rule import FULL, Edges, compare
from trainer.leaderboard.result import ENGINE
from trainer.page.curves import Curve, legend
from trainer.page.html import Drawn, photo

EACH: Final = 6
"""Photos of a kind."""
_LONG_SIDE: Final = 320
_GRID: Final = (
    'class="answers"'
    ' style="grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));gap:1.25rem"'
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Places of photos among those measured: `best` and `worst` by the gain over the baseline,
    `closest` where it is nearest to none although the engine's crop is not the full frame.
    """

    best: tuple[int, ...]
    worst: tuple[int, ...]
    closest: tuple[int, ...]


def choose(engine: Line, baseline: Line, *, each: int = EACH) -> Chosen:
    """The photos to show, by the first measure; none is shown twice."""
    gains = engine.values[:, 0] - baseline.values[:, 0]
    order = [int(place) for place in np.argsort(-gains, kind="stable") if np.isfinite(gains[place])]
    count = min(each, len(order) // 3 or 1)
    best, worst = order[:count], order[count:][-count:][::-1]
    rest = [place for place in order if place not in {*best, *worst}]
    own = [place for place in rest if not engine.boxes or engine.boxes[place] not in (None, FULL)]
    closest = sorted(own, key=lambda place: (abs(gains[place]), place))[:count]
    return Chosen(tuple(best), tuple(worst), tuple(closest))


def sheet(
    benchmark: Benchmark,
    measured: Pairs,
    lines: Sequence[Line],
    baseline: Line,
    measures: Sequence[Measure],
) -> Iterable[str]:
    """The sheet's HTML: three headed groups of photos with their boxes."""
    by_key = {line.key: line for line in lines}
    engine, raw = by_key[ENGINE], by_key.get(RAW)
    chosen = choose(engine, baseline)
    names = _names(benchmark, raw is not None)
    yield legend([Curve(each, ()) for each in names])
    first = measures[0].title
    for title, words, places in (
        ("Best", f"the largest gains in {first} over: {baseline.title}", chosen.best),
        ("Worst", f"the greatest losses in {first} against: {baseline.title}", chosen.worst),
        ("Closest", f"nearly the {first} of: {baseline.title}, by another way", chosen.closest),
    ):
        if not places:
            continue
        yield f'<h3>{title}</h3><p class="quiet">{escape(words)}</p><div {_GRID}>'
        for place in places:
            case, record = measured[place]
            boxes = (
                _rated_boxes(case, record)
                if benchmark is Benchmark.GAICD
                else _drawn_boxes(case, engine, raw, place)
            )
            told = ", ".join(
                f"{measure.title} {value:.3f}"
                for measure, value in zip(measures[:2], engine.values[place], strict=False)
            )
            against = f"{baseline.title} {baseline.values[place, 0]:.3f}"
            yield _figure(case, _drawn(boxes, names), f"{told} · {against}")
        yield "</div>"


def _names(benchmark: Benchmark, raw: bool) -> list[str]:
    if benchmark is Benchmark.GAICD:
        return ["scored best by the engine", "rated best by people"]
    names = ["the engine's crop", "the nearest annotator's"]
    return [*names, "the raw text's box"] if raw else names


def _drawn_boxes(case: Case, engine: Line, raw: Line | None, place: int) -> list[Edges | None]:
    own = engine.boxes[place]
    near = compare(own if own is not None else FULL, case.boxes).annotator
    boxes = [own, None if near is None else case.boxes[near]]
    return boxes if raw is None else [*boxes, raw.boxes[place]]


def _rated_boxes(case: Case, record: Record) -> list[Edges | None]:
    best = case.boxes[int(np.argmax(case.ratings))]
    own = case.boxes[int(np.argmax(record.scores))] if record.scores else None
    return [own, best]


def _drawn(boxes: Sequence[Edges | None], names: Sequence[str]) -> list[Drawn]:
    """Those that can be drawn: a box with swapped corners has no inside."""
    return [
        Drawn(Box(*box), name, stroke)
        for stroke, (box, name) in enumerate(zip(boxes, names, strict=True))
        if box is not None and box[0] < box[2] and box[1] < box[3]
    ]


def _figure(case: Case, boxes: Sequence[Drawn], told: str) -> str:
    words = f"{case.name}; " + "; ".join(
        f"{each.name} from {each.box.left:.0%}, {each.box.top:.0%} to {each.box.right:.0%},"
        f" {each.box.bottom:.0%}"
        for each in boxes
    )
    try:
        picture = photo(read(case.photo, long_side=_LONG_SIDE), boxes, words=words)
    except PhotoError as error:
        picture = f'<p class="quiet">{escape(error.reason)}</p>'
    return (
        f"<figure>{picture}<figcaption>{escape(case.name)}<br/>"
        f'<span class="quiet">{escape(told)}</span></figcaption></figure>'
    )
