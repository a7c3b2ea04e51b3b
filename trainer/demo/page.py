"""The page of a demo: figures, curves, answers and crops on scenes. One file, nothing to fetch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from engine.vocabulary import Box
from trainer.demo.legs import PATH
from trainer.demo.path import Told, Walked, curve
from trainer.demo.render import render
from trainer.demo.results import (
    LEAST_CROP,
    LEAST_FAULT,
    MOST_FALSE_ALARMS,
    Outcome,
    bars,
    title_of,
)
from trainer.demo.scenes import good_crop, scene
from trainer.page.curves import Curve, chart, legend
from trainer.page.facts import versions
from trainer.page.html import Drawn, document, photo, table

_SIDE: Final = 240
_STYLE: Final = """<style>
.scenes { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 2rem; }
.scenes p { margin: .3rem 0; font-size: .9rem; }
</style>"""
_BOXES: Final = ("good crop", "before the stages", "after them")


def page(outcome: Outcome, out: Path) -> str:
    """The whole page; curves and answers are those that lie in `out`."""
    parts = (
        _STYLE,
        f"<p>A Qwen-VL of {outcome.parameters:,} weights learns to see, to say what is wrong with"
        f" a scene, and to crop it. It is measured on {outcome.amount.unseen} scenes that it never"
        f" saw, by its own answers, as the application's engine decodes them. All of it took"
        f" {outcome.seconds:.0f} seconds by the clock and {outcome.cpu_seconds:.0f} of processor"
        f" time, on {outcome.threads} threads.</p>",
        "<h2>What it knows after each leg</h2>",
        _figures(outcome),
        _bars(outcome),
        _kinds(outcome.walked),
        "<h2>How it learnt</h2>",
        _curves(out),
        "<h2>Unseen scenes, before the two stages and after them</h2>",
        legend([Curve(name, ()) for name in _BOXES]),
        f'<div class="scenes">{"".join(_scenes(outcome.walked))}</div>',
        "<h2>The last checkpoint in the application's engine</h2>",
        table(
            "One question of every task, about one unseen scene",
            ("task", "answer"),
            [(each.task, each.words) for each in outcome.replies],
        ),
        _ablations(outcome),
        "<h2>How it was made</h2>",
        _made(outcome),
    )
    return document("venus-trainer demo: both stages on a toy", [each for each in parts if each])


def _figures(outcome: Outcome) -> str:
    marks = outcome.yardsticks
    rows = [
        ("chance", _three(marks.chance), _three(marks.fault_chance), ""),
        ("the full frame", _three(marks.full_frame), "", ""),
        ("the mean box", _three(marks.mean_box), "", ""),
    ]
    for each in outcome.walked:
        found = each.figures
        crop, fault, alarms = map(_three, (found.crop, found.fault, found.false_alarms))
        rows.append((f"after {title_of(each.leg)}", crop, fault, alarms))
    wanted = (f"≥ {LEAST_CROP:.2f}", f"≥ {LEAST_FAULT:.2f}", f"≤ {MOST_FALSE_ALARMS:.2f}")
    rows.append(("wanted at the end", *wanted))
    header = ("", "crop IoU", "faults named rightly", "false alarms")
    return table("Means over scenes; faults balanced over their kinds", header, rows)


def _bars(outcome: Outcome) -> str:
    items = "".join(
        f"<li>{'met' if bar.met else '<strong>missed</strong>'}: {escape(bar.words)}</li>"
        for bar in bars(outcome.last)
    )
    return f"<ul>{items}</ul>"


def _kinds(walked: Sequence[Walked]) -> str:
    header = ("", *(str(each.kind) for each in walked[0].figures.kinds))
    rows = [
        (f"after {title_of(each.leg)}", *(f"{kind.right:.2f}" for kind in each.figures.kinds))
        for each in walked
    ]
    return table("The share of each kind that is named rightly", header, rows)


def _curves(out: Path) -> str:
    found: list[str] = []
    for leg in PATH:
        points = tuple((line["step"], line["loss"]) for line in curve(out, leg))
        drawn = chart(leg.title, [Curve(leg.title, points)], x="step", y="nats", ident=leg.name)
        found.append(
            f"<figure>{drawn}<figcaption>{leg.title}: loss in nats a token</figcaption></figure>"
        )
    return "".join(found)


def _scenes(walked: Sequence[Walked]) -> Iterator[str]:
    before, after = walked[0], walked[-1]
    for one, other in zip(before.told, after.told, strict=True):
        shown = scene(one.scene)
        boxes: tuple[Box | None, ...] = (good_crop(shown), one.box, other.box)
        drawn = [
            Drawn(box, name, stroke)
            for stroke, (box, name) in enumerate(zip(boxes, _BOXES, strict=True))
            if box is not None
        ]
        words = f"A {shown.subject} and its crops; fault: {shown.kind}"
        picture = photo(render(shown, _SIDE), drawn, words=words)
        yield (
            f"<figure>{picture}<figcaption>fault: {shown.kind}</figcaption>"
            f"{_answer('before', one)}{_answer('after', other)}</figure>"
        )


def _answer(when: str, told: Told) -> str:
    mark = "✓" if told.right else "✗"
    said = escape(told.analysis) or "(nothing)"
    return f'<p><span class="quiet">{when}, crop IoU {told.overlap:.2f}:</span> {mark} {said}</p>'


def _ablations(outcome: Outcome) -> str:
    if not outcome.ablations:
        return ""
    legs: Mapping[str, list[str]] = {each.leg: [] for each in outcome.ablations}
    for each in outcome.ablations:
        legs[each.leg].append(f"{each.mean:.3f} ± {each.spread:.3f}")
    seeds = len(outcome.ablations[0].values)
    header = ("", "crop IoU", "faults named rightly", "false alarms")
    rows = [(title_of(leg), *numbers) for leg, numbers in legs.items()]
    caption = f"Mean and standard deviation over {seeds} seeds"
    return f"<h2>What each part is for</h2>{table(caption, header, rows)}"


def _made(outcome: Outcome) -> str:
    rows = [
        (
            title_of(each.leg),
            f"{each.training_seconds:.0f}",
            f"{each.training_cpu_seconds:.0f}",
            f"{each.measuring_seconds:.0f}",
            f"{each.measuring_cpu_seconds:.0f}",
        )
        for each in outcome.walked
    ]
    header = ("", "training", "of processors", "measuring", "of processors")
    used = ", ".join(f"{name} {number}" for name, number in versions().items())
    return table("Seconds", header, rows) + (
        f'<p class="quiet">Seed {outcome.seed}. Scenes to learn from, to choose by and to measure'
        f" on have seeds of their own. {escape(used)}.</p>"
    )


def _three(value: float) -> str:
    return f"{value:.3f}"
