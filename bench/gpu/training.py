"""A few steps of training at full size: what they take of a card, and how fast they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from torch import nn

from bench.gpu.memory import Most, taken
from engine.venus.families.registry import recognise
from engine.venus.family import Rgb
from engine.venus.quantise.memory import rooms
from trainer.data.sample import Exchange, Sample
from trainer.loop.arguments import arguments_of
from trainer.loop.estimate import Undertaking, estimate, undertaking
from trainer.loop.learning import let_learn
from trainer.loop.loading import load_for
from trainer.loop.run import Job, Stepped, train
from trainer.recipe import Batch, Recipe, read

ACCUMULATION = 2
STEPS = 3
"""The first is not counted: kernels are chosen in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCase:
    """A recipe by its name, with samples of `length` tokens each."""

    name: str
    recipe: str
    device: str
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """`learnt` numbers; bytes `foretold` and by the `driver`'s own count at the most, from before
    the load to after the last step; `rows` of `length` tokens at a time; nats a token before the
    first and the last step.
    """

    name: str
    title: str
    learnt: int
    foretold: int
    driver: int
    rows: int
    length: int
    tokens_a_second: float
    first_loss: float
    last_loss: float


def training_cases(device: str, *, length: int) -> list[TrainingCase]:
    """Stage 1 as released, and LoRA over 4 bits."""
    return [
        TrainingCase(name="Stage 1, LoRA", recipe="release-1", device=device, length=length),
        TrainingCase(name="QLoRA", recipe="qlora-2", device=device, length=length),
    ]


def measure_training(case: TrainingCase, checkpoint: Path, folder: Path) -> TrainingRun:
    """Load, train a few steps on samples that fill their length, and count.

    AssertionError where what was promised is not so: other numbers learn than foretold, or the
    card holds more.
    """
    of = _undertaking(case, checkpoint)
    recipe = of.recipe
    before = taken(case.device)
    with Most(case.device) as most:
        found = load_for(recipe, checkpoint, case.device)
        learner, _ = let_learn(found.model, found.parts, recipe)
        learnt = sum(each.numel() for each in learner.parameters() if each.requires_grad)
        assert learnt == of.learnt, f"{learnt} numbers learn, {of.learnt} foretold"
        job = Job(
            recipe=recipe,
            model=learner,
            processor=found.processor,
            arguments=arguments_of(found.family, found.source.config),
            padding=0,
            samples=tuple(_samples(STEPS * recipe.batch.total, case.length)),
            root=folder,
            out=folder / f"training-{case.recipe}",
            measure=_nothing,
            accelerator=_accelerator(case.device),
            see=see,
        )
        steps = [each for each in train(job, stop=lambda: False) if isinstance(each, Stepped)]
    foretold = estimate(of).total
    driver = most.taken - before
    assert driver <= foretold, f"the driver counted {driver} bytes, {foretold} foretold"
    counted = steps[1:]
    return TrainingRun(
        name=case.name,
        title=recipe.title,
        learnt=learnt,
        foretold=foretold,
        driver=driver,
        rows=recipe.batch.per_device,
        length=case.length,
        tokens_a_second=sum(e.tokens for e in counted) / sum(e.seconds for e in counted),
        first_loss=steps[0].loss,
        last_loss=steps[-1].loss,
    )


def _undertaking(case: TrainingCase, checkpoint: Path) -> Undertaking:
    """The recipe as it is, but for few samples a step, and no more at a time than the card holds.

    AssertionError where not even one fits.
    """
    family = recognise(checkpoint)
    source = family.read(checkpoint)
    photo = family.processor(source).pixels(see("0")).tokens
    card = rooms(case.device)[0].total
    recipe = read(case.recipe)
    for rows in range(recipe.batch.per_device, 0, -1):
        of = undertaking(
            _shortened(recipe, rows, case.length),
            family,
            source.config,
            photo_tokens=photo,
            ranks=1,
            sharded=False,
        )
        if estimate(of).total <= card:
            return of
    raise AssertionError(f"{case.name} does not fit {card} bytes with one sample at a time")


def _shortened(recipe: Recipe, rows: int, length: int) -> Recipe:
    return replace(
        recipe,
        batch=Batch(devices=1, per_device=rows, accumulation=ACCUMULATION),
        epochs=1,
        data=replace(recipe.data, max_length=length),
        optimiser=replace(recipe.optimiser, warmup=0.0),
    )


def _samples(count: int, length: int) -> Iterator[Sample]:
    """The same answer to every photo, longer than any sample may be: it is cut to the length."""
    answer = "the light falls from the left " * length
    for number in range(count):
        said = Exchange(question="Please analyze this image.", answer=answer)
        yield Sample(id=str(number), photo=str(number), task="analysis", exchanges=(said,))


def see(name: str) -> Rgb:
    """A photo of noise, by its number."""
    return np.random.default_rng(int(name)).integers(0, 255, (448, 448, 3), dtype=np.uint8)


def _accelerator(device: str) -> Accelerator:
    if torch.device(device).type == "cpu":
        return Accelerator(cpu=True)
    return Accelerator(mixed_precision="bf16")


def _nothing(_model: nn.Module) -> dict[str, float]:
    return {}
