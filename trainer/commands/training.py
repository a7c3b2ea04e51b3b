"""A run from its files to its checkpoint, card and page: what `venus-trainer train` does."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from accelerate import Accelerator, PartialState
from peft import PeftModel

from engine.choice import Wording
from engine.contract import EngineError
from engine.interrupts import INTERRUPTED, Stopping
from engine.photo import PhotoError
from engine.venus.families.registry import recognise
from engine.venus.qwen_vl.errors import CheckpointError
from trainer.commands.command import CommandError, fail, this_command
from trainer.commands.files import read_samples
from trainer.data.checks import check, report_text
from trainer.data.encode import LONG_SIDE
from trainer.data.problem import DataError, Problem
from trainer.data.sample import Sample, Verdict
from trainer.data.splits import Split, split
from trainer.data.wordings import wording_of
from trainer.export.card import card
from trainer.export.checkpoint import ExportError, require_writable, write
from trainer.loop.arguments import arguments_of
from trainer.loop.estimate import GB, TooLargeError, estimate, require_fits, undertaking
from trainer.loop.estimate import words as in_words
from trainer.loop.evaluate import Evaluation
from trainer.loop.learning import let_learn
from trainer.loop.loading import Loaded, load_for
from trainer.loop.loss import LossError
from trainer.loop.origin import fingerprint
from trainer.loop.place import (
    OutOfMemory,
    PlaceError,
    by_zero,
    card_memory,
    frozen_dtype,
    loading_device,
    parted,
    processes,
    require_possible,
)
from trainer.loop.ranks import Ranks
from trainer.loop.record import FIGURES, read_record
from trainer.loop.run import Job, LayoutError, Measured, layout, train
from trainer.loop.sharding import accelerator_for, whole_weights
from trainer.loop.state import ResumeError, checkpoints, data_hash, read_progress
from trainer.loop.watch import TENSORBOARD, Watch
from trainer.page.facts import DataCounts, Facts, fields, rows, versions
from trainer.page.report import report
from trainer.recipe import Recipe

STEPS: Final = "steps"
CHECKPOINT: Final = "checkpoint"
REPORT: Final = "report.html"
_TOLD: Final = (
    CheckpointError,
    DataError,
    EngineError,
    ExportError,
    LayoutError,
    LossError,
    PhotoError,
    ResumeError,
    TooLargeError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    recipe: Recipe
    checkpoint: Path
    base: Path | None
    data: tuple[Path, ...]
    root: Path
    out: Path
    held_out: float
    keep_adapter: bool
    name: str
    save_every: int
    workers: int
    measure_samples: int
    measure_photos: int
    check_memory: bool


def run(wanted: Wanted) -> int:
    """Train, and write what came of it. 0 when it is done, 128 + the signal when stopped."""
    try:
        require_possible(wanted.recipe)
        state = processes()
    except PlaceError as error:
        fail(error)
    first = state.is_main_process
    try:
        with Stopping(_stopping() if first else "") as stop:
            status = _run(wanted, stop, first=first)
    except _TOLD as error:
        fail(error)
    except OutOfMemory as error:
        raise CommandError(
            "The card's memory ended. Halve batch.per_device and double batch.accumulation (--set),"
            " or take more cards; a run that has a checkpoint cannot go on with another batch."
        ) from error
    except OSError as error:
        raise CommandError(f"{error.filename or wanted.out}: {error.strerror or error}.") from error
    # Not after an error of one process alone: it would wait for the others, which wait for it, and
    # its message would never be read.
    state.destroy_process_group()
    return status


def _run(wanted: Wanted, stop: Stopping, *, first: bool) -> int:
    sides = _samples(wanted)
    memory = _memory(wanted)
    loaded = load_for(
        wanted.recipe,
        wanted.checkpoint,
        loading_device(),
        base=wanted.base,
        frozen=frozen_dtype(),
        # The first process gives the others their parts.
        hollow=parted() and not first,
    )
    try:
        learner, _ = let_learn(loaded.model, loaded.parts, wanted.recipe)
    except ValueError as error:
        fail(error)
    accelerator = accelerator_for(learner, loaded.parts)
    layout(wanted.recipe, accelerator.num_processes)
    facts = _facts(wanted, sides, loaded, accelerator)
    if first:
        for name, value in (*fields(facts.recipe), *rows(facts), ("Memory of a card", memory)):
            print(f"{name:28} {value}", flush=True)
    arguments = arguments_of(loaded.family, loaded.source.config)
    measure = Evaluation(
        sides.held_out,
        recipe=wanted.recipe,
        family=loaded.family,
        processor=loaded.processor,
        arguments=arguments,
        root=wanted.root,
        accelerator=accelerator,
        stop=stop,
        samples=wanted.measure_samples,
        photos=wanted.measure_photos,
    )
    job = Job(
        recipe=wanted.recipe,
        model=learner,
        processor=loaded.processor,
        arguments=arguments,
        padding=0,
        samples=sides.training,
        root=wanted.root,
        out=wanted.out / STEPS,
        measure=measure,
        accelerator=accelerator,
        save_every=wanted.save_every,
        workers=wanted.workers,
        origin=fingerprint(loaded.source.folders),
    )
    _train(job, measure, stop, wanted.out, first=first)
    ranks = Ranks(accelerator.process_index, accelerator.num_processes, accelerator.device)
    # Told to one process alone, it counts for all.
    if ranks.any(stop()):
        if first:
            again = this_command() if ranks.count == 1 else "(with its launcher, as before)"
            print(f"Stopped. To go on, give the same command again:\n    {again}")
        return stop.status if stop() else INTERRUPTED
    _finish(job, loaded, facts, wanted, sides, first=first)
    return 0


def _stopping() -> str:
    return "Stopping: a checkpoint of the last step is written. Ctrl-C again ends at once."


def _samples(wanted: Wanted) -> Split:
    """The files' samples, checked and parted."""
    samples: list[Sample] = []
    problems: list[Problem] = []
    for file in wanted.data:
        found, wrong = read_samples(file)
        samples += found
        problems += wrong
    checked = check(samples, wanted.root, problems=problems)
    if checked.problems:
        files = " ".join(map(str, wanted.data))
        raise CommandError(
            f"The data have problems, so nothing was trained.\n{report_text(checked)}\n"
            f"`venus-trainer data check FILE --root {wanted.root} --good GOOD.jsonl` keeps the good"
            f" samples of each file ({files})."
        )
    if not wanted.recipe.data.bad_crops:
        samples = without_bad_crops(samples)
    sides = split(samples, held_out=wanted.held_out, seed=wanted.recipe.seed)
    if not sides.training:
        raise CommandError("No sample is left to train on: hold out less, or give more files.")
    return sides


