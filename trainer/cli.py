"""The command `venus-trainer`: benchmarks of engines. No torch is imported here."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

from engine.contract import Engine, EngineError
from engine.registry import create, named
from trainer.benchmarks import flms

_BAR_WIDTH: Final = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when everything was measured, 1 when a photo was not, 2 for misuse."""
    options = _parser().parse_args(arguments)
    try:
        return _flms(options)
    except (flms.FolderError, EngineError) as error:
        print(f"venus-trainer: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="venus-trainer", description="Benchmarks of engines.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    benchmark = commands.add_parser("benchmark", help="measure an engine")
    kinds = benchmark.add_subparsers(metavar="BENCHMARK", required=True)
    cropping = kinds.add_parser("flms", help="crops against those of ten annotators")
    cropping.add_argument("folder", type=Path, metavar="DIR", help="images/ and json/ of FLMS")
    cropping.add_argument("--engine", default="builtin", help="the engine to measure (builtin)")
    cropping.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _flms(options: argparse.Namespace) -> int:
    chosen = flms.samples(options.folder)
    engine = create(named(options.engine))
    _load(engine)
    measured: list[flms.Measured] = []
    failed: list[flms.Unmeasured] = []
    for number, result in enumerate(flms.measure(engine, chosen), start=1):
        if isinstance(result, flms.Measured):
            measured.append(result)
        else:
            failed.append(result)
        show_progress(number, len(chosen), sys.stderr)
    for each in failed:
        print(f"venus-trainer: {each.path}: {each.reason}", file=sys.stderr)
    result = flms.summary(options.engine, measured)
    print(json.dumps(result) if options.json else flms.as_table(result))
    return 1 if failed else 0


def _load(engine: Engine) -> None:
    for _ in engine.load(lambda: False):
        pass


def show_progress(done: int, total: int, stream: TextIO) -> None:
    """Draw a bar over itself on a terminal; nothing elsewhere."""
    if not stream.isatty():
        return
    full = _BAR_WIDTH * done // total
    end = "\n" if done == total else ""
    stream.write(f"\r[{'█' * full}{'·' * (_BAR_WIDTH - full)}] {done}/{total}{end}")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
