"""`venus review FILE`: opens the review desk on a file of records."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engine.review.decisions import log_of
from engine.review.records import ReviewError

OK: Final = 0
FAILED: Final = 1


def review_command(arguments: Sequence[str], *, display: bool) -> int:
    """Run `venus review …`; returns the exit status. Without a display it only says so."""
    options = _parser().parse_args(arguments)
    try:
        reviewer = options.reviewer if options.reviewer is not None else login()
        log_of(options.file, reviewer)
        if not options.file.is_file():
            remedy = "name the file that `venus-trainer annotate` wrote"
            raise ReviewError(f"there is no file {options.file}: {remedy}")
        status = _show(options.file, reviewer) if display else None
    except ReviewError as error:
        print(f"venus: {error}.", file=sys.stderr)
        return FAILED
    if status is None:
        print("venus: the review desk needs a display, and there is none here.", file=sys.stderr)
        return FAILED
    return status


def login() -> str:
    """The user's name on this machine. ReviewError where there is none."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError) as error:
        raise ReviewError("this machine does not tell your name: give it with --as NAME") from error


def _show(file: Path, reviewer: str) -> int | None:
    from app.start import show_review

    return show_review(file, reviewer)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="venus review",
        description="Judge drafts beside their photos: accept, edit or reject each one by a key."
        " Every decision is kept at once, in a file of your own beside FILE; several reviewers may"
        " work on one FILE at a time.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="review records (.jsonl)")
    parser.add_argument(
        "--as",
        dest="reviewer",
        metavar="NAME",
        help="the name that your decisions bear (else your login)",
    )
    return parser
