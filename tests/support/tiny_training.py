"""A training job so small that a test can run it: a tiny checkpoint, a few photos, a few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from PIL import Image
from tiny_checkpoints import make
from torch import nn
from transformers import PreTrainedModel

from engine.venus.families.registry import recognise
from engine.venus.family import Processor
from engine.vocabulary import Box
from trainer.data.batches import Batch as Rows
from trainer.data.batches import collate
from trainer.data.sample import Exchange, Sample
from trainer.loop.arguments import arguments_of
from trainer.loop.learning import let_learn
from trainer.loop.run import Job
from trainer.loop.stepping import Examples
from trainer.recipe import Batch, Lora, Method, Optimiser, Part, Recipe

EVERYTHING = tuple(Part)
LANGUAGE = (Part.LANGUAGE, Part.EMBEDDINGS, Part.HEAD)


def recipe(
    *,
    method: Method = Method.FULL,
    parts: tuple[Part, ...] = EVERYTHING,
    rate: float = 1e-3,
    epochs: int = 2,
    batch: Batch | None = None,
) -> Recipe:
    """A recipe of small steps: 4 samples each, in two windows."""
    return Recipe(
        title="tiny",
        source="tests",
        stage=1,
        method=method,
        parts=parts,
        optimiser=Optimiser(learning_rate=rate, warmup=0.2),
        batch=batch or Batch(devices=1, per_device=2, accumulation=2),
        epochs=epochs,
        lora=None if method is Method.FULL else Lora(rank=4, alpha=8, dropout=0.1),
    )


def samples(folder: Path, *, count: int = 10) -> tuple[Sample, ...]:
    """Photos of noise in `folder`, each with an answer of another length and a box."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    made: list[Sample] = []
    for number in range(count):
        name = f"{number}.png"
        noise = random.integers(0, 255, (24, 32, 3), dtype=np.uint8)
        if not (folder / name).exists():
            Image.fromarray(noise).save(folder / name)
        analysis = Exchange(question="Analyse.", answer="It is dark. " * (1 + number % 3))
        crop = Exchange(question="Crop.", answer="{box}", box=Box(0.1, 0.1, 0.5 + number / 40, 0.9))
        made.append(Sample(id=name, photo=name, task="t", exchanges=(analysis, crop)))
    return tuple(made)


def load(folder: Path, family_name: str = "qwen_vl") -> tuple[PreTrainedModel, Processor]:
    """A tiny checkpoint of a family, made in `folder` if it is not there, and loaded in fp32."""
    if not (folder / "config.json").is_file():
        make(family_name, folder)
    family = recognise(folder)
    source = family.read(folder)
    model = family.build(source.config).to(torch.float32)
    state = dict(family.tensors(source))
    model.load_state_dict({name: each.float() for name, each in state.items()}, assign=True)
    return model, family.processor(source)


def job(
    folder: Path,
    chosen: Recipe,
    *,
    data: tuple[Sample, ...] | None = None,
    accelerator: Accelerator | None = None,
    save_every: int = 2,
) -> Job:
    """A job over `samples`, with its checkpoint made anew, in `folder`."""
    model, processor = load(folder / "checkpoint")
    family = recognise(folder / "checkpoint")
    learner, _ = let_learn(model, family.parts(model.config), chosen)
    return Job(
        recipe=chosen,
        model=learner,
        processor=processor,
        arguments=arguments_of(family, model.config),
        padding=0,
        samples=data or samples(folder / "photos"),
        root=folder / "photos",
        out=folder / "run",
        measure=no_figures,
        accelerator=accelerator or Accelerator(cpu=True),
        save_every=save_every,
    )


def batch(folder: Path, processor: Processor, *, count: int = 4) -> Rows:
    """The first of the `samples` in `folder` as one micro-batch."""
    made = Examples(samples(folder), processor, folder, max_length=2048)
    return collate([made[place] for place in range(count)], padding=0)


def no_figures(model: nn.Module) -> Mapping[str, float]:
    return {}


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    """A copy of all parameters, by name."""
    return {name: each.detach().clone() for name, each in model.named_parameters()}


def with_data(changed: Job, data: tuple[Sample, ...]) -> Job:
    return replace(changed, samples=data)
