"""`venus-trainer demo`: the whole path of the paper on a CPU, on scenes that are drawn for it."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.contract import EngineError
from trainer.commands.command import Parsers, fail
from trainer.commands.files import require_folder


def add(parsers: Parsers) -> None:
    """Make the command known."""
    demo = parsers.add_parser("demo", help="both stages on a toy, on this machine's processor")
    demo.add_argument(
        "--out", type=Path, metavar="DIR", help="keep checkpoints, report.html and figures.json"
    )
    demo.add_argument(
        "--ablations",
        action="store_true",
        help="also, over three seeds: without Stage 1, and without bad crops",
    )
    demo.add_argument(
        "--quick", action="store_true", help="a handful of steps: it runs, and learns nothing"
    )
    demo.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> int:
    if options.out is not None:
        require_folder(options.out)
    # Torch is only needed once the demo runs.
    from engine.venus.quiet import quiet

    quiet()
    from trainer.demo.command import demo
    from trainer.demo.path import DemoError

    try:
        return demo(options.out, quick=options.quick, ablations=options.ablations)
    except (DemoError, EngineError) as error:
        fail(error)
