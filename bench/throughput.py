"""Tokens a second of the trainer's loop beside Hugging Face's Trainer, in one run.

    python -m bench.throughput

Both teach the same tiny model the same batches of the same samples by the same steps on one core;
they take turns, and medians are compared. Reading photos and writing turns is in both figures,
loading the model and saving it in neither.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import Dataset, SequentialSampler
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.utils import logging

from bench.gpu.checkpoint import Size, write
from bench.timing import line
from engine.venus.family import Rgb
from trainer.data.batches import collate, steps
from trainer.data.encode import Example
from trainer.data.sample import Exchange, Sample
from trainer.loop.arguments import arguments_of
from trainer.loop.learning import let_learn
from trainer.loop.loading import Loaded, load_for
from trainer.loop.run import Job, Stepped, layout, train
from trainer.loop.stepping import Arguments, Examples
from trainer.recipe import Batch, Method, Optimiser, Part, Recipe

CPU = torch.device("cpu")
SAMPLES = 96
WARM = 4
"""Steps that are not counted."""
RECIPE = Recipe(
    title="throughput",
    source="bench",
    stage=2,
    method=Method.FULL,
    parts=tuple(Part),
    optimiser=Optimiser(learning_rate=1e-4),
    batch=Batch(devices=1, per_device=2, accumulation=2),
    epochs=1,
    checkpointing=False,
)


@dataclass(frozen=True, slots=True)
class Course:
    """What both are given: a checkpoint, samples, and where files may be written."""

    checkpoint: Path
    samples: tuple[Sample, ...]
    folder: Path

    def order(self) -> list[int]:
        """The samples as our loop takes them, one after the other."""
        lengths = [len(each.exchanges[0].answer) for each in self.samples]
        plan = steps(lengths, layout(RECIPE, 1), seed=RECIPE.seed, epoch=0)
        return [place for step in plan for batch in step.windows[0] for place in batch]

    def examples(self, found: Loaded) -> Examples:
        length = RECIPE.data.max_length
        return Examples(self.samples, found.processor, self.folder, max_length=length, see=see)


def see(name: str) -> Rgb:
    """A photo of noise, by its number."""
    random = np.random.default_rng(int(name))
    return random.integers(0, 255, (96, 128, 3), dtype=np.uint8)


def samples() -> tuple[Sample, ...]:
    """Answers of 20 to 120 characters."""
    return tuple(
        Sample(
            id=str(number),
            photo=str(number),
            task="analysis",
            exchanges=(Exchange(question="Analyse.", answer="a dark photo " * (2 + number % 8)),),
        )
        for number in range(SAMPLES)
    )


def ours(course: Course, run: int) -> float:
    """Tokens a second of `trainer.loop`."""
    found = load_for(RECIPE, course.checkpoint, CPU)
    learner, _ = let_learn(found.model, found.parts, RECIPE)
    job = Job(
        recipe=RECIPE,
        model=learner,
        processor=found.processor,
        arguments=arguments_of(found.family, found.source.config),
        padding=0,
        samples=course.samples,
        root=course.folder,
        out=course.folder / f"ours-{run}",
        measure=_nothing,
        accelerator=Accelerator(cpu=True),
        save_every=10**6,
        see=see,
    )
    stepped = [
        (time.perf_counter(), event.tokens)
        for event in train(job, stop=lambda: False)
        if isinstance(event, Stepped)
    ]
    return _rate(stepped)


def theirs(course: Course, run: int) -> float:
    """Tokens a second of Hugging Face's Trainer, told to do the same."""
    found = load_for(RECIPE, course.checkpoint, CPU)
    learner, _ = let_learn(found.model, found.parts, RECIPE)
    settings, batch = RECIPE.optimiser, RECIPE.batch
    watch = _Watch()
    arguments = TrainingArguments(
        output_dir=str(course.folder / f"theirs-{run}"),
        per_device_train_batch_size=batch.per_device,
        gradient_accumulation_steps=batch.accumulation,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        adam_beta1=settings.beta1,
        adam_beta2=settings.beta2,
        adam_epsilon=settings.epsilon,
        max_grad_norm=settings.clip_norm,
        lr_scheduler_type="cosine",
        optim="adamw_torch",
        num_train_epochs=RECIPE.epochs,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        remove_unused_columns=False,
    )
    collator = _Collator(arguments_of(found.family, found.source.config), watch)
    taught = _InOrder(
        model=learner,  # pyright: ignore[reportArgumentType]
        args=arguments,
        train_dataset=_Taken(course.examples(found), course.order()),
        data_collator=collator,
        callbacks=[watch],
    )
    taught.train()
    return _rate(watch.stepped)


class _Watch(TrainerCallback):
    """When each step was over, and the tokens that were collated until then."""

    def __init__(self) -> None:
        self.tokens = 0
        self.stepped: list[tuple[float, int]] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.stepped.append((time.perf_counter(), self.tokens))
        self.tokens = 0


@dataclass(frozen=True, slots=True)
class _Collator:
    arguments: Arguments
    watch: _Watch

    def __call__(self, examples: Sequence[Example]) -> dict[str, Any]:
        batch = collate(examples, padding=0)
        self.watch.tokens += batch.tokens
        return {**self.arguments(batch, CPU), "labels": batch.labels}


class _Taken(Dataset[Example]):
    """Examples in a given order."""

    def __init__(self, examples: Examples, order: Sequence[int]) -> None:
        self._examples = examples
        self._order = order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: int) -> Example:
        return self._examples[self._order[index]]


class _InOrder(Trainer):
    def _get_train_sampler(self, train_dataset: Any = None) -> SequentialSampler:
        return SequentialSampler(train_dataset or self.train_dataset)  # pyright: ignore[reportArgumentType]


def _rate(stepped: Sequence[tuple[float, int]]) -> float:
    counted = stepped[WARM:]
    return sum(tokens for _, tokens in counted) / (counted[-1][0] - stepped[WARM - 1][0])


def _nothing(_model: nn.Module) -> dict[str, float]:
    return {}


def measured(course: Course, runs: int) -> Iterator[tuple[float, float]]:
    """Tokens a second, ours and theirs, turn by turn; who begins changes."""
    for run in range(runs):
        if run % 2:
            second = theirs(course, run)
            yield ours(course, run), second
        else:
            yield ours(course, run), theirs(course, run)


def main() -> int:
    """Measure and print; 1 if our loop is the slower one."""
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    with TemporaryDirectory(prefix="venus-throughput-") as folder:
        place = Path(folder)
        course = Course(write(place / "checkpoint", Size.TINY), samples(), place)
        found = list(measured(course, options.runs))
    our, their = (median(side) for side in zip(*found, strict=True))
    ratio = median(one / other for one, other in found)
    line("our loop", f"{our:.0f} tokens/s")
    line("Hugging Face's Trainer", f"{their:.0f} tokens/s")
    line("ours over theirs, median of the turns", f"{ratio:.3f}", "at least 1")
    line(
        "load of the machine over a minute, its cores",
        f"{os.getloadavg()[0]:.1f}, {os.cpu_count()}",
    )
    return 0 if ratio >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
