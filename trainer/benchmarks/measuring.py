"""Asks an engine about every case that has not been measured yet, one photo after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from engine.contract import Engine, EngineError
from engine.photo import PhotoError
from engine.stop import Stop
from trainer.benchmarks.asking import NO_CROP, Asked, Stopped, opened
from trainer.benchmarks.baselines import smartcrop_box
from trainer.benchmarks.cases import Case
from trainer.benchmarks.record import Keeper, Record

PATIENCE: Final = 5
"""So many photos one after the other without an answer, and the engine is given up."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A photo that could not be measured, and why, in words. It is tried again on a resume."""

    photo: Path
    reason: str


def measure(
    engine: Engine, cases: Sequence[Case], keeper: Keeper, *, smartcrop: bool, stop: Stop
) -> Iterator[Record | Missed]:
    """One value for each case that `keeper` does not know yet, kept as it is there.

    The engine must be loaded. Ends early once `stop` is true. EngineError where the engine cannot
    answer PATIENCE photos in a row; RecordError where a record cannot be kept.
    """
    failures = 0
    for case in cases:
        if stop():
            return
        if case.name in keeper.records:
            continue
        try:
            record = _measured(engine, case, smartcrop=smartcrop, stop=stop)
        except Stopped:
            return
        except PhotoError as error:
            yield Missed(case.photo, f"{error.reason} {error.remedy}".strip())
        except EngineError as error:
            yield Missed(case.photo, f"{error.reason} {error.remedy}".strip())
            failures += 1
            if failures == PATIENCE:
                raise EngineError(
                    error.code,
                    f"The engine failed on {failures} photos one after the other: {error.reason}",
                    error.remedy,
                ) from error
        else:
            failures = 0
            keeper.keep(record)
            yield record


def _measured(engine: Engine, case: Case, *, smartcrop: bool, stop: Stop) -> Record:
    with opened(engine, case.photo, stop) as asked:
        crop, scores, refused, said = (), (), "", None
        started = perf_counter()
        try:
            if case.ratings:
                scores = asked.scores(case.boxes)
            else:
                crop = asked.crop()
        except EngineError as error:
            if error.code not in NO_CROP:
                raise
            refused = error.reason
        asking = perf_counter() - started
        if not case.ratings:
            said, telling = _timed_words(asked)
        else:
            telling = 0.0
    return Record(
        photo=case.name,
        crop=crop,
        scores=scores,
        refused=refused,
        said=said,
        baseline=smartcrop_box(case.photo) if smartcrop else (),
        opening=asked.seconds,
        asking=asking,
        telling=telling,
    )


def _timed_words(asked: Asked) -> tuple[str | None, float]:
    started = perf_counter()
    said = asked.words()
    return said, perf_counter() - started
