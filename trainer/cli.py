"""The command `venus-trainer`: a table of commands. No torch is imported until one needs it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from engine.interrupts import INTERRUPTED
from trainer.commands import annotate, benchmark, data, demo, recipes, report, train
from trainer.commands.command import CommandError

COMMANDS: Final = (recipes, annotate, data, train, benchmark, report, demo)
"""Modules of `trainer.commands`, each with an `add`, in the order of the help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all went well, 1 when a part did not, 2 for misuse."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except CommandError as error:
        print(f"venus-trainer: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # Before the command listens to it by itself.
        print("venus-trainer: stopped", file=sys.stderr)
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    found = argparse.ArgumentParser(
        prog="venus-trainer",
        description="Trains models of aesthetic guidance and cropping, and measures engines.",
    )
    commands = found.add_subparsers(metavar="COMMAND", required=True)
    for each in COMMANDS:
        each.add(commands)
    return found


if __name__ == "__main__":
    sys.exit(main())
