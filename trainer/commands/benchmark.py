"""`venus-trainer benchmark`: measures engines."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from engine.contract import Engine, EngineError
from engine.registry import create, named
from trainer.benchmarks import flms
from trainer.commands.command import Parsers, fail, show_progress


def add(parsers: Parsers) -> None:
    """Make the command known."""
    benchmark = parsers.add_parser("benchmark", help="measure an engine")
    kinds = benchmark.add_subparsers(metavar="BENCHMARK", required=True)
    cropping = kinds.add_parser("flms", help="crops against those of ten annotators")
    cropping.add_argument("folder", type=Path, metavar="DIR", help="images/ and json/ of FLMS")
    cropping.add_argument("--engine", default="builtin", help="the engine to measure (builtin)")
    cropping.add_argument("--json", action="store_true", help="print one JSON object")
    cropping.set_defaults(run=_flms)


def _flms(options: argparse.Namespace) -> int:
    """0 when everything was measured, 1 when a photo was not."""
    measured: list[flms.Measured] = []
    failed: list[flms.Unmeasured] = []
    try:
        chosen = flms.samples(options.folder)
        engine = create(named(options.engine))
        _load(engine)
        for number, result in enumerate(flms.measure(engine, chosen), start=1):
            if isinstance(result, flms.Measured):
                measured.append(result)
            else:
                failed.append(result)
            show_progress(number, len(chosen), sys.stderr)
    except (flms.FolderError, EngineError) as error:
        fail(error)
    for each in failed:
        print(f"venus-trainer: {each.path}: {each.reason}", file=sys.stderr)
    try:
        result = flms.summary(options.engine, measured)
    except flms.FolderError as error:
        fail(error)
    print(json.dumps(result) if options.json else flms.as_table(result))
    return 1 if failed else 0


def _load(engine: Engine) -> None:
    for _ in engine.load(lambda: False):
        pass
