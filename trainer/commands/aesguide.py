"""`venus-trainer benchmark aesguide`: what an engine says about photos, judged by a model."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from engine.choice import EngineChoice
from engine.contract import EngineError
from engine.interrupts import INTERRUPTED, Stopping
from engine.photo import Stopped
from engine.registry import create
from engine.saving import write_whole
from engine.stop import Stop
from engine.vocabulary import EngineInfo
from engine.wire import to_json
from trainer.benchmarks.aesguide import judging
from trainer.benchmarks.aesguide.answering import Answer, Speaking
from trainer.benchmarks.aesguide.folder import Case, Humans, data_hash, read_folder, read_humans
from trainer.benchmarks.aesguide.judged_run import FILE, JudgedRun, agreed, read_run, write_run
from trainer.benchmarks.aesguide.judging import Judged
from trainer.benchmarks.aesguide.page import lines, page
from trainer.benchmarks.aesguide.result import result
from trainer.commands import engines
from trainer.commands.alone import alone
from trainer.commands.command import CommandError, Parsers, fail, this_command
from trainer.commands.endpoints import add_bounds, add_endpoint, asker_of, positive, sampling_of
from trainer.commands.files import tell
from trainer.data.problem import DataError
from trainer.endpoints.account import account_table
from trainer.endpoints.asker import Asker
from trainer.endpoints.kept import Kept, KeptError
from trainer.endpoints.local import Local
from trainer.endpoints.progress import Progress
from trainer.endpoints.prompts import Prompts, PromptsError
from trainer.endpoints.working import Done, work
from trainer.leaderboard.result import write as write_result

JUDGE = "judge"
_SHOWN = 3
_TOLD = 20


@dataclass(frozen=True, slots=True)
class _Given:
    """What the options name, read and whole."""

    cases: list[Case]
    words: Prompts
    humans: Humans | None
    beside: list[JudgedRun]


def add(kinds: Parsers) -> None:
    """Make the benchmark known."""
    parser = kinds.add_parser("aesguide", help="AesGuide: analysis and guidance, judged by a model")
    parser.add_argument("folder", type=Path, metavar="DIR", help="{image: reference} and photos")
    parser.add_argument("--references", type=Path, metavar="FILE", help="which JSON file there")
    engines.add_options(parser)
    add_endpoint(
        parser,
        JUDGE,
        "who judges (a checkpoint sees a grey picture beside the texts)",
        temperature=0.0,
    )
    add_bounds(parser)
    parser.add_argument(
        "--prompts", type=Path, metavar="FILE", help="a TOML file of your own, or the official one"
    )
    parser.add_argument("--photos", type=positive, metavar="N", help="only the first so many")
    parser.add_argument(
        "--human", type=Path, metavar="FILE", help="people's scores of these answers, JSON or CSV"
    )
    parser.add_argument(
        "--beside", type=Path, nargs="+", default=[], metavar="DIR", help="runs to compare with"
    )
    parser.add_argument("--dry-run", action="store_true", help="show prompts and ask nobody")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the run")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    """0 when every photo was answered and scored, 1 when one was not, 130 when stopped."""
    try:
        cases, problems = read_folder(options.folder, options.references)
        tell(problems)
        given = _Given(
            cases[: options.photos],
            judging.prompts(options.prompts),
            read_humans(options.human) if options.human else None,
            [read_run(each) for each in options.beside],
        )
        if options.dry_run:
            return _tried(given, options)
        with Stopping() as stop, alone(options.out):
            status = _measured(given, options, stop)
        return status or (1 if problems else 0)
    except Stopped:
        return INTERRUPTED
    except (DataError, PromptsError, EngineError, KeptError) as error:
        fail(error)
    except OSError as error:
        raise CommandError(f"{error.filename or options.out}: {error.strerror}.") from error


def _tried(given: _Given, options: argparse.Namespace) -> int:
    """Show what the judge would be asked, and count."""
    for case in given.cases[:_SHOWN]:
        for dimension in judging.DIMENSIONS:
            print(f"── {dimension}, {case.name}")
            sampling = sampling_of(options, JUDGE)
            print(judging.question(case, "…", dimension, given.words, sampling).words)
            print()
    photos = len(given.cases)
    print(
        f"{photos} photos: {photos} answers of {options.engine}, {3 * photos} judgements at least."
        " Nobody was asked."
    )
    return 0


def _measured(given: _Given, options: argparse.Namespace, stop: Stop) -> int:
    choice = engines.choice_of(options)
    judge = asker_of(options, JUDGE, kept=_kept(options), stop=stop)
    engine = create(choice)
    info = engines.load(engine, stop)
    speaking = Speaking(engine, info, choice, options.out / "said")
    answers = _answers(speaking, given.cases, options, stop)
    judged, halted = _judged(given, answers, judge, options, stop)
    if judged and not stop():
        run = _finished(given, judged, info, choice, judge, options)
        write_run(run, options.out)
        write_result(result(run, info), options.out)
        agreements = agreed(run, given.humans) if given.humans is not None else ()
        runs = [run, *given.beside]
        write_whole(options.out / "page.html", page(runs, agreements).encode())
        print("\n".join(lines(runs, agreements)))
        print(f"{options.out} holds page.html, {FILE} and the same as CSV.")
    told = json.dumps([judge.account.as_json()], ensure_ascii=False, indent=1)
    write_whole(options.out / "account.json", f"{told}\n".encode())
    print(account_table([judge.account]))
    if halted is not None:
        print(f"venus-trainer: {halted.reason} {halted.remedy}", file=sys.stderr)
    if len(judged) < len(given.cases):
        print(f"Go on, without paying twice, with: {this_command()}")
    if stop():
        return INTERRUPTED
    return 0 if len(judged) == len(given.cases) and not any(each.raw for each in judged) else 1


def _kept(options: argparse.Namespace) -> Kept:
    return Kept(options.answers or options.out / "answers")


def _answers(
    speaking: Speaking, cases: Sequence[Case], options: argparse.Namespace, stop: Stop
) -> dict[str, Answer]:
    """What the engine says, by the photo's name. Photos without an answer are told on stderr."""
    found: dict[str, Answer] = {}
    missed = 0
    progress = Progress(len(cases), sys.stderr)
    for each in speaking.answers(cases, at_once=options.at_once, stop=stop):
        if isinstance(each, Answer):
            found[each.photo] = each
        else:
            missed += 1
            if missed <= _TOLD:
                print(f"venus-trainer: {each.photo}: {each.reason}", file=sys.stderr)
        progress.show(len(found) + missed, "answers of the engine")
    return found


