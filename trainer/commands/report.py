"""`venus-trainer report`: joins the runs of benchmarks into one page, engines × benchmarks."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.saving import write_whole
from trainer.commands.command import CommandError, Parsers, fail
from trainer.leaderboard.page import page
from trainer.leaderboard.result import FILE, ResultError, read


def add(parsers: Parsers) -> None:
    """Make the command known."""
    report = parsers.add_parser("report", help="join benchmark runs into one page")
    report.add_argument(
        "folders",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="a run's folder, or one that holds runs' folders",
    )
    report.add_argument(
        "--out", type=Path, default=Path("leaderboard.html"), metavar="FILE", help="(%(default)s)"
    )
    report.set_defaults(run=_report)


def runs(folder: Path) -> list[Path]:
    """The folder itself if it holds a result, else those below it that do, by name; the folder
    where there are none, so that reading it says what is missing.
    """
    if (folder / FILE).is_file():
        return [folder]
    return sorted(each.parent for each in folder.rglob(FILE)) or [folder]


def _report(options: argparse.Namespace) -> int:
    found = list(dict.fromkeys(run for folder in options.folders for run in runs(folder)))
    try:
        results = [read(each) for each in found]
        write_whole(options.out, page(results).encode())
    except ResultError as error:
        fail(error)
    except OSError as error:
        raise CommandError(f"{options.out} cannot be written: {error.strerror}.") from error
    print(f"{options.out}: {len(results)} runs.")
    return 0
