"""One stage of training: what happens between two steps is all here.

    for event in train(job, stop=…): …

The caller draws the events and decides nothing; the recipe does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import nn

from engine.stop import Stop
from engine.venus.family import Processor
from trainer.data.batches import Layout, steps
from trainer.data.encode import See
from trainer.data.problem import DataError
from trainer.data.sample import Sample
from trainer.loop.loss import LossError
from trainer.loop.optimising import learning_rate
from trainer.loop.ranks import Ranks
from trainer.loop.state import (
    Progress,
    data_hash,
    newest,
    random_states,
    read_progress,
    require_same,
    restore,
    save,
    set_random_states,
)
from trainer.loop.stepping import Arguments, Examples, Stepper, windows
from trainer.loop.strategy import Strategy, strategy_of
from trainer.recipe import Recipe

Measure = Callable[[nn.Module], Mapping[str, float]]
"""Figures of a model on held-out samples, by name."""


class LayoutError(Exception):
    """The recipe's batch does not fit the processes; the message says what would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """All that a stage of training needs. `model` has the recipe's parts learning already.

    `see` draws the samples' photos where they are no files below `root`. `grouped` puts samples of
    like length together; not for data whose lengths tell their answers, which a step must mix.
    `origin` is a fingerprint of the checkpoint that the run begins from.
    """

    recipe: Recipe
    model: nn.Module
    processor: Processor
    arguments: Arguments
    padding: int
    samples: tuple[Sample, ...]
    root: Path
    out: Path
    measure: Measure
    accelerator: Accelerator
    save_every: int = 200
    workers: int = 0
    see: See | None = None
    grouped: bool = True
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """Step `step` of `of` was taken: `loss` in nats a learnt token, `tokens` of all ranks without
    padding, and the `seconds` that it took.
    """

    step: int
    of: int
    epoch: int
    loss: float
    rate: float
    norm: float
    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures on held-out samples after an epoch; epoch 0 is before the first step."""

    epoch: int
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint was written."""

    folder: Path


Event = Stepped | Measured | Saved


def layout(recipe: Recipe, ranks: int) -> Layout:
    """The recipe's samples a step on so many processes. LayoutError where they do not fit."""
    together = ranks * recipe.batch.per_device
    accumulation, rest = divmod(recipe.batch.total, together)
    if rest or not accumulation:
        raise LayoutError(
            f"A step of {recipe.batch.total} samples cannot be made from {ranks} processes with"
            f" {recipe.batch.per_device} samples each: change per_device or accumulation in the"
            " recipe."
        )
    return Layout(ranks=ranks, per_device=recipe.batch.per_device, accumulation=accumulation)


def train(job: Job, *, stop: Stop) -> Iterator[Event]:
    """Train from the newest checkpoint in `job.out`, or from the start, to the last epoch.

    Once `stop` is true on any process, the window under way is dropped, a checkpoint of the last
    step is written, and nothing more comes. Raises LayoutError, ResumeError, LossError, DataError.
    """
    recipe, accelerator = job.recipe, job.accelerator
    ranks = Ranks(accelerator.process_index, accelerator.num_processes, accelerator.device)
    placed = layout(recipe, ranks.count)
    torch.manual_seed(recipe.seed + ranks.index)
    strategy = strategy_of(job.model, accelerator, recipe.optimiser, placed)
    progress = _start(job, placed, strategy)
    if kept := newest(job.out, ranks):
        there = read_progress(kept)
        require_same(there, progress, kept)
        restore(kept, strategy, ranks)
        progress = there
    else:
        states = random_states()
        yield Measured(0, job.measure(strategy.model))
        set_random_states(states)
    states = random_states()

    def saved() -> Saved:
        return Saved(save(job.out, strategy, progress, states, ranks))

    stepper = Stepper(
        recipe=recipe,
        strategy=strategy,
        arguments=job.arguments,
        ranks=ranks,
        layout=placed,
    )
    examples = Examples(
        job.samples, job.processor, job.root, max_length=recipe.data.max_length, see=job.see
    )
    lengths = [_words(sample) if job.grouped else 0 for sample in job.samples]
    an_epoch = len(steps(lengths, placed, seed=recipe.seed, epoch=0))
    total = an_epoch * recipe.epochs
    try:
        while progress.epoch < recipe.epochs:
            plan = steps(lengths, placed, seed=recipe.seed, epoch=progress.epoch)[progress.taken :]
            for window in windows(examples, plan, ranks, padding=job.padding, workers=job.workers):
                rate = learning_rate(progress.step, total, recipe.optimiser)
                done = stepper.step(window, rate, stop)
                if done is None:
                    yield saved()
                    return
                progress = replace(progress, step=progress.step + 1, taken=progress.taken + 1)
                states = random_states()
                yield Stepped(
                    step=progress.step,
                    of=total,
                    epoch=progress.epoch + 1,
                    loss=done.loss,
                    rate=rate,
                    norm=done.norm,
                    tokens=done.tokens,
                    seconds=done.seconds,
                )
                if progress.step % job.save_every == 0 and progress.taken < an_epoch:
                    yield saved()
            progress = replace(progress, epoch=progress.epoch + 1, taken=0)
            yield saved()
            yield Measured(progress.epoch, job.measure(strategy.model))
            set_random_states(states)
    except (DataError, LossError):
        # Of one sample: the steps before it are worth keeping. Other processes know nothing of it.
        if ranks.count == 1 and progress.step:
            yield saved()
        raise


def _start(job: Job, placed: Layout, strategy: Strategy) -> Progress:
    return Progress(
        step=0,
        epoch=0,
        taken=0,
        seed=job.recipe.seed,
        ranks=placed.ranks,
        per_device=placed.per_device,
        accumulation=placed.accumulation,
        data=data_hash(job.samples),
        recipe=repr(job.recipe),
        strategy=strategy.name,
        origin=job.origin,
    )


def _words(sample: Sample) -> int:
    """A sample's length for grouping: its characters; all photos of a family are about alike."""
    return sum(len(each.question) + len(each.answer) for each in sample.exchanges)
