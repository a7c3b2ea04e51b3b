"""What every benchmark writes beside its own files: `result.json`, which the leaderboard joins.

A run measures one engine on one benchmark. Its rows are the engine's own figures, those of other
readings of its answers, and those of baselines; every row has the same figures in the same order.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from engine.saving import write_whole
from engine.wire import WireError, from_json, to_json
from trainer.page.facts import versions

FILE: Final = "result.json"
ENGINE: Final = "engine"
"""The key of the row that the leaderboard shows first: the engine as it answers people."""
FORMAT: Final = 1


class ResultError(Exception):
    """A run's result cannot be read; the message names the file and the reason."""


class Role(StrEnum):
    """Whose row it is: the engine's own, what it is compared with, or a detail of that which only
    the run's own page shows.
    """

    OWN = "own"
    BASELINE = "baseline"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The mean of a measure over `count` photos (None over none), and its 95 % interval if known.

    `gain` and its bounds are the paired difference from the run's baseline; None where there is
    none. `lower_is_better` tells which way is good, `digits` how many decimals mean something.
    """

    key: str
    title: str
    mean: float | None
    low: float | None = None
    high: float | None = None
    count: int = 0
    gain: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    lower_is_better: bool = False
    digits: int = 3

    @property
    def words(self) -> str:
        """The mean for people; a dash where there is none."""
        return "–" if self.mean is None else f"{self.mean:.{self.digits}f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a run's table; `unanswered` counts photos that count as missed."""

    key: str
    title: str
    figures: tuple[Figure, ...]
    role: Role = Role.OWN
    unanswered: int = 0
    note: str = ""

    def figure(self, key: str) -> Figure | None:
        """The figure of this key."""
        return next((each for each in self.figures if each.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a run ran on. `model_bytes` is what the engine held for its model, `peak_bytes` the most
    that the whole process held, graphics memory apart in `graphics_bytes`; 0: not known.
    """

    system: str
    processor: str
    device: str
    versions: tuple[str, ...]
    model_bytes: int = 0
    peak_bytes: int = 0
    graphics_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One run: which engine, on what data, when and where, what it cost, and its table.

    `chosen` is the engine as it was asked for, `answers` how it is asked (its prompts, its judge);
    `data_hash` is over the photos and the annotations that were measured; `seconds` are those that
    the engine took for one photo, opening included; `date` is ISO 8601.
    """

    benchmark: str
    title: str
    engine: str
    engine_version: str
    chosen: str
    date: str
    photos: int
    failed: int
    data: str
    data_hash: str
    seconds: float
    machine: Machine
    rows: tuple[Row, ...]
    baseline: str = ""
    answers: str = ""
    notes: tuple[str, ...] = ()
    format: int = FORMAT

    def row(self, key: str) -> Row | None:
        """The row of this key."""
        return next((each for each in self.rows if each.key == key), None)


def machine(*, device: str, model_bytes: int = 0, packages: Iterable[str] = ()) -> Machine:
    """What this process runs on and has used so far; the versions of more `packages` are told."""
    told = versions() | {name: version(name) for name in packages}
    return Machine(
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=f"{os.cpu_count() or 1} × {platform.processor() or platform.machine()}",
        device=device,
        versions=tuple(f"{name} {number}" for name, number in told.items()),
        model_bytes=model_bytes,
        peak_bytes=_peak(),
        graphics_bytes=_graphics(),
    )


def write(result: Result, folder: Path) -> Path:
    """Write `result.json`, whole or not at all. OSError where that cannot be."""
    file = folder / FILE
    text = json.dumps(to_json(result), indent=2, ensure_ascii=False)
    write_whole(file, f"{text}\n".encode())
    return file


def read(folder: Path) -> Result:
    """The result in a run's folder. ResultError says why there is none."""
    file = folder / FILE
    try:
        data: Any = json.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ResultError(
            f"{folder} holds no {FILE}. Give the folder that a benchmark wrote with --out."
        ) from error
    except (OSError, ValueError) as error:
        raise ResultError(
            f"{file} cannot be read ({type(error).__name__}). Measure again."
        ) from error
    if isinstance(data, dict) and data.get("format") != FORMAT:
        raise ResultError(
            f"{file} is of format {data.get('format')}, this program reads {FORMAT}. Measure again."
        )
    try:
        return from_json(Result, data)
    except WireError as error:
        raise ResultError(f"{file} is no result of a benchmark: {error}.") from error


def _peak() -> int:
    """The most bytes that this process has held; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _graphics() -> int:
    """The most bytes of graphics memory that tensors have held; 0 without a card or without torch.

    A run that needed no torch does not load it for this.
    """
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return 0
    return sum(torch.cuda.max_memory_allocated(each) for each in range(torch.cuda.device_count()))
