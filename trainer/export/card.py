"""The model card of a checkpoint: what it was trained from, on what, how, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.choice import Wording
from trainer.loop.record import Record
from trainer.page.facts import Facts, fields, rows
from trainer.page.names import NAMES, when


def card(title: str, facts: Facts, record: Record, *, wording: Wording, adapter: bool) -> str:
    """Markdown, with the front matter that model hubs read."""
    whole = "a LoRA adapter; its base is recorded in adapter_config.json" if adapter else "whole"
    lines = [
        "---",
        f"base_model: {_quoted(Path(facts.checkpoint).name)}",
        f"library_name: {'peft' if adapter else 'transformers'}",
        "pipeline_tag: image-text-to-text",
        "tags: [aesthetics, photography, cropping]",
        "---",
        "",
        f"# {title}",
        "",
        f"{facts.recipe.title}. Trained by `venus-trainer`; the weights are {whole}.",
        "",
        f"    venus models add THIS_FOLDER{_wording(wording)}",
        "",
        "## Scores",
        "",
        *_scores(record),
        "",
        "## The run",
        "",
        *_table(("what", "value"), rows(_without_places(facts))),
        "",
        "## Recipe",
        "",
        *_table(("field", "value"), fields(facts.recipe)),
        "",
        "## Versions",
        "",
        *_table(("package", "version"), facts.versions.items()),
    ]
    return "\n".join(lines) + "\n"


def _without_places(facts: Facts) -> Facts:
    """Names of files and folders alone: a card is given away, and paths tell of their owner."""
    files = tuple(Path(each).name for each in facts.data.files)
    data = replace(facts.data, files=files)
    return replace(facts, checkpoint=Path(facts.checkpoint).name, data=data)


def _scores(record: Record) -> Iterable[str]:
    if not record.measured:
        return ["Nothing was held out, so nothing was measured."]
    first, last = record.measured[0], record.measured[-1]
    names = [name for name in NAMES if name in last.figures]
    header = ("on held-out photos", when(first.epoch), when(last.epoch))
    found = [
        (NAMES[name], _figure(first.figures.get(name)), _figure(last.figures[name]))
        for name in names
    ]
    return _table(header, found)


def _figure(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4f}"


def _wording(wording: Wording) -> str:
    return "" if wording is Wording.AUTO else f" --wording {wording}"


def _table(header: Sequence[str], found: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *found]
    return [f"| {' | '.join(_cell(each) for each in line)} |" for line in lines]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