def _judged(
    given: _Given,
    answers: dict[str, Answer],
    judge: Asker,
    options: argparse.Namespace,
    stop: Stop,
) -> tuple[list[Judged], EngineError | None]:
    """The judgements in the photos' order, and what ended them before their time."""
    answered = [each for each in given.cases if each.name in answers]
    jobs = [
        partial(
            judging.judge,
            case,
            answers[case.name].text,
            answers[case.name].seconds,
            asker=judge,
            words=given.words,
            sampling=sampling_of(options, JUDGE),
            tries=options.tries,
        )
        for case in answered
    ]
    found: dict[int, Judged] = {}
    progress = Progress(len(jobs), sys.stderr)
    done = 0
    try:
        for each in work(jobs, at_once=judge.at_once, stop=stop):
            done += 1
            if isinstance(each, Done):
                found[each.number] = each.result
            else:
                case = answered[each.number]
                print(f"venus-trainer: {case.name}: {each.error.reason}", file=sys.stderr)
            progress.show(done, "judged")
    except EngineError as error:
        return [found[number] for number in sorted(found)], error
    return [found[number] for number in sorted(found)], None


def _finished(
    given: _Given,
    judged: Sequence[Judged],
    info: EngineInfo,
    choice: EngineChoice,
    judge: Asker,
    options: argparse.Namespace,
) -> JudgedRun:
    there = {each.photo for each in judged}
    return JudgedRun(
        engine=info.name,
        engine_version=info.version,
        chosen=json.dumps(to_json(choice), ensure_ascii=False),
        judge=judge.endpoint.name + _seen(judge),
        prompts=given.words.sum,
        own_prompts=options.prompts is None,
        data=options.folder.resolve().name,
        data_hash=data_hash(given.cases),
        date=datetime.now().astimezone().isoformat(timespec="seconds"),
        photos=tuple(judged),
        unanswered=tuple(each.name for each in given.cases if each.name not in there),
    )


def _seen(judge: Asker) -> str:
    """What a judge saw beside the words: a checkpoint cannot be asked without a picture."""
    return ", shown a grey picture" if isinstance(judge.endpoint, Local) else ""
