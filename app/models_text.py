"""Checkpoints as a terminal shows them: a table, and a line that follows a download."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

from engine.checkpoints.catalogue import PLANS, Entry
from engine.checkpoints.installed import Installed, State
from engine.checkpoints.progress import Phase, Transfer
from engine.checkpoints.record import Origin
from engine.checkpoints.store import Partial
from engine.checkpoints.words import in_gb, in_gib
from engine.choice import MemoryPlan

WIDTH: Final = 88
BAR: Final = 24
STEPS: Final = 10
"""Where there is no terminal, a line is written for each tenth that has come."""

BITS: Final = {MemoryPlan.NF4: "4 bit", MemoryPlan.INT8: "8 bit", MemoryPlan.BF16: "16 bit"}


def listed(
    here: Sequence[Installed], partials: Sequence[Partial], entries: Sequence[Entry], *, root: Path
) -> str:
    """What is on this machine, then what there is to download. No line break at the end."""
    lines = [f"On this machine ({root})"]
    if here:
        lines += _columns([_row(each) for each in here])
    if partials:
        lines += _columns([_partial_row(each) for each in partials])
    if not here and not partials:
        lines += ["  nothing yet: the built-in engine needs no model"]
    names = {each.record.entry or each.name for each in here}
    rest = [entry for entry in entries if entry.name not in names]
    if rest:
        lines += ["", "To download (sizes and memory are estimates)"]
        heads = ["name", "download", *(f"{BITS[plan]}" for plan in PLANS), "prompts"]
        lines += _catalogue(heads, rest)
        lines += ["", "  venus models download NAME"]
    return "\n".join(lines)


def _row(installed: Installed) -> list[str]:
    record = installed.record
    size = in_gb(record.size) if record.origin is Origin.DOWNLOADED else "added"
    where = str(installed.folder) if installed.state is State.READY else installed.reason
    family = record.family or record.model_type or "unknown"
    return [installed.name, installed.state, size, family, record.wording, where]


def _partial_row(partial: Partial) -> list[str]:
    share = partial.done / partial.total if partial.total else 0.0
    return [
        partial.name,
        f"{share:.0%} here",
        f"{in_gb(partial.done)} of {in_gb(partial.total)}",
        f"`venus models download {partial.name}` goes on",
    ]


def _catalogue(heads: list[str], entries: Sequence[Entry]) -> list[str]:
    rows = [
        [
            entry.name,
            in_gb(entry.size),
            *(in_gib(entry.memory(plan)) for plan in PLANS),
            entry.wording,
        ]
        for entry in entries
    ]
    table = _columns([heads, *rows])
    lines = table[:1]
    for entry, row in zip(entries, table[1:], strict=True):
        trained = f"trained for {entry.stage}. " if entry.stage else ""
        about = f"{entry.title}. {trained.capitalize()}{entry.about}"
        lines.append(row)
        for text in (about, f"Licence: {entry.licence}."):
            lines += textwrap.wrap(text, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
    return lines


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


class Bar:
    """One line that is written over on a terminal; elsewhere a line for each tenth."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._length = 0
        self._next = 0
        self._phase: Phase | None = None

    def show(self, step: Transfer) -> None:
        if self._live:
            self._over(self._line(step))
            return
        lost = step.phase is Phase.WAITING and self._phase is not Phase.WAITING
        self._phase = step.phase
        tenth = STEPS * step.done // step.total if step.total else 0
        if lost or tenth >= self._next:
            self._next = tenth + 1
            print(self._line(step), file=self._out, flush=True)

    def end(self) -> None:
        """Leave the line as it is and go to the next."""
        if self._length:
            print(file=self._out, flush=True)
            self._length = 0

    def _line(self, step: Transfer) -> str:
        if not step.total:
            return step.text
        full = round(step.fraction * BAR)
        bar = "█" * full + "·" * (BAR - full) if self._live else ""
        return f"{bar} {step.fraction:4.0%}  {step.text}".strip()

    def _over(self, line: str) -> None:
        width = shutil.get_terminal_size((WIDTH, 24)).columns - 1
        shown = line if len(line) <= width else line[: width - 1] + "…"
        self._out.write("\r" + shown + " " * max(self._length - len(shown), 0))
        self._out.flush()
        self._length = len(shown)
