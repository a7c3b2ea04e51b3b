"""The page at the end of a run: curves, figures, answers before and after, and what was run."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

import numpy as np

from engine.photo import PhotoError, open_photo
from trainer.data.encode import See
from trainer.loop.record import Measurement, Record, Told
from trainer.page.curves import Curve, chart, legend, number
from trainer.page.facts import Facts, fields, rows
from trainer.page.html import Drawn, document, photo, table
from trainer.page.names import NAMES, when

SIDE: Final = 480
"""Pixels of the long side of the photos in the page."""
_GOOD, _BEFORE, _AFTER = 2, 1, 0
"""The strokes of the crops."""


def report(title: str, facts: Facts, record: Record, *, root: Path, see: See | None = None) -> str:
    """The whole page. Photos are read below `root`, or drawn by `see`."""
    measured = [each for each in record.measured if each.figures]
    body = [f"<p>{escape(facts.recipe.title)}. {escape(facts.recipe.source)}.</p>"]
    body += _figures(measured)
    body += _curves(record, measured)
    body += _answers(measured, root, see)
    body += [
        "<h2>The run</h2>",
        table("What was trained, on what, where", ("what", "value"), rows(facts)),
        table("Recipe", ("field", "value"), fields(facts.recipe)),
        table("Versions", ("package", "version"), sorted(facts.versions.items())),
    ]
    return document(title, body)


def _figures(measured: Sequence[Measurement]) -> list[str]:
    if not measured:
        return ["<h2>Figures</h2>", "<p>Nothing was held out, so nothing was measured.</p>"]
    names = [name for name in NAMES if any(name in each.figures for each in measured)]
    found = [
        (NAMES[name], *(_figure(each.figures.get(name)) for each in measured)) for name in names
    ]
    header = ("figure", *(when(each.epoch) for each in measured))
    return ["<h2>Figures</h2>", table("On held-out photos", header, found)]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _curves(record: Record, measured: Sequence[Measurement]) -> list[str]:
    steps = record.steps
    training = Curve("training", tuple((float(each.step), each.loss) for each in steps))
    loss = _held_out(measured, "loss")
    overlap = _held_out(measured, "crop_iou")
    pace = tuple((float(each.step), each.tokens / max(each.seconds, 1e-9)) for each in steps)
    rate = Curve("learning rate", tuple((float(each.step), each.rate) for each in steps))
    norm = Curve("gradient norm", tuple((float(each.step), each.norm) for each in steps))
    seconds = sum(each.seconds for each in steps)
    parts = [
        "<h2>Curves</h2>",
        f"<p>{len(steps)} steps, {sum(each.tokens for each in steps)} tokens,"
        f" {number(seconds / 60)} minutes of steps.</p>",
        "<h3>Loss</h3>",
        chart("Loss", [training, loss], x="step", y="nats a learnt token", ident="loss"),
        legend([training, loss]),
    ]
    if overlap.points:
        parts.append("<h3>Crops</h3>")
        parts.append(chart("Crop IoU, held out", [overlap], x="step", y="IoU", ident="crops"))
    for curve, unit, ident in (
        (rate, "rate", "rate"),
        (norm, "norm before clipping", "norm"),
        (Curve("tokens a second", pace), "tokens/s", "pace"),
    ):
        name = curve.name.capitalize()
        parts.append(f"<h3>{name}</h3>")
        parts.append(chart(name, [curve], x="step", y=unit, ident=ident))
    return parts


def _held_out(measured: Sequence[Measurement], name: str) -> Curve:
    points = [(float(each.step), each.figures[name]) for each in measured if name in each.figures]
    return Curve("held out", tuple(points))


def _answers(measured: Sequence[Measurement], root: Path, see: See | None) -> list[str]:
    """The first answers of the last measurement, beside those of the first to the same."""
    if not measured or not measured[-1].answers:
        return []
    first, last = measured[0], measured[-1]
    before = {(each.photo, each.question): each for each in first.answers} if first != last else {}
    key = '<p class="quiet">Crops: good ones dotted, before dashed, after in a whole line.</p>'
    shown = [
        _answer(each, before.get((each.photo, each.question)), last.epoch, root, see)
        for each in last.answers
    ]
    return ["<h2>Answers on held-out photos</h2>", key, '<div class="answers">', *shown, "</div>"]


def _answer(after: Told, before: Told | None, epoch: int, root: Path, see: See | None) -> str:
    drawn = [Drawn(each, "good", _GOOD) for each in after.good]
    if before is not None and before.box is not None:
        drawn.append(Drawn(before.box, "before", _BEFORE))
    if after.box is not None:
        drawn.append(Drawn(after.box, "after", _AFTER))
    lines = [f"<p><strong>{escape(after.question)}</strong></p>"]
    for name, told in ((when(0), before), (when(epoch), after)):
        if told is not None:
            lines.append(f'<p class="quiet">{name}{_overlap(told)}</p>')
            lines.append(f"<blockquote>{escape(_clean(told.said)) or '(nothing)'}</blockquote>")
    lines.append('<p class="quiet">wanted</p>')
    lines.append(f"<blockquote>{escape(_clean(after.wanted))}</blockquote>")
    told = "".join(lines)
    return f"<figure>{_picture(after, drawn, root, see)}<figcaption>{told}</figcaption></figure>"


def _overlap(told: Told) -> str:
    if not told.good:
        return ""
    return f", IoU {told.overlap:.2f}" if told.box is not None else ", no crop can be read"


def _picture(told: Told, drawn: Sequence[Drawn], root: Path, see: See | None) -> str:
    crops = ", ".join(f"{each.name} {_percent(each)}" for each in drawn)
    words = f"The photo {told.photo}" + (f" with crops: {crops}" if crops else "")
    try:
        rgb = see(told.photo) if see else open_photo(root / told.photo).rgb(long_side=SIDE)
    except PhotoError as error:
        return f"<p>{escape(told.photo)} cannot be shown: {escape(error.reason)}</p>"
    return photo(np.ascontiguousarray(rgb), drawn, words=words)


def _percent(drawn: Drawn) -> str:
    left, top, right, bottom = (f"{edge:.0%}" for edge in drawn.box)
    return f"from {left} to {right} across and {top} to {bottom} down"


def _clean(text: str) -> str:
    """Without characters that no page may hold, which an untrained model writes."""
    return "".join(each for each in text if each.isprintable() or each in "\n\t").strip()
