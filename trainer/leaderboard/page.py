"""The leaderboard: many runs on one HTML page, engines × benchmarks, with what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from typing import Final

from trainer.leaderboard.result import ENGINE, Figure, Result, Role, Row
from trainer.leaderboard.told import conditions, gain, memory, seconds, with_interval
from trainer.leaderboard.whiskers import whiskers
from trainer.page.html import document, table

TITLE: Final = "Engines and benchmarks"
_SHORT_HASH: Final = 12


def page(results: Sequence[Result]) -> str:
    """The whole page of runs in the order given. ValueError where there are none."""
    if not results:
        raise ValueError("a page needs at least one run")
    engines = _unique(each.engine for each in results)
    benchmarks = _unique(each.benchmark for each in results)
    body = [
        f"<p>{len(results)} runs of {len(engines)} engines on {len(benchmarks)} benchmarks."
        " Compare figures only within one benchmark and one set of photos: the hash of the data"
        " tells which runs saw the same.</p>",
        "<h2>Overview</h2>",
        _overview(results, engines, benchmarks),
        "<h2>What it cost</h2>",
        _costs(results),
    ]
    for number, benchmark in enumerate(benchmarks):
        runs = [each for each in results if each.benchmark == benchmark]
        body += [f"<h2>{escape(runs[0].title)}</h2>", *_benchmark(runs, f"b{number}")]
    body += ["<h2>What ran where</h2>", _where(results)]
    for each in results:
        body += [
            f"<details><summary>{escape(_name(each))}, {escape(each.title)}</summary>",
            table("The run", ("", "value"), conditions(each)),
            "</details>",
        ]
    return document(TITLE, body)


def _overview(results: Sequence[Result], engines: Sequence[str], benchmarks: Sequence[str]) -> str:
    """Engines × benchmarks: every benchmark's first figure, of the engine as it answers people."""
    heads = []
    for benchmark in benchmarks:
        run = next(each for each in results if each.benchmark == benchmark)
        own = _own(run)
        figure = own.figures[0].title if own is not None and own.figures else ""
        heads.append(f"{run.title}, {figure}" if figure else run.title)
    lines = []
    for engine in engines:
        cells = []
        for benchmark in benchmarks:
            runs = [
                each for each in results if (each.engine, each.benchmark) == (engine, benchmark)
            ]
            several = len({each.data_hash for each in results if each.benchmark == benchmark}) > 1
            cells.append("; ".join(_first(each, several) for each in runs) or "not measured")
        lines.append((engine, *cells))
    return table("Means over photos, with 95 % intervals", ("Engine", *heads), lines)


def _costs(results: Sequence[Result]) -> str:
    return table(
        "Opening and answering one photo, and memory",
        ("Engine", "Benchmark", "Time for a photo", "Memory", "Device"),
        [
            (
                _name(each),
                each.title,
                seconds(each.seconds),
                memory(each.machine),
                each.machine.device,
            )
            for each in results
        ],
    )


def _benchmark(runs: Sequence[Result], ident: str) -> Iterable[str]:
    """A table and plots for each set of photos: runs on other data do not stand beside them."""
    hashes = _unique(each.data_hash for each in runs)
    for number, data_hash in enumerate(hashes):
        same = [each for each in runs if each.data_hash == data_hash]
        rows = joined(same)
        photos = " or ".join(_unique(str(each.photos) for each in same))
        caption = f"{same[0].data}, {photos} photos, hash {data_hash[:_SHORT_HASH]}"
        if len(hashes) > 1:
            yield f"<h3>{escape(caption)}</h3>"
            caption = "Means over these photos, with 95 % intervals"
        figures = rows[0].figures
        yield table(
            caption,
            ("", *(_head(each) for each in figures)),
            [
                (row.title, *(with_interval(row.figure(each.key)) for each in figures))
                for row in rows
            ],
        )
        if any(each.gain is not None for row in rows for each in row.figures):
            yield table(
                f"Paired differences from: {_baseline(same[0])}",
                ("", *(each.title for each in figures)),
                [(row.title, *(gain(row.figure(each.key)) for each in figures)) for row in rows],
            )
        strong = {row.key for row in rows if row.key.startswith(f"{ENGINE} ")}
        for each in figures[:2]:
            yield whiskers(rows, each.key, ident=f"{ident}-{number}-{each.key}", strong=strong)
        for run in same:
            yield from _asides(run)


def joined(runs: Sequence[Result]) -> list[Row]:
    """The rows of runs on the same data: every engine's own, best first by the first figure, then
    the baselines once. Details are left to the runs' own pages.
    """
    own: list[Row] = []
    shared: dict[str, Row] = {}
    names = [_name(each) for each in runs]
    for number, run in enumerate(runs):
        name = names[number]
        if names.count(name) > 1:
            name = f"{name}, {run.date}"
        for row in run.rows:
            if row.role is Role.OWN:
                title = row.title.replace(run.engine, name, 1)
                own.append(replace(row, key=f"{row.key} {number}", title=title))
            elif row.role is Role.BASELINE:
                shared.setdefault(row.key, row)
    return [*sorted(own, key=_order), *shared.values()]


def _order(row: Row) -> float:
    """Less is better; rows without a figure come last."""
    first = row.figures[0] if row.figures else None
    if first is None or first.mean is None:
        return float("inf")
    return first.mean if first.lower_is_better else -first.mean


def _asides(run: Result) -> Iterable[str]:
    for row in run.rows:
        if row.note:
            yield f'<p class="quiet">{escape(f"{row.title}: {row.note}.")}</p>'
        if row.unanswered:
            yield (
                f'<p class="quiet">{escape(row.title)}: {row.unanswered} photos without an answer'
                " count as missed.</p>"
            )
    if run.answers:
        yield f'<p class="quiet">{escape(f"{_name(run)}: {run.answers}")}</p>'


def _where(results: Sequence[Result]) -> str:
    return table(
        "Every run",
        ("Engine", "Benchmark", "Date", "Photos", "Data", "Device", "System", "Versions"),
        [
            (
                _name(each),
                each.title,
                each.date,
                str(each.photos) + (f" ({each.failed} failed)" if each.failed else ""),
                f"{each.data}, {each.data_hash[:_SHORT_HASH]}",
                each.machine.device,
                each.machine.system,
                ", ".join(each.machine.versions),
            )
            for each in results
        ],
    )


def _name(result: Result) -> str:
    version = f" {result.engine_version}" if result.engine_version else ""
    return f"{result.engine}{version}"


def _own(result: Result) -> Row | None:
    return result.row(ENGINE) or (result.rows[0] if result.rows else None)


def _first(result: Result, several: bool) -> str:
    """The first figure; with the number of photos where runs saw `several` sets of them."""
    own = _own(result)
    told = with_interval(own.figures[0]) if own is not None and own.figures else "–"
    return f"{told} on {result.photos} photos" if several else told


def _head(figure: Figure) -> str:
    return f"{figure.title} ({'lower' if figure.lower_is_better else 'higher'} is better)"


def _baseline(result: Result) -> str:
    row = result.row(result.baseline)
    return row.title if row is not None else "the baseline"


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
