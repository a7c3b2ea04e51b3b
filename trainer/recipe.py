"""A stage's whole configuration: one frozen table, read from `stages/` or a file of one's own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from engine.wire import WireError, from_json

FOLDER: Final = Path(__file__).parent / "stages"


class RecipeError(Exception):
    """A recipe cannot be used; the message names the file, the place and the reason."""


class Method(StrEnum):
    """How weights are trained: all of them, a LoRA beside them, or a LoRA over 4-bit weights."""

    FULL = "full"
    LORA = "lora"
    QLORA = "qlora"


class Part(StrEnum):
    """A part of a model, as `engine.venus.family.Parts` names it."""

    LANGUAGE = "language"
    VISION = "vision"
    CONNECTOR = "connector"
    EMBEDDINGS = "embeddings"
    HEAD = "head"


class Normalisation(StrEnum):
    """What the summed loss of an optimiser step is divided by.

    TOKEN_MEAN: by the supervised tokens of the whole step, over all micro-batches and ranks.
    MICROBATCH_MEAN: each micro-batch by its own tokens, then by their number, as in the release.
    """

    TOKEN_MEAN = "token_mean"
    MICROBATCH_MEAN = "microbatch_mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """Low-rank adapters on the linear layers of the language model (Hu et al., 2022)."""

    rank: int = 64
    alpha: int = 16
    dropout: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What a sample may be. `max_length` in tokens; `bad_crops` keeps the whys of bad boxes."""

    max_length: int = 2048
    bad_crops: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimiser:
    """AdamW, a cosine after a linear warm-up. `warmup` is a share of all steps."""

    learning_rate: float
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    epsilon: float = 1e-8
    warmup: float = 0.01
    clip_norm: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Samples a step: `devices` × `per_device` × `accumulation`."""

    devices: int
    per_device: int
    accumulation: int

    @property
    def total(self) -> int:
        return self.devices * self.per_device * self.accumulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One stage of training. `parts` are those that learn; the rest is frozen and proven so."""

    title: str
    source: str
    stage: int
    method: Method
    parts: tuple[Part, ...]
    optimiser: Optimiser
    batch: Batch
    epochs: int = 3
    data: Data = field(default_factory=Data)
    lora: Lora | None = None
    normalisation: Normalisation = Normalisation.TOKEN_MEAN
    checkpointing: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if (self.lora is None) != (self.method is Method.FULL):
            raise ValueError("a [lora] table belongs to the methods lora and qlora alone")


def names() -> tuple[str, ...]:
    """The recipes that come with the trainer."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def read(name: str) -> Recipe:
    """A recipe by its name, or by the path of a TOML file. RecipeError says what is wrong."""
    file = FOLDER / f"{name}.toml" if name in names() else Path(name)
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise RecipeError(
            f"there is no recipe {name}: give a TOML file or one of {', '.join(names())}"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{file} is not readable TOML: {error}") from error
    try:
        return from_json(Recipe, data)
    except WireError as error:
        raise RecipeError(f"{file}: {error}") from error
