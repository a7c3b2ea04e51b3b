"""The command `venus-trainer demo`: walks, shows how far it is, and writes what came of it."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

import torch

from engine.interrupts import INTERRUPTED, Stopping
from engine.stop import Stop
from trainer.demo.legs import ABLATIONS, FULL, PATH, QUICK, STAGE_2, Amount
from trainer.demo.measuring import yardsticks
from trainer.demo.model import open_model
from trainer.demo.opening import open_and_ask
from trainer.demo.page import page
from trainer.demo.path import CHECKPOINT, Asked, Event, Took, Walked, walk
from trainer.demo.results import Outcome, as_json, as_table, bars, spreads, title_of
from trainer.demo.scenes import Purpose, scenes
from trainer.demo.threads import on_threads

SEEDS: Final = 3
"""Of the ablations, the first one's path being the demo's own."""
MOST_THREADS: Final = 4
"""More only wait for one another at this size."""


def demo(out: Path | None, *, quick: bool, ablations: bool) -> int:
    """Walk the path in `out` (None: in a folder that is gone afterwards) and print the figures.

    0 when every bar is met, or with `quick`, which has none; 1 when one is missed; 130 when
    stopped. Raises DemoError, EngineError.
    """
    amount = QUICK if quick else FULL
    # A handful of steps is over before threads have helped.
    threads = 1 if quick else min(MOST_THREADS, _cores())
    with Stopping() as stop, on_threads(threads):
        if out is not None:
            return _run(out, amount, ablations=ablations, quick=quick, stop=stop)
        with tempfile.TemporaryDirectory(prefix="venus-demo-") as folder:
            where = Path(folder)
            return _run(where, amount, ablations=ablations, quick=quick, stop=stop)


def _run(out: Path, amount: Amount, *, ablations: bool, quick: bool, stop: Stop) -> int:
    display = _Display(sys.stderr)
    walked = _walked(walk(PATH, out, amount, seed=0, stop=stop), display)
    compared: list[list[Walked]] = []
    if ablations and not stop():
        for seed in range(SEEDS):
            folder = out if seed == 0 else out / f"seed-{seed}"
            legs = (*PATH, *ABLATIONS)
            compared.append(_walked(walk(legs, folder, amount, seed=seed, stop=stop), display))
    if stop():
        print("venus-trainer: stopped; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    unseen = scenes(Purpose.UNSEEN, amount.unseen)
    last = out / STAGE_2.name / CHECKPOINT
    outcome = Outcome(
        amount=amount,
        seed=0,
        parameters=sum(each.numel() for each in open_model(last)[0].parameters()),
        threads=torch.get_num_threads(),
        walked=tuple(walked),
        yardsticks=yardsticks(unseen, scenes(Purpose.TAUGHT, 1000)),
        replies=tuple(open_and_ask(last, unseen[0], out, stop)),
        ablations=spreads(compared) if compared else (),
    )
    (out / "figures.json").write_text(json.dumps(as_json(outcome), indent=2), "utf-8")
    (out / "report.html").write_text(page(outcome, out), "utf-8")
    print(as_table(outcome))
    for reply in outcome.replies:
        print(f"{reply.task}: {reply.words}")
    missed = any(not bar.met for bar in bars(outcome.last))
    unanswered = any(reply.failed for reply in outcome.replies)
    return 1 if (missed or unanswered) and not quick else 0


def _cores() -> int:
    """Those that this process may use, where the system says so."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _walked(events: Iterator[Event], display: _Display) -> list[Walked]:
    found: list[Walked] = []
    for event in events:
        display.show(event)
        if isinstance(event, Walked):
            found.append(event)
    return found


class _Display:
    """One line that is drawn over itself on a terminal; one line a leg elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._drawn = 0.0

    def show(self, event: Event) -> None:
        match event:
            case Took(leg, step):
                left = (step.of - step.step) * step.seconds
                self._draw(
                    f"{leg.title}: {_bar(step.step, step.of)} {step.step}/{step.of}"
                    f"  loss {step.loss:.3f}  rate {step.rate:.1e}"
                    f"  {step.tokens / step.seconds:,.0f} tokens/s  {left:.0f} s left"
                )
            case Asked(leg, done, of):
                self._draw(f"{leg.title}: {_bar(done, of)} {done}/{of} unseen scenes")
            case Walked(leg=leg, figures=found):
                words = (
                    f"after {title_of(leg)}: crop IoU {found.crop:.3f}, fault {found.fault:.3f},"
                    f" false alarms {found.false_alarms:.3f}"
                )
                self._stream.write(f"\r\x1b[K{words}\n" if self._live else f"{words}\n")
                self._stream.flush()

    def _draw(self, line: str) -> None:
        now = time.monotonic()
        if self._live and now - self._drawn > _FRAME:
            self._drawn = now
            self._stream.write(f"\r\x1b[K{line}")
            self._stream.flush()


_FRAME: Final = 0.1
_BAR: Final = 24


def _bar(done: int, of: int) -> str:
    full = _BAR * done // of
    return "█" * full + "·" * (_BAR - full)
