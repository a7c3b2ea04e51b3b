"""Tiny checkpoints of every family, made once, and three photos."""

import os
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import pytest
import torch
from tiny_checkpoints import MAKERS, make
from transformers import DynamicCache, PreTrainedModel

from engine.venus.families.building import load
from engine.venus.families.registry import recognise
from engine.venus.family import Family, Processor, Runner, Source
from engine.venus.qwen_vl.loading import load_model, open_checkpoint


@dataclass(frozen=True)
class Opened:
    """A tiny checkpoint, and everything that its family says of it."""

    name: str
    folder: Path
    family: Family
    source: Source
    model: PreTrainedModel
    processor: Processor
    runner: Runner

    def cache(self) -> DynamicCache:
        return DynamicCache(config=self.model.config.get_text_config())

    def upstream(self) -> PreTrainedModel:
        """The same folder by the model's own way of loading."""
        if self.name == "qwen_vl":
            return load_model(open_checkpoint(self.folder))
        return type(self.model).from_pretrained(self.folder, dtype=torch.float32).eval()


@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    """A tiny checkpoint by its maker's name; each is made and loaded once."""
    kept = {}

    def open_one(name: str) -> Opened:
        if name not in kept:
            folder = make(name, tmp_path_factory.mktemp("checkpoints") / name)
            family = recognise(folder)
            source = family.read(folder)
            model = load(family, source)
            processor = family.processor(source)
            runner = family.runner(model, processor)
            kept[name] = Opened(name, folder, family, source, model, processor, runner)
        return kept[name]

    return open_one


@pytest.fixture(params=list(MAKERS))
def checkpoint(request, opened) -> Opened:
    return opened(request.param)


def photo(width: int, height: int) -> np.ndarray:
    """Slopes of colour with a little noise: every resampling shows."""
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    slopes = np.stack([across, down, (across + down) / 2], axis=-1) * 200
    noise = np.random.default_rng(width * height).uniform(0, 55, slopes.shape)
    return (slopes + noise).astype(np.uint8)


PHOTOS = {"landscape": (300, 200), "portrait": (120, 201), "tiny": (33, 21)}


@pytest.fixture(params=list(PHOTOS))
def rgb(request) -> np.ndarray:
    return photo(*PHOTOS[request.param])


@pytest.fixture
def landscape() -> np.ndarray:
    return photo(*PHOTOS["landscape"])