def without_bad_crops(samples: Sequence[Sample]) -> list[Sample]:
    """The samples without the turns about bad boxes; those that say nothing else are left out."""
    kept = (
        (sample, tuple(each for each in sample.exchanges if each.verdict is not Verdict.BAD))
        for sample in samples
    )
    return [replace(sample, exchanges=exchanges) for sample, exchanges in kept if exchanges]


def _memory(wanted: Wanted) -> str:
    """The estimate in words, before any weight is read; TooLargeError where a card is too small."""
    family = recognise(wanted.checkpoint, base=wanted.base)
    source = family.read(wanted.checkpoint, base=wanted.base)
    require_writable(family, source, keep_adapter=wanted.keep_adapter)
    square = np.zeros((LONG_SIDE, LONG_SIDE, 3), np.uint8)
    state = PartialState()
    of = undertaking(
        wanted.recipe,
        family,
        source.config,
        photo_tokens=family.processor(source).pixels(square).tokens,
        ranks=state.num_processes,
        sharded=parted(),
        by_zero=by_zero(),
    )
    card = card_memory()
    if card is not None and wanted.check_memory:
        require_fits(of, card)
    found = estimate(of)
    return f"about {found.total / GB:.1f} GB: {in_words(found)}"


def _facts(wanted: Wanted, sides: Split, loaded: Loaded, accelerator: Accelerator) -> Facts:
    training, held_out = sides.training, sides.held_out
    return Facts(
        recipe=wanted.recipe,
        checkpoint=str(wanted.checkpoint),
        family=loaded.family.title,
        data=DataCounts(
            files=tuple(map(str, wanted.data)),
            samples=len(training),
            photos=len({each.photo for each in training}),
            turns=sum(len(each.exchanges) for each in training),
            tasks=dict(Counter(each.task for each in training)),
            held_out_samples=len(held_out),
            held_out_photos=len({each.photo for each in held_out}),
            held_out_share=wanted.held_out,
            hash=data_hash(training),
        ),
        split_seed=wanted.recipe.seed,
        processes=accelerator.num_processes,
        device=str(accelerator.device),
        precision="fp32" if accelerator.mixed_precision == "no" else accelerator.mixed_precision,
        versions=versions(),
    )


def _train(job: Job, measure: Evaluation, stop: Stopping, out: Path, *, first: bool) -> None:
    """Take the steps that are left, and see that the last epoch was measured."""
    _begin_anew(job, out, first=first)
    kept = checkpoints(job.out)
    done = read_progress(kept[-1]).step if kept else 0
    if done and first:
        print(f"Goes on from step {done}.", flush=True)
    with ExitStack() as stack:
        watch = stack.enter_context(Watch(out, done=done)) if first else None
        for event in train(job, stop=stop):
            if watch is not None:
                watch.show(event, measure.answers if isinstance(event, Measured) else ())
        last = [each.epoch for each in read_record(out / FIGURES).measured][-1:]
        # A run that ended between its last step and its last measurement has none.
        if job.accelerator.num_processes == 1 and last != [job.recipe.epochs] and not stop():
            figures = measure(job.model)
            if watch is not None:
                watch.show(Measured(job.recipe.epochs, figures), measure.answers)


def _begin_anew(job: Job, out: Path, *, first: bool) -> None:
    """Forget a checkpoint of no step: it was stopped while the model was measured beforehand."""
    kept = checkpoints(job.out)
    anew = bool(kept) and read_progress(kept[-1]).step == 0
    job.accelerator.wait_for_everyone()
    if anew and first and not read_record(out / FIGURES).measured:
        shutil.rmtree(kept[-1])
    job.accelerator.wait_for_everyone()


def _finish(
    job: Job, loaded: Loaded, facts: Facts, wanted: Wanted, sides: Split, *, first: bool
) -> None:
    """Write the checkpoint with its card, and the page."""
    weights = whole_weights(job.model, learning=True)
    if not first:
        return
    record = read_record(wanted.out / FIGURES)
    wording = wording_of(sides.training)
    adapter = wanted.keep_adapter and isinstance(job.model, PeftModel)
    folder = write(
        job.model,
        weights,
        wanted.out / CHECKPOINT,
        family=loaded.family,
        source=loaded.source,
        processor=loaded.processor,
        card=card(wanted.name, facts, record, wording=wording, adapter=adapter),
        keep_adapter=wanted.keep_adapter,
    )
    page = wanted.out / REPORT
    page.write_text(report(wanted.name, facts, record, root=wanted.root), "utf-8")
    print(f"The model is in {folder}, and how it went in {page}.")
    said = "" if wording is Wording.AUTO else f" --wording {wording}"
    print(f"    venus models add {folder}{said}")
    print(f"    tensorboard --logdir {wanted.out / TENSORBOARD}")
