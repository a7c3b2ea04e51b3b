"""Training files as commands take and give them: read in either layout, written as our lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.saving import write_whole
from trainer.commands.command import CommandError, fail
from trainer.data.neutral import neutral_lines, read_neutral
from trainer.data.problem import DataError, Problem
from trainer.data.release import read_release
from trainer.data.sample import Sample


def read_samples(file: Path) -> tuple[list[Sample], list[Problem]]:
    """The samples of a training file: the authors' JSON (a list) or our own lines (objects)."""
    try:
        with file.open(encoding="utf-8") as text:
            first = next((line.lstrip() for line in text if line.strip()), "")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not UTF-8 text.") from error
    if not first:
        raise CommandError(f"{file} is empty.")
    try:
        return read_release(file) if first.startswith("[") else read_neutral(file)
    except DataError as error:
        fail(error)


def write_samples(samples: Iterable[Sample], file: Path) -> None:
    """Write our own lines, the folder made where it is missing, the file whole or not at all."""
    try:
        write_whole(file, "".join(f"{line}\n" for line in neutral_lines(samples)).encode())
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.") from error


def require_apart(out: Path, *read: Path) -> None:
    """CommandError where a file that is read would be written over."""
    for each in read:
        if out.exists() and each.exists() and out.samefile(each):
            raise CommandError(f"{out} is what is read: give another file to write.")


def require_folder(out: Path) -> None:
    """CommandError where something else stands in a folder's place."""
    standing = next((each for each in (out, *out.parents) if each.exists()), None)
    if standing is not None and not standing.is_dir():
        raise CommandError(f"{standing} is a file: give a folder to write into (--out).")


def tell(problems: Sequence[Problem], *, shown: int = 20) -> None:
    """The first few problems, on stderr."""
    for each in problems[:shown]:
        print(f"venus-trainer: {each.where}: {each.reason}", file=sys.stderr)
    if len(problems) > shown:
        print(f"venus-trainer: … and {len(problems) - shown} more problems", file=sys.stderr)
