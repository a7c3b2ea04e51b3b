"""The checkpoints that Venus offers to download, with what a person needs to choose one."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from engine.choice import MemoryPlan, Wording
from engine.contract import EngineError

NF4_BYTES: Final = 0.5 + 1 / 64 + 4 / (64 * 256)
"""A weight in 4 bits with double quantisation: blocks of 64 share a byte, 256 blocks four more."""

WORKING_BYTES: Final = 1 << 30
"""Taken for the cache of a conversation and for what the work itself needs: a round guess."""

PLANS: Final = (MemoryPlan.NF4, MemoryPlan.INT8, MemoryPlan.BF16)

ALWAYS: Final = "main"
"""The revision that is asked for; what came is kept with the download as a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How many numbers each part of a model has."""

    language: int
    vision: int
    connector: int
    embeddings: int

    @property
    def total(self) -> int:
        return self.language + self.vision + self.connector + self.embeddings


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One checkpoint of the catalogue.

    `repo` is its name on the hub; `stage` is what it was trained for by the paper's two stages,
    empty for a model before them; `size` and `memory` are estimates.
    """

    name: str
    title: str
    repo: str
    revision: str
    family: str
    stage: str
    wording: Wording
    licence: str
    about: str
    parameters: Parameters

    @property
    def size(self) -> int:
        """Bytes of the download, estimated: two for each number."""
        return 2 * self.parameters.total

    @property
    def page(self) -> str:
        """Where people read about it and accept its terms."""
        return f"https://huggingface.co/{self.repo}"

    def memory(self, plan: MemoryPlan) -> int:
        """Bytes of a device's memory under one of `PLANS`, estimated.

        Connector and embeddings stay at two bytes a number. The planner, which sees the files and
        the free memory, may keep parts elsewhere and know better.
        """
        each = {MemoryPlan.NF4: NF4_BYTES, MemoryPlan.INT8: 1.0, MemoryPlan.BF16: 2.0}[plan]
        blocks = self.parameters.language + self.parameters.vision
        rest = self.parameters.connector + self.parameters.embeddings
        return round(each * blocks) + 2 * rest + WORKING_BYTES


@cache
def catalogue() -> tuple[Entry, ...]:
    """Every checkpoint on offer, the recommended one first."""
    text = (files("resources") / "models.toml").read_text("utf-8")
    return tuple(_entry(table) for table in tomllib.loads(text)["models"])


def find(name: str) -> Entry:
    """The entry of this name, or of this name on the hub. Raises EngineError `unknown_model`."""
    for entry in catalogue():
        if name.lower() in (entry.name, entry.repo.lower()):
            return entry
    raise EngineError(
        "unknown_model",
        f"The catalogue has no model called {name}.",
        f"It has {', '.join(entry.name for entry in catalogue())}. Any other model: download it by"
        " the means of its hub and add its folder.",
    )


def _entry(table: dict[str, Any]) -> Entry:
    values = {
        "revision": ALWAYS,
        **table,
        "wording": Wording(table["wording"]),
        "parameters": Parameters(**table["parameters"]),
    }
    return Entry(**values)
