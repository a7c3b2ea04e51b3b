"""A whole run: cases measured, figures computed, and everything written to the run's folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engine.choice import EngineChoice, EngineName
from engine.dialogue.plans import Plan
from engine.saving import write_whole
from engine.vocabulary import EngineInfo
from trainer.benchmarks.baselines import SMARTCROP
from trainer.benchmarks.cases import Benchmark
from trainer.benchmarks.lines import FULL_FRAME, MEASURES, Line, Pairs, lines
from trainer.benchmarks.measuring import Missed
from trainer.benchmarks.page import figures_csv, page, photos_csv
from trainer.benchmarks.table import rows
from trainer.leaderboard.result import Result, machine
from trainer.leaderboard.result import write as write_result

TITLES: Final = {Benchmark.FLMS: "FLMS", Benchmark.FCDB: "FCDB", Benchmark.GAICD: "GAICD"}
PAGE: Final = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What was measured of what, by which engine; `date` is ISO 8601, `prompts` a model's."""

    benchmark: Benchmark
    choice: EngineChoice
    info: EngineInfo
    prompts: Plan | None
    data: str
    data_hash: str
    date: str
    measured: Pairs
    missed: Sequence[Missed]


def result(ran: Ran) -> tuple[Result, list[Line]]:
    """A run's figures and the lines behind them. ValueError where nothing was measured."""
    if not ran.measured:
        raise ValueError("No photo could be measured.")
    found = lines(ran.benchmark, ran.measured, title=ran.info.name)
    taken = [record.opening + record.asking for _, record in ran.measured]
    with_smartcrop = any(record.baseline for _, record in ran.measured)
    told = Result(
        benchmark=ran.benchmark.value,
        title=TITLES[ran.benchmark],
        engine=ran.info.name,
        engine_version=ran.info.version,
        chosen=chosen(ran.choice),
        date=ran.date,
        photos=len(ran.measured),
        failed=len(ran.missed),
        data=ran.data,
        data_hash=ran.data_hash,
        seconds=float(np.mean(taken)),
        machine=machine(
            device=ran.info.device,
            model_bytes=ran.info.memory,
            packages=("numpy", "pillow", "opencv-python-headless")
            + ((SMARTCROP,) if with_smartcrop else ()),
        ),
        rows=rows(found, MEASURES[ran.benchmark]),
        baseline=FULL_FRAME,
        answers=_answers(ran),
        notes=tuple(each for each in (ran.info.plan, *ran.info.notes) if each),
    )
    return told, found


def chosen(choice: EngineChoice) -> str:
    """The engine as it was asked for."""
    match choice.engine:
        case EngineName.VENUS:
            return choice.checkpoint
        case EngineName.REMOTE:
            return f"{choice.model} at {choice.url}" if choice.model else choice.url
        case _:
            return choice.engine.value


def write(ran: Ran, told: Result, found: Sequence[Line], folder: Path) -> Path:
    """Write JSON, CSV and the page into the run's folder; the page's path. OSError."""
    write_result(told, folder)
    write_whole(folder / "figures.csv", figures_csv(told.rows).encode())
    write_whole(folder / "photos.csv", photos_csv(ran.benchmark, ran.measured, found).encode())
    shown = page(ran.benchmark, told, ran.measured, found, ran.missed)
    write_whole(folder / PAGE, shown.encode())
    return folder / PAGE


def _answers(ran: Ran) -> str:
    if ran.benchmark is Benchmark.GAICD:
        how = "scores for all annotated crops at once"
    else:
        how = "the first crop of a question for one"
    if ran.prompts is None:
        return f"Asked for {how}."
    asked = f'Asked for {how}. The crop question is: "{ran.prompts.crop.words}"'
    return f"{asked} (seed {ran.choice.seed}, {ran.choice.wording} wording)"
