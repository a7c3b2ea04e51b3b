"""`venus-trainer annotate export` and `agreement`: from records and what reviewers said of them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from engine.review import decisions
from engine.review.agreement import agreement, agreement_lines
from engine.review.decisions import Standing, standing
from engine.review.records import Records, ReviewError, read_records
from engine.saving import write_whole
from engine.wire import to_json
from trainer.annotate.export import ExportError, Form, exported, select, told
from trainer.commands.command import CommandError, Parsers, fail


def add(kinds: Parsers) -> None:
    """Make both known."""
    exporting = kinds.add_parser("export", help="training and benchmark files from records")
    exporting.add_argument("records", type=Path, help="a file of review records")
    exporting.add_argument(
        "--to",
        choices=[each.value for each in Form],
        required=True,
        help="guidance: annotations for Stage 1; aesguide: the benchmark's references;"
        " rationales: for Stage 2",
    )
    exporting.add_argument(
        "--unreviewed",
        action="store_true",
        help="take in what the checking model let pass and nobody has reviewed",
    )
    exporting.add_argument("--out", type=Path, required=True, metavar="FILE", help="what to write")
    exporting.set_defaults(run=_export)

    agreeing = kinds.add_parser("agreement", help="how far reviewers agree")
    agreeing.add_argument("records", type=Path, help="a file of review records")
    agreeing.add_argument("--json", action="store_true", help="print one JSON object")
    agreeing.set_defaults(run=_agreement)


def _export(options: argparse.Namespace) -> int:
    """0 when something was written."""
    records, words = _read(options.records)
    form = Form(options.to)
    selected = select(records.records, words, form, unreviewed=options.unreviewed)
    for line in told(selected, unreviewed=options.unreviewed):
        print(line)
    if not selected.chosen:
        raise CommandError(f"Nothing goes in, so {options.out} was not written.")
    try:
        write_whole(options.out, exported(selected.chosen, form))
    except ExportError as error:
        fail(error)
    except OSError as error:
        raise CommandError(f"{options.out} cannot be written: {error.strerror}.") from error
    print(f"{options.out} is written; its photos are relative to {records.root}.")
    return 0


def _agreement(options: argparse.Namespace) -> int:
    records, words = _read(options.records)
    found = agreement(records.records, words)
    if options.json:
        print(json.dumps(to_json(found), ensure_ascii=False))
    else:
        print("\n".join(agreement_lines(found)))
    return 0


def _read(file: Path) -> tuple[Records, Standing]:
    try:
        records = read_records(file)
        read = decisions.read(file)
    except ReviewError as error:
        fail(error)
    for problem in read.problems:
        print(f"venus-trainer: {problem}", file=sys.stderr)
    old = decisions.stale(read.decisions, records.records)
    if old:
        print(
            f"venus-trainer: {old} decisions are about words that have changed since; they do not"
            " count",
            file=sys.stderr,
        )
    return records, standing(read.decisions, records.records)
