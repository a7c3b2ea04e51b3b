"""`venus-trainer benchmark flms|gaicd|fcdb`: an engine's crops and scores against people's."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.choice import EngineChoice
from engine.contract import Engine, EngineError
from engine.interrupts import INTERRUPTED, Stopping
from engine.registry import create
from engine.stop import Stop
from trainer.benchmarks import cases
from trainer.benchmarks.asking import Worded
from trainer.benchmarks.baselines import has_smartcrop
from trainer.benchmarks.cases import Benchmark, Case, Found
from trainer.benchmarks.lines import pairs
from trainer.benchmarks.measuring import Missed, measure
from trainer.benchmarks.record import Identity, Keeper, RecordError
from trainer.benchmarks.run import Ran, result, write
from trainer.benchmarks.table import as_text, printed
from trainer.commands import engines
from trainer.commands.command import CommandError, Parsers, fail, show_progress
from trainer.commands.files import tell
from trainer.data.problem import DataError, Problem


@dataclass(frozen=True, slots=True)
class _Set:
    """A benchmark's data as the options name it."""

    benchmark: Benchmark
    folder: Path
    read: Callable[[], Found]


def add(kinds: Parsers) -> None:
    """Make the three benchmarks known."""
    flms = kinds.add_parser("flms", help="FLMS: crops against those of ten annotators")
    flms.add_argument("folder", type=Path, metavar="DIR", help="images/ and json/ of FLMS")
    flms.set_defaults(set_of=_flms)

    gaicd = kinds.add_parser("gaicd", help="GAICD: scores against people's ratings of crops")
    gaicd.add_argument("folder", type=Path, metavar="DIR", help="images/ and annotations/ of GAICD")
    gaicd.add_argument(
        "--part", metavar="NAME", help="only the photos in images/NAME, such as test (all)"
    )
    gaicd.set_defaults(set_of=_gaicd)

    fcdb = kinds.add_parser("fcdb", help="FCDB: crops against one annotator's")
    fcdb.add_argument("file", type=Path, metavar="FILE", help="cropping_testing_set.json")
    fcdb.add_argument("folder", type=Path, metavar="DIR", help="the folder of its pictures")
    fcdb.set_defaults(set_of=_fcdb)

    for each in (flms, gaicd, fcdb):
        engines.add_options(each)
        each.add_argument(
            "--photos", type=_count, metavar="N", help="measure N photos, evenly over all (all)"
        )
        each.add_argument(
            "--out",
            type=Path,
            metavar="DIR",
            help="write a page, CSV and JSON here, and go on with what was measured before",
        )
        each.add_argument("--json", action="store_true", help="print one JSON object")
        each.set_defaults(run=_run)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of photos")
    return value


def _flms(options: argparse.Namespace) -> _Set:
    return _Set(Benchmark.FLMS, options.folder, lambda: cases.flms(options.folder))


def _gaicd(options: argparse.Namespace) -> _Set:
    return _Set(
        Benchmark.GAICD, options.folder, lambda: cases.gaicd(options.folder, part=options.part)
    )


def _fcdb(options: argparse.Namespace) -> _Set:
    return _Set(Benchmark.FCDB, options.folder, lambda: cases.fcdb(options.file, options.folder))


def _run(options: argparse.Namespace) -> int:
    """0 when everything was measured, 1 when a photo was not, 130 when stopped on the way."""
    chosen_set: _Set = options.set_of(options)
    try:
        choice = engines.choice_of(options)
        found, problems = chosen_set.read()
        chosen = cases.spread(found, options.photos)
        with Stopping() as stop:
            return _measured(chosen_set, chosen, problems, choice, options, stop)
    except (DataError, EngineError, RecordError) as error:
        fail(error)
    except OSError as error:
        raise CommandError(f"{error.filename or options.out}: {error.strerror}.") from error


def _measured(
    chosen_set: _Set,
    chosen: list[Case],
    problems: list[Problem],
    choice: EngineChoice,
    options: argparse.Namespace,
    stop: Stop,
) -> int:
    tell(problems)
    smartcrop = has_smartcrop()
    if not smartcrop:
        print(
            "venus-trainer: without the baseline smartcrop: pip install 'venus-photo[benchmark]'",
            file=sys.stderr,
        )
    engine = create(choice)
    try:
        info = engines.load(engine, stop)
    except EngineError:
        if stop():
            return INTERRUPTED
        raise
    prompts = engine.prompts if isinstance(engine, Worded) else None
    identity = Identity(
        benchmark=chosen_set.benchmark.value,
        engine=choice,
        name=f"{info.name} {info.version}".strip(),
        question="" if prompts is None else prompts.crop.words,
        data_hash=cases.data_hash(chosen),
        baseline=smartcrop,
    )
    keeper = Keeper(options.out, identity)
    missed, gave_up = _ask(engine, chosen, keeper, smartcrop=smartcrop, stop=stop)
    for each in missed:
        print(f"venus-trainer: {each.photo}: {each.reason}", file=sys.stderr)
    bad = [Missed(Path(each.where), each.reason) for each in problems]
    measured = pairs(chosen, keeper.records)
    whole = len(measured) == len(chosen)
    ran = Ran(
        benchmark=chosen_set.benchmark,
        choice=choice,
        info=info,
        prompts=prompts,
        data=chosen_set.folder.resolve().name,
        # Figures of a part are not to be compared with those of the whole.
        data_hash=identity.data_hash if whole else cases.data_hash(case for case, _ in measured),
        date=datetime.now().astimezone().isoformat(timespec="seconds"),
        measured=measured,
        missed=[*bad, *missed],
    )
    if ran.measured:
        _show(ran, options)
    left = len(chosen) - len(ran.measured) - len(missed)
    if gave_up is not None:
        raise gave_up
    if stop():
        kept = f", kept in {options.out}" if options.out else ""
        print(f"venus-trainer: stopped with {left} photos to go{kept}", file=sys.stderr)
        return INTERRUPTED
    if not ran.measured:
        raise CommandError("No photo could be measured.")
    return 1 if ran.missed else 0


def _ask(
    engine: Engine, chosen: list[Case], keeper: Keeper, *, smartcrop: bool, stop: Stop
) -> tuple[list[Missed], EngineError | None]:
    """Photos that could not be measured, and why the engine was given up, if it was."""
    missed: list[Missed] = []
    done = sum(each.name in keeper.records for each in chosen)
    try:
        for each in measure(engine, chosen, keeper, smartcrop=smartcrop, stop=stop):
            if isinstance(each, Missed):
                missed.append(each)
            done += 1
            show_progress(done, len(chosen), sys.stderr)
    except EngineError as error:
        return missed, error
    return missed, None


def _show(ran: Ran, options: argparse.Namespace) -> None:
    """Print the table or the object, and write the run's files where there is a folder for them."""
    told, found = result(ran)
    print(json.dumps(printed(told), allow_nan=False) if options.json else as_text(told))
    if options.out is not None:
        page = write(ran, told, found, options.out)
        if not options.json:
            print(f"{page} shows it.")
