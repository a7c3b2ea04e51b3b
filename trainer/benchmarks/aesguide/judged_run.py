"""One judged run as a value and a file: who spoke, who judged, in which words, every score."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engine.review.statistics import kendall, spearman
from engine.saving import write_whole
from engine.wire import WireError, from_json, to_json
from trainer.benchmarks.aesguide.folder import DIMENSIONS, Humans
from trainer.benchmarks.aesguide.judging import Judged
from trainer.benchmarks.bootstrap import Interval, intervals
from trainer.data.problem import DataError

FILE: Final = "aesguide.json"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRun:
    """What one engine said about a benchmark's photos, and its scores.

    `prompts` is the sum of the judge's prompt file and `own_prompts` whether it is Venus's own;
    `unanswered` are photos without an answer or a judgement; `date` is ISO 8601.
    """

    engine: str
    engine_version: str
    chosen: str
    judge: str
    prompts: str
    own_prompts: bool
    data: str
    data_hash: str
    date: str
    photos: tuple[Judged, ...]
    unanswered: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def measure(self) -> tuple[str, str, str]:
        """What must be the same in two runs for their scores to be compared."""
        return self.judge, self.prompts, self.data_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One dimension of a run: how often each score was given, how many answers got none, and the
    mean with its interval; None without any score.
    """

    dimension: str
    counts: tuple[int, int, int]
    unscored: int
    mean: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The judge beside people in one dimension, over `count` photos that both scored."""

    dimension: str
    count: int
    spearman: float | None
    kendall: float | None


def scored(run: JudgedRun) -> tuple[Scored, ...]:
    """All dimensions; the same photos are drawn for each."""
    columns = np.array(
        [[np.nan if each is None else float(each) for each in one.scores] for one in run.photos],
        dtype=np.float64,
    ).reshape(len(run.photos), len(DIMENSIONS))
    means = intervals(columns) if len(columns) else [None] * len(DIMENSIONS)
    return tuple(
        Scored(
            dimension=name,
            counts=_counts([one.scores[place] for one in run.photos]),
            unscored=sum(one.scores[place] is None for one in run.photos),
            mean=means[place],
        )
        for place, name in enumerate(DIMENSIONS)
    )


def agreed(run: JudgedRun, humans: Humans) -> tuple[Agreed, ...]:
    """The judge's scores beside people's, where both are there."""
    found: list[Agreed] = []
    for place, name in enumerate(DIMENSIONS):
        both = [
            (score, humans[one.photo][name])
            for one in run.photos
            if (score := one.scores[place]) is not None and name in humans.get(one.photo, {})
        ]
        ours, theirs = [a for a, _ in both], [b for _, b in both]
        found.append(
            Agreed(
                dimension=name,
                count=len(both),
                spearman=spearman(ours, theirs),
                kendall=kendall(ours, theirs),
            )
        )
    return tuple(found)


def write_run(run: JudgedRun, folder: Path) -> None:
    """Write `aesguide.json` and `aesguide.csv`. OSError where that cannot be."""
    text = json.dumps(to_json(run), ensure_ascii=False, indent=1)
    write_whole(folder / FILE, f"{text}\n".encode())
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("image", *DIMENSIONS, "seconds", "answer"))
    for each in run.photos:
        scores = ("" if score is None else score for score in each.scores)
        writer.writerow((each.photo, *scores, round(each.seconds, 3), each.answer))
    write_whole((folder / FILE).with_suffix(".csv"), out.getvalue().encode())


def read_run(folder: Path) -> JudgedRun:
    """The run in a folder. DataError where there is none."""
    file = folder / FILE
    try:
        return from_json(JudgedRun, json.loads(file.read_text("utf-8")))
    except OSError as error:
        raise DataError(f"{file} cannot be read ({error.strerror}): give a run's folder") from error
    except (ValueError, WireError) as error:
        raise DataError(f"{file} is no judged run ({error}): judge it again") from error


def _counts(scores: Sequence[int | None]) -> tuple[int, int, int]:
    return scores.count(0), scores.count(1), scores.count(2)
