"""docs/gpu.md from what was measured: the card, the date, a table, and what is still unmeasured."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version

import torch

from bench.gpu.answering import Run
from bench.gpu.training import TrainingRun

GIB = 2**30
LIBRARIES = ("torch", "transformers", "bitsandbytes", "accelerate", "peft")


def device_words(device: str) -> str:
    """The card and its memory, or the processor."""
    if torch.device(device).type == "cuda":
        card = torch.cuda.get_device_properties(device)
        return f"{card.name}, {card.total_memory / GIB:.0f} GiB"
    return f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads"


def versions() -> str:
    return ", ".join(f"{name} {version(name)}" for name in LIBRARIES)


def answering(runs: Sequence[Run]) -> str:
    """The table of the engine's runs, and each plan in its own words below it."""
    head = (
        "plan",
        "weights, GiB",
        "foretold in all, GiB",
        "driver's count, GiB",
        "load, s",
        "load again, s",
        "photo, s",
        "first token, s",
        "tokens/s",
        "32 boxes and a score, s",
        "stop, ms",
    )
    rows = [_row(run) for run in runs if not run.refused]
    words = [f"- **{run.name}**: {run.refused or run.plan}" for run in runs]
    return "\n".join([table(head, rows), "", *words])


def training(runs: Sequence[TrainingRun]) -> str:
    """The table of the trainer's runs, and each recipe's own title below it."""
    head = (
        "recipe",
        "numbers that learn, million",
        "samples at a time",
        "tokens each",
        "foretold in all, GiB",
        "driver's count, GiB",
        "tokens/s",
        "loss, first and last step",
    )
    rows = [
        [
            run.name,
            f"{run.learnt / 1e6:.1f}",
            str(run.rows),
            str(run.length),
            f"{run.foretold / GIB:.2f}",
            f"{run.driver / GIB:.2f}" if run.driver else "none",
            f"{run.tokens_a_second:.0f}",
            f"{run.first_loss:.3f}, {run.last_loss:.3f}",
        ]
        for run in runs
    ]
    words = [f"- **{run.name}**: {run.title}" for run in runs]
    return "\n".join([table(head, rows), "", *words])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _row(run: Run) -> list[str]:
    return [
        run.name,
        f"{run.weights / GIB:.2f}",
        f"{run.foretold / GIB:.2f}",
        f"{run.driver / GIB:.2f}" if run.driver else "none",
        f"{run.load:.1f}",
        f"{run.again:.1f}",
        f"{run.look:.2f}",
        f"{run.first_token:.3f}",
        f"{run.tokens_a_second:.1f}",
        f"{run.crops:.1f}",
        f"{run.stopped * 1000:.0f}",
    ]
