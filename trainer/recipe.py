"""A stage's whole configuration: one frozen table, read from `stages/` or a file of one's own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
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


def _require(**fields: tuple[float, bool, str]) -> None:
    """ValueError names the first field whose value is not what it must be."""
    for name, (value, met, words) in fields.items():
        if not met:
            raise ValueError(f"{name} must be {words}, not {value:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """Low-rank adapters on the linear layers of the language model (Hu et al., 2022)."""

    rank: int = 64
    alpha: int = 16
    dropout: float = 0.05

    def __post_init__(self) -> None:
        _require(
            rank=(self.rank, self.rank >= 1, "1 or more"),
            alpha=(self.alpha, self.alpha >= 1, "1 or more"),
            dropout=(self.dropout, 0 <= self.dropout < 1, "from 0 to below 1"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What a sample may be. `max_length` in tokens; `bad_crops` keeps the whys of bad boxes."""

    max_length: int = 2048
    bad_crops: bool = True

    def __post_init__(self) -> None:
        _require(max_length=(self.max_length, self.max_length >= 2, "2 or more"))


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

    def __post_init__(self) -> None:
        rate = self.learning_rate
        _require(
            learning_rate=(rate, isfinite(rate) and rate > 0, "more than 0"),
            weight_decay=(self.weight_decay, self.weight_decay >= 0, "0 or more"),
            beta1=(self.beta1, 0 <= self.beta1 < 1, "from 0 to below 1"),
            beta2=(self.beta2, 0 <= self.beta2 < 1, "from 0 to below 1"),
            epsilon=(self.epsilon, self.epsilon > 0, "more than 0"),
            warmup=(self.warmup, 0 <= self.warmup <= 1, "a share of all steps, from 0 to 1"),
            clip_norm=(self.clip_norm, self.clip_norm > 0, "more than 0 (1e9 never clips)"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Samples a step: `devices` × `per_device` × `accumulation`."""

    devices: int
    per_device: int
    accumulation: int

    def __post_init__(self) -> None:
        _require(
            devices=(self.devices, self.devices >= 1, "1 or more"),
            per_device=(self.per_device, self.per_device >= 1, "1 or more"),
            accumulation=(self.accumulation, self.accumulation >= 1, "1 or more"),
        )

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
        _require(
            epochs=(self.epochs, self.epochs >= 1, "1 or more"),
            seed=(self.seed, self.seed >= 0, "0 or more"),
        )
        if not self.parts:
            raise ValueError(f"parts must name some of {', '.join(Part)}")
        if self.lora is None and self.method is not Method.FULL:
            raise ValueError(
                f"the method {self.method} takes a [lora] table: rank, alpha and dropout"
            )
        if self.lora is not None and self.method is Method.FULL:
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
