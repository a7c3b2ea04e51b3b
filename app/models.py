"""`venus models`: which checkpoints there are, and downloading, adding, checking, removing them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from app.models_text import Bar, listed
from engine.checkpoints.catalogue import PLANS, catalogue, find
from engine.checkpoints.download import download
from engine.checkpoints.installed import Installed, State
from engine.checkpoints.progress import Transfer
from engine.checkpoints.record import Origin
from engine.checkpoints.store import VARIABLE, Store
from engine.checkpoints.verify import Verdict, verify
from engine.checkpoints.words import in_gb
from engine.choice import Wording
from engine.contract import EngineError
from engine.interrupts import Stopping

OK: Final = 0
FAILED: Final = 1

SCHEMA: Final = 1


def models_command(arguments: list[str]) -> int:
    """Run `venus models …`; returns the exit status."""
    options = _parser().parse_args(arguments)
    store = Store(options.store)
    try:
        return options.run(store, options)
    except EngineError as error:
        if options.json:
            _print({"error": {"code": error.code, "reason": error.reason, "remedy": error.remedy}})
        else:
            print(f"venus: {error}", file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="venus models",
        description="The language models that Venus can use. None is needed: the built-in engine"
        " works without. Only `download` opens a connection.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Store, Any], int], about: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.add_argument("--json", action="store_true", help="print JSON, one object a line")
        made.add_argument(
            "--store",
            type=Path,
            metavar="FOLDER",
            help=f"where checkpoints are kept (else as {VARIABLE} says, else the system's place)",
        )
        made.set_defaults(run=run)
        return made

    command("list", _list, "Show what is on this machine, and what there is to download.")
    add = command("add", _add, "Use a folder of this machine where it lies; nothing is copied.")
    add.add_argument("folder", type=Path, metavar="FOLDER", help="has config.json and the weights")
    add.add_argument("--name", default="", help="what to call it (else made from the folder's)")
    add.add_argument(
        "--wording",
        type=Wording,
        choices=list(Wording),
        help="the prompts that it was trained on (else guessed)",
    )
    fetch = command("download", _download, "Download a model, or go on with a download.")
    fetch.add_argument("name", metavar="NAME", help="as `venus models list` has it")
    fetch.add_argument("--endpoint", metavar="URL", help="the hub (else as HF_ENDPOINT says)")
    check = command("verify", _verify, "Check that a checkpoint's files are whole.")
    check.add_argument("name", metavar="NAME", help="as `venus models list` has it")
    remove = command(
        "remove", _remove, "Delete a download, or forget an added folder, whose files stay."
    )
    remove.add_argument("name", metavar="NAME", help="as `venus models list` has it")
    remove.add_argument("--yes", action="store_true", help="delete without asking")
    return parser


def _list(store: Store, options: argparse.Namespace) -> int:
    here, partials = store.checkpoints(), store.partials()
    if options.json:
        _print(
            {
                "store": str(store.root),
                "checkpoints": [_installed(each) for each in here],
                "partial": [asdict(each) for each in partials],
                "catalogue": [
                    {
                        **asdict(entry),
                        "page": entry.page,
                        "estimated_size": entry.size,
                        "estimated_memory": {plan: entry.memory(plan) for plan in PLANS},
                    }
                    for entry in catalogue()
                ],
            }
        )
    else:
        print(listed(here, partials, catalogue(), root=store.root))
    return OK


def _add(store: Store, options: argparse.Namespace) -> int:
    added = store.add(options.folder, name=options.name, wording=options.wording)
    if options.json:
        _print({"checkpoint": _installed(added)})
        return OK
    record = added.record
    what = record.family or f"of a family that Venus does not know ({record.model_type or '?'})"
    print(f"{added.folder} is now known as {added.name}: {what}.")
    if record.base and store.base_of(added) is None:
        print(f"It is an adapter of {record.base}, which is not on this machine: add that too.")
    return OK


def _download(store: Store, options: argparse.Namespace) -> int:
    entry = find(options.name)
    bar = Bar(sys.stderr)
    if not options.json:
        print(f"{entry.title} from {entry.repo}, about {in_gb(entry.size)}.", file=sys.stderr)
        print(f"Licence: {entry.licence}. {entry.page}", file=sys.stderr)
    at = None
    with Stopping() as stop:
        try:
            for step in download(entry, store, stop=stop, endpoint=options.endpoint):
                if isinstance(step, Installed):
                    bar.end()
                    _say_ready(step, options)
                    return OK
                at = step
                if options.json:
                    _print({"progress": _transfer(step)})
                else:
                    bar.show(step)
        finally:
            bar.end()
    kept = f"{in_gb(at.done)} of {in_gb(at.total)} are here" if at and at.total else "Stopped"
    print(f"{kept}; `venus models download {entry.name}` goes on from there.", file=sys.stderr)
    return stop.status


def _say_ready(installed: Installed, options: argparse.Namespace) -> None:
    if options.json:
        _print({"checkpoint": _installed(installed)})
    else:
        print(f"{installed.name} is whole and ready in {installed.folder}")


def _verify(store: Store, options: argparse.Namespace) -> int:
    installed = store.find(options.name)
    bar = Bar(sys.stderr)
    with Stopping() as stop:
        try:
            for step in verify(installed, stop=stop):
                if isinstance(step, Verdict):
                    bar.end()
                    _say_verdict(installed, step, options)
                    return OK if step.is_whole else FAILED
                if options.json:
                    _print({"progress": _transfer(step)})
                else:
                    bar.show(step)
        finally:
            bar.end()
    print("Stopped; nothing was changed.", file=sys.stderr)
    return stop.status


def _say_verdict(installed: Installed, verdict: Verdict, options: argparse.Namespace) -> None:
    if options.json:
        _print({"name": installed.name, "whole": verdict.is_whole, "verdict": asdict(verdict)})
        return
    for problem in verdict.problems:
        print(f"{problem.file}: {problem.reason} {problem.remedy}")
    how = (
        "every byte is as the hub promised"
        if verdict.by_bytes
        else "nothing is missing or cut, as far as the files themselves can tell"
    )
    count = f"{verdict.files} files, {in_gb(verdict.size)}"
    if verdict.is_whole:
        print(f"{installed.name}: {count}: {how}.")
    else:
        wrong = len(verdict.problems)
        print(f"{installed.name}: {count}: {wrong} problem{'s' if wrong > 1 else ''}.")


def _remove(store: Store, options: argparse.Namespace) -> int:
    here = next((each for each in store.checkpoints() if each.name == options.name), None)
    is_added = here is not None and here.record.origin is Origin.ADDED
    if not is_added and not options.yes and not _agreed(store, options.name):
        print("Nothing was removed.", file=sys.stderr)
        return FAILED
    store.remove(options.name)
    if options.json:
        _print({"removed": options.name})
    elif is_added and here is not None and here.state is not State.UNREADABLE:
        print(f"{options.name} is forgotten; {here.folder} is as it was.")
    else:
        print(f"{options.name} is removed.")
    return OK


def _agreed(store: Store, name: str) -> bool:
    """Ask whether gigabytes may go. Without a terminal to ask on, the answer is no."""
    sizes = {each.name: each.done for each in store.partials()}
    sizes |= {each.name: each.record.size for each in store.checkpoints()}
    if name not in sizes:
        return True  # the store will say that it is not there
    if not sys.stdin.isatty():
        print(f"venus: {name} is a download: give --yes to delete it.", file=sys.stderr)
        return False
    try:
        answer = input(f"Delete {in_gb(sizes[name])} of {name}? [y/N] ")
    except (EOFError, KeyboardInterrupt):
        print(file=sys.stderr)
        return False
    return answer.strip().lower() in ("y", "yes")


def _installed(installed: Installed) -> dict[str, Any]:
    record = asdict(installed.record)
    del record["folder"]
    return {
        "name": installed.name,
        "folder": str(installed.folder),
        "state": installed.state,
        "reason": installed.reason,
        "size": installed.record.size,
        **record,
    }


def _transfer(step: Transfer) -> dict[str, Any]:
    return {**asdict(step), "fraction": step.fraction, "seconds_left": step.seconds_left}


def _print(value: dict[str, Any]) -> None:
    print(json.dumps({"schema": SCHEMA, **value}, ensure_ascii=False), flush=True)
