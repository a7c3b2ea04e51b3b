"""Judged runs beside one another and beside the paper's table, on a page and for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from engine.review.agreement import shown
from trainer.benchmarks.aesguide.folder import DIMENSIONS
from trainer.benchmarks.aesguide.judged_run import Agreed, JudgedRun, scored
from trainer.benchmarks.aesguide.judging import Judged
from trainer.benchmarks.bootstrap import Interval
from trainer.page.html import document, table

PAPER: Final = (
    ("Venus-I", "1.27", "1.33", "1.81"),
    ("Venus-L-13B", "1.28", "1.35", "1.83"),
    ("GPT-4o", "0.84", "1.09", "1.01"),
    ("LLaVA-1.5-13B", "0.67", "0.86", "0.41"),
)
"""Means of completeness, preciseness and relevance (arXiv 2602.23980, its summary table)."""

PAPER_JUDGE: Final = "gpt-3.5-turbo"
"""The released evaluator's."""

_CASES: Final = 3
_UNSCORED: Final = 20


def page(runs: Sequence[JudgedRun], agreements: Sequence[Agreed] = ()) -> str:
    """The first run is the page's own, the others stand beside it."""
    own = runs[0]
    titles = [each.capitalize() for each in DIMENSIONS]
    body = [
        f"<p>{escape(own.engine)} on {len(own.photos)} photos, judged by {escape(own.judge)}.</p>",
        *(f"<p>{escape(each)}</p>" for each in notes(runs)),
        "<h2>Scores</h2>",
        table(
            "Means of 0 to 2 over photos, with 95 % intervals (percentile bootstrap)",
            ("Engine", *titles, "Photos", "Unanswered", "Judge", "Judge's prompts"),
            [_row(each) for each in runs],
        ),
        table(
            f"The paper's table, judged by {PAPER_JUDGE} in the official words, on the whole"
            " benchmark: another judge and other words give other numbers",
            ("Model", *titles),
            PAPER,
        ),
        "<h2>How often each score was given</h2>",
        *(_counts(each) for each in runs),
    ]
    if agreements:
        body += ["<h2>The judge beside people</h2>", _agreements(agreements)]
    body += [*_cases(own), *_unscored(own)]
    return document(f"AesGuide: {own.engine}", body)


def lines(runs: Sequence[JudgedRun], agreements: Sequence[Agreed] = ()) -> Iterator[str]:
    """The same for a terminal."""
    width = max(len(each.engine) for each in runs)
    width = max(width, *(len(name) for name, *_ in PAPER), 8)
    yield f"{'':<{width}}" + "".join(f"{each:>24}" for each in DIMENSIONS)
    for run in runs:
        cells = (_mean(each.mean) for each in scored(run))
        yield f"{run.engine:<{width}}" + "".join(f"{each:>24}" for each in cells)
    yield f"in the paper, judged by {PAPER_JUDGE}:"
    for name, *means in PAPER:
        yield f"{name:<{width}}" + "".join(f"{each:>24}" for each in means)
    for each in scored(runs[0]):
        zero, one, two = each.counts
        unscored = f", {each.unscored} unscored" if each.unscored else ""
        yield f"{each.dimension}: {zero} × 0, {one} × 1, {two} × 2{unscored}"
    for each in agreements:
        yield (
            f"{each.dimension}, judge and people on {each.count} photos:"
            f" Spearman {shown(each.spearman)}, Kendall {shown(each.kendall)}"
        )
    yield from notes(runs)


def notes(runs: Sequence[JudgedRun]) -> Iterator[str]:
    """What to know before numbers are compared."""
    own = runs[0]
    told = "Venus's own prompts" if own.own_prompts else "the lab's own prompts"
    yield f"Judge: {own.judge}, with {told} (SHA-256 {own.prompts[:12]}…)."
    if own.unanswered:
        yield f"{len(own.unanswered)} photos are not in the means: they got no answer."
    for each in runs[1:]:
        different = [
            name
            for name, ours, theirs in zip(
                ("judge", "prompts", "data"), own.measure, each.measure, strict=True
            )
            if ours != theirs
        ]
        if different:
            yield (
                f"Not to be compared with {each.engine} of {each.date}: its"
                f" {', '.join(different)} differ."
            )


def _row(run: JudgedRun) -> tuple[str, ...]:
    return (
        run.engine,
        *(_mean(each.mean) for each in scored(run)),
        str(len(run.photos)),
        str(len(run.unanswered)),
        run.judge,
        run.prompts[:12],
    )


def _mean(found: Interval | None) -> str:
    return "–" if found is None else f"{found.mean:.2f} ({found.low:.2f} … {found.high:.2f})"


def _counts(run: JudgedRun) -> str:
    return table(
        run.engine,
        ("", "0", "1", "2", "unscored"),
        [
            (each.dimension, *(str(count) for count in each.counts), str(each.unscored))
            for each in scored(run)
        ],
    )


def _agreements(agreements: Sequence[Agreed]) -> str:
    return table(
        "Rank correlation of the judge's scores with people's",
        ("", "Photos", "Spearman", "Kendall (tau-b)"),
        [
            (each.dimension, str(each.count), shown(each.spearman), shown(each.kendall))
            for each in agreements
        ],
    )


def _cases(run: JudgedRun) -> Iterator[str]:
    """The answers with the highest and the lowest sums; names decide among equal ones."""
    whole = [each for each in run.photos if None not in each.scores]
    ranked = sorted(whole, key=lambda each: (-_sum(each), each.photo))
    parts = (("highest", ranked[:_CASES]), ("lowest", ranked[_CASES:][-_CASES:]))
    for title, chosen in parts:
        if chosen:
            yield f"<h2>Answers with the {title} scores</h2>"
        for each in chosen:
            scores = ", ".join(
                f"{name} {score}" for name, score in zip(DIMENSIONS, each.scores, strict=True)
            )
            yield f"<h3>{escape(each.photo)}: {scores}</h3>"
            yield f"<blockquote>{escape(each.answer)}</blockquote>"


def _sum(judged: Judged) -> int:
    return sum(each or 0 for each in judged.scores)


def _unscored(run: JudgedRun) -> Iterator[str]:
    """What the judge said where no score could be read."""
    without = [each for each in run.photos if each.raw]
    if not without:
        return
    yield f"<h2>Unscored</h2><p>{len(without)} answers lack a score in some dimension.</p>"
    for each in without[:_UNSCORED]:
        missing = [
            name for name, score in zip(DIMENSIONS, each.scores, strict=True) if score is None
        ]
        for name, raw in zip(missing, each.raw, strict=True):
            yield f"<h3>{escape(each.photo)}, {name}</h3><blockquote>{escape(raw)}</blockquote>"
