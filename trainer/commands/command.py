"""What a command of `venus-trainer` is: a room with `add`, which makes its parser known.

`add(parsers)` sets `run` of the parser to a function from the options to the exit status: 0 when
all went well, 1 when a part did not, 2 for misuse, 128 and the signal's number when stopped.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import Any, Final, NoReturn, Protocol, TextIO

from engine.contract import EngineError

_BAR_WIDTH: Final = 30


class Parsers(Protocol):
    """Where a command adds its parser: what `ArgumentParser.add_subparsers` returns."""

    def add_parser(self, name: str, *, help: str, **options: Any) -> argparse.ArgumentParser: ...  # noqa: A002


class CommandError(Exception):
    """A command cannot do what it was asked for; the message says what to do."""


def fail(error: Exception) -> NoReturn:
    """Raise a CommandError of an error that people can act on."""
    if isinstance(error, EngineError):
        raise CommandError(f"{error.reason} {error.remedy}") from error
    text = str(error)
    raise CommandError(text if text.endswith((".", "?", "!")) else f"{text}.") from error


def this_command() -> str:
    """The words that this process was started with, to be given again."""
    return shlex.join(["venus-trainer", *sys.argv[1:]])


def show_progress(done: int, total: int, stream: TextIO) -> None:
    """Draw a bar over itself on a terminal; nothing elsewhere."""
    if not stream.isatty():
        return
    full = _BAR_WIDTH * done // total
    end = "\n" if done == total else ""
    stream.write(f"\r[{'█' * full}{'·' * (_BAR_WIDTH - full)}] {done}/{total}{end}")
    stream.flush()
