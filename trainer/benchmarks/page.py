"""A run as one HTML page with plots and pictures, and as CSV: one file each, nothing to fetch."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final

from trainer.benchmarks.cases import Benchmark
from trainer.benchmarks.lines import FULL_FRAME, MEASURES, Line, Pairs
from trainer.benchmarks.measuring import Missed
from trainer.benchmarks.plots import reached
from trainer.benchmarks.sheet import sheet
from trainer.leaderboard.result import ENGINE, Figure, Result, Role, Row
from trainer.leaderboard.told import conditions, gain, with_interval
from trainer.leaderboard.whiskers import whiskers
from trainer.page.curves import chart, legend
from trainer.page.html import document, table

RULES: Final = {
    Benchmark.FLMS: "The official rule: of each photo the largest IoU over its annotators, and the"
    " displacement at that one (the nearest of all where it has the same IoU), the mean of four"
    " edges. A box outside 0..1000 counts IoU 0 and the full frame's smallest displacement;"
    " nothing is sorted. The raw text is the first four numbers of a model's plain answer, as"
    " thousandths, whatever its family counts in.",
    Benchmark.FCDB: "IoU and displacement (the mean of four edges, as fractions of width and"
    " height) against the one box that was drawn for each photo.",
    Benchmark.GAICD: "Rank and linear correlation of scores with people's mean ratings of the"
    " annotated crops, and Acc k/N: the share of the k best-scored crops that are rated at least"
    " as high as the Nth best. Croppers of a single box score by overlap with it.",
}
_PLOTTED: Final = {
    Benchmark.FLMS: ("iou", "disp", "recall"),
    Benchmark.FCDB: ("iou", "disp"),
    Benchmark.GAICD: ("srcc", "acc5", "acc10"),
}
_FIGURE_COLUMNS: Final = (
    "row",
    "title",
    "measure",
    "mean",
    "low",
    "high",
    "photos",
    "gain",
    "gain_low",
    "gain_high",
    "unanswered",
)
_WIDE: Final = 4
"""So many figures fit beside each other."""
_CURVES: Final = 4
"""So many strokes can be told from each other."""


def page(
    benchmark: Benchmark,
    result: Result,
    measured: Pairs,
    lines: Sequence[Line],
    missed: Sequence[Missed],
) -> str:
    """The whole page of a run."""
    measures = MEASURES[benchmark]
    main = [each for each in result.rows if each.role is not Role.DETAIL]
    baseline = next(each for each in lines if each.key == result.baseline)
    shown = [each for each in lines if each.role is not Role.DETAIL][:_CURVES]
    curves = reached(shown)
    first = measures[0].title
    words = f"Share of photos with {first} of at least x"
    body = [
        f"<p>{escape(result.engine)} on {result.photos} photos. {escape(RULES[benchmark])}</p>",
        _figures(main),
        *_notes(main),
        *_unanswered(main),
        "<h2>Compared with the full frame</h2>",
        _gains(main),
        "<h2>Means and how sure they are</h2>",
        *(whiskers(main, key, ident=f"whiskers-{key}") for key in _PLOTTED[benchmark]),
        "<h2>All photos</h2>",
        chart(words, curves, x=first, y="share of photos", ident="reached"),
        legend(curves),
        "<h2>Contact sheet</h2>",
        *sheet(benchmark, measured, lines, baseline, measures),
        *_annotators(result.rows),
        "<h2>What ran where</h2>",
        table("The run", ("", "value"), conditions(result)),
        *_missed(missed),
    ]
    return document(f"{result.title}: {result.engine}", body)


def figures_csv(rows: Iterable[Row]) -> str:
    """One line a row and measure: means, intervals, paired differences."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_FIGURE_COLUMNS)
    for row in rows:
        for each in row.figures:
            cells = (each.mean, each.low, each.high, each.count)
            gain = (each.gain, each.gain_low, each.gain_high)
            writer.writerow((row.key, row.title, each.key, *cells, *gain, row.unanswered))
    return out.getvalue()


def photos_csv(benchmark: Benchmark, measured: Pairs, lines: Sequence[Line]) -> str:
    """One line a photo and row: its figures, its box, and what the engine took and said."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [each.key for each in MEASURES[benchmark]]
    edges = ("left", "top", "right", "bottom")
    writer.writerow(("photo", "row", *names, *edges, "seconds", "said"))
    for place, (case, record) in enumerate(measured):
        for line in lines:
            box = line.boxes[place] if line.boxes else None
            own = line.key == ENGINE
            writer.writerow(
                (
                    case.name,
                    line.key,
                    *("" if each != each else each for each in line.values[place].tolist()),
                    *(("",) * 4 if box is None else box),
                    round(record.opening + record.asking, 6) if own else "",
                    record.said or record.refused if own else "",
                )
            )
    return out.getvalue()


def _figures(rows: Sequence[Row]) -> str:
    return _table(
        "Means over photos, with 95 % intervals (percentile bootstrap, 10,000 resamples)",
        rows,
        with_interval,
    )


def _gains(rows: Sequence[Row]) -> str:
    return _table(
        "Paired differences from the full frame over the same photos, with 95 % intervals",
        [row for row in rows if row.key != FULL_FRAME],
        gain,
    )


def _table(caption: str, rows: Sequence[Row], told: Callable[[Figure], str]) -> str:
    """Rows and figures, turned where there are so many figures that they would not fit."""
    heads = [f"{each.title} ({_better(each)})" for each in rows[0].figures]
    cells = [[told(each) for each in row.figures] for row in rows]
    titles = [row.title for row in rows]
    if len(heads) <= _WIDE:
        lines = [(title, *each) for title, each in zip(titles, cells, strict=True)]
        return table(caption, ("", *heads), lines)
    turned = zip(*cells, strict=True)
    lines = [(head, *each) for head, each in zip(heads, turned, strict=True)]
    return table(caption, ("", *titles), lines)


def _better(figure: Figure) -> str:
    return "lower is better" if figure.lower_is_better else "higher is better"


def _notes(rows: Sequence[Row]) -> Iterable[str]:
    for each in rows:
        if each.note:
            yield f'<p class="quiet">{escape(f"{each.title}: {each.note}.")}</p>'


def _unanswered(rows: Sequence[Row]) -> Iterable[str]:
    for each in rows:
        if each.unanswered:
            yield (
                f"<p>{escape(each.title)}: {each.unanswered} photos without an answer that could be"
                " read; they count as missed.</p>"
            )


def _annotators(rows: Sequence[Row]) -> Iterable[str]:
    told = [each for each in rows if each.role is Role.DETAIL]
    if told:
        yield "<h2>Each annotator against the others</h2>"
        yield _figures(told)


def _missed(missed: Sequence[Missed]) -> Iterable[str]:
    if missed:
        yield "<h2>Not measured</h2>"
        yield table(
            "Photos that are in no figure",
            ("photo", "reason"),
            [(each.photo.name, each.reason) for each in missed],
        )
