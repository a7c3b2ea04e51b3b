"""`venus-trainer annotate`: drafts by a teacher, checked by a second model; what reviews made."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from engine.contract import EngineError
from engine.interrupts import INTERRUPTED, Stopping
from engine.photo import Stopped
from engine.review.records import ReviewError
from engine.stop import Stop
from trainer.annotate import rationale, refine
from trainer.annotate.comments import read_comments
from trainer.annotate.making import TEACHER, VERIFIER, Made, Staff
from trainer.annotate.running import RECORDS, Run, running, save, told
from trainer.annotate.trying import try_explaining, try_refining
from trainer.commands import reviewed
from trainer.commands.alone import alone
from trainer.commands.command import CommandError, Parsers, fail, this_command
from trainer.commands.endpoints import add_bounds, add_endpoint, asker_of, positive, sampling_of
from trainer.commands.files import tell
from trainer.data import layouts
from trainer.data.layouts import Annotated
from trainer.data.problem import DataError, Problem
from trainer.endpoints.account import account_table
from trainer.endpoints.kept import Kept, KeptError
from trainer.endpoints.progress import Progress
from trainer.endpoints.prompts import Prompts, PromptsError

_SHOWN: Final = 3
"""Records whose prompts a dry run shows."""

_PLACES: Final = {"flms": 1, "fcdb": 2, "gaicd": 1, "cpc": 2}
"""Published sets of crops and how many paths each needs: annotations, then pictures."""

Jobs = Sequence[Callable[[], Awaitable[Made]]]


def add(parsers: Parsers) -> None:
    """Make the command and its kinds known."""
    annotate = parsers.add_parser("annotate", help="make training texts, and what reviews left")
    kinds = annotate.add_subparsers(metavar="WHAT", required=True)

    refining = kinds.add_parser("refine", help="from raw comments to analysis and guidance")
    refining.add_argument("comments", type=Path, help="JSONL or CSV: photo, comments")
    refining.add_argument("--root", type=Path, help="where the photos lie (the file's folder)")
    _add_shared(refining)
    refining.set_defaults(run=_refine)

    explaining = kinds.add_parser("rationale", help="why crops are better or worse")
    explaining.add_argument("set", choices=_PLACES, help="the layout of the crops")
    explaining.add_argument("places", type=Path, nargs="+", metavar="PLACE", help="its paths")
    explaining.add_argument("--root", type=Path, help="photos are named relative to this folder")
    explaining.add_argument(
        "--bad", type=int, default=1, metavar="N", help="bad crops for each good one (1)"
    )
    explaining.add_argument(
        "--rounds", type=positive, default=3, metavar="N", help="drafts of a rejected one (3)"
    )
    _add_shared(explaining)
    explaining.set_defaults(run=_rationale)

    reviewed.add(kinds)


def _add_shared(parser: argparse.ArgumentParser) -> None:
    add_endpoint(parser, TEACHER, "who drafts")
    add_endpoint(parser, VERIFIER, "who checks the drafts")
    add_bounds(parser)
    parser.add_argument("--prompts", type=Path, metavar="FILE", help="a TOML file of your own")
    parser.add_argument("--seed", type=int, default=0, help="of answers and of bad crops (0)")
    parser.add_argument("--first", type=positive, metavar="N", help="only so many records")
    parser.add_argument("--dry-run", action="store_true", help="show prompts and ask nobody")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the records")


def _refine(options: argparse.Namespace) -> int:
    try:
        subjects, problems = read_comments(options.comments)
        words = refine.prompts(options.prompts)
    except (DataError, PromptsError) as error:
        fail(error)
    tell(problems)
    subjects = subjects[: options.first]
    root = options.root or options.comments.parent

    def jobs(staff: Staff) -> Jobs:
        return [partial(refine.refine, each, root, staff) for each in subjects]

    def trial(staff: Staff) -> Iterator[str]:
        return try_refining(subjects, root, staff, shown=_SHOWN)

    return _run(options, words, root, jobs, trial, problems)


def _rationale(options: argparse.Namespace) -> int:
    if len(options.places) != _PLACES[options.set]:
        raise CommandError(f"{options.set} needs {_PLACES[options.set]} paths.")
    try:
        found = list(getattr(layouts, options.set)(*options.places))
        words = rationale.prompts(options.prompts)
    except (DataError, PromptsError) as error:
        fail(error)
    problems = [each for each in found if isinstance(each, Problem)]
    tell(problems)
    annotated = [each for each in found if isinstance(each, Annotated)]
    root = options.root or options.places[-1]
    crops = rationale.crops_of(annotated, root=root, seed=options.seed, bad=options.bad)
    crops = crops[: options.first]

    def jobs(staff: Staff) -> Jobs:
        return [
            partial(rationale.explain, each, root, staff, rounds=options.rounds) for each in crops
        ]

    def trial(staff: Staff) -> Iterator[str]:
        return try_explaining(crops, root, staff, shown=_SHOWN)

    return _run(options, words, root, jobs, trial, problems)


# ── a run ────────────────────────────────────────────────────────────────────────────────────────


def _run(
    options: argparse.Namespace,
    words: Prompts,
    root: Path,
    jobs: Callable[[Staff], Jobs],
    trial: Callable[[Staff], Iterator[str]],
    problems: Sequence[Problem],
) -> int:
    """0 when every subject became a record, 1 when some did not, 130 when stopped."""
    with Stopping() as stop:
        try:
            if options.dry_run:
                for line in trial(_staff(options, words, stop, asking=False)):
                    print(line)
                return 0
            with alone(options.out):
                staff = _staff(options, words, stop, asking=True)
                return _made(options, jobs(staff), staff, root, stop, problems)
        except Stopped:
            return INTERRUPTED
        except (EngineError, KeptError, ReviewError) as error:
            fail(error)
        except OSError as error:
            raise CommandError(f"{options.out} cannot be written: {error}.") from error


def _staff(options: argparse.Namespace, words: Prompts, stop: Stop, *, asking: bool) -> Staff:
    kept = Kept(options.answers or options.out / "answers")
    return Staff(
        teacher=asker_of(options, TEACHER, kept=kept, stop=stop, asking=asking),
        verifier=asker_of(options, VERIFIER, kept=kept, stop=stop, asking=asking),
        prompts=words,
        teaching=sampling_of(options, TEACHER),
        verifying=sampling_of(options, VERIFIER),
        tries=options.tries,
    )


def _made(
    options: argparse.Namespace,
    jobs: Jobs,
    staff: Staff,
    root: Path,
    stop: Stop,
    problems: Sequence[Problem],
) -> int:
    run, progress = Run(), Progress(len(jobs), sys.stderr)
    accounts = (staff.teacher.account, staff.verifier.account)
    at_once = staff.teacher.at_once + staff.verifier.at_once
    try:
        for run in running(jobs, at_once=at_once, stop=stop):
            aside = len(run.aside)
            progress.show(run.done, f"{aside} aside" if aside else "")
    finally:  # a disk that is full or a second Ctrl-C: what there is stays, as far as it can
        whole = len(run.made) == len(jobs)
        save(run, options.out, root=root, accounts=accounts, whole=whole)
    for line in told(run, len(jobs)):
        print(line)
    print(account_table(accounts))
    print(f"{options.out / RECORDS} holds the records.")
    if run.halted is not None:
        print(f"venus-trainer: {run.halted.reason} {run.halted.remedy}", file=sys.stderr)
    if not whole:
        print(f"Go on, without paying twice, with: {this_command()}")
    if run.done < len(jobs) and run.halted is None:
        return INTERRUPTED
    return 0 if whole and not run.aside and not problems else 1
