"""Three judgements of each answer, 0 to 2, by a model; what is no score is asked for again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trainer.benchmarks.aesguide.folder import DIMENSIONS, Case
from trainer.endpoints.asker import Asker
from trainer.endpoints.asking import Asked, Heard, Sampling
from trainer.endpoints.conversing import NotUnderstoodError, understood
from trainer.endpoints.objects import MalformedError
from trainer.endpoints.prompts import Prompts, read_prompts

_SCORE: Final = re.compile(r"(?:score\s*:\s*)?([012])(?:\s*/\s*2)?", re.IGNORECASE | re.ASCII)

WANTED: Final[Mapping[str, frozenset[str]]] = {
    "completeness": frozenset({"reference", "answer"}),
    "preciseness": frozenset({"reference", "answer"}),
    "relevance": frozenset({"answer"}),
    "again": frozenset({"reason"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A photo, what the engine said, and its scores in the order of `DIMENSIONS`; None where the
    judge gave none that can be read: `raw` has its last words then. `requests` are the sums of all
    that the judge was asked.
    """

    photo: str
    answer: str
    seconds: float
    scores: tuple[int | None, ...]
    raw: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.scores) != len(DIMENSIONS):
            raise ValueError(f"{self.photo} needs {len(DIMENSIONS)} scores")
        if any(each is not None and each not in (0, 1, 2) for each in self.scores):
            raise ValueError(f"{self.photo} has a score that is not 0, 1 or 2")


def prompts(file: Path | None = None) -> Prompts:
    """Our own, or a lab's. PromptsError."""
    return read_prompts(file, WANTED, package="trainer.benchmarks.aesguide", resource="judge.toml")


def score(heard: Heard) -> int:
    """The score in an answer that is one and nothing else: "Score: 2", "2", "Score:2/2".

    MalformedError for anything else: half points, words around it, an answer that was cut off.
    """
    if heard.cut:
        raise MalformedError("it was cut off before its end")
    found = _SCORE.fullmatch(heard.text.strip())
    if found is None:
        raise MalformedError("it is not one of the three lines that were asked for")
    return int(found[1])


def question(case: Case, answer: str, dimension: str, words: Prompts, sampling: Sampling) -> Asked:
    """What the judge is asked."""
    filled = words.fill(dimension, {"reference": case.reference.strip(), "answer": answer})
    return Asked(words=filled, sampling=sampling)


async def judge(
    case: Case,
    answer: str,
    seconds: float,
    *,
    asker: Asker,
    words: Prompts,
    sampling: Sampling,
    tries: int,
) -> Judged:
    """All three scores of one answer. EngineError where the judge cannot be asked."""
    scores: list[int | None] = []
    raw: list[str] = []
    requests: list[str] = []
    for dimension in DIMENSIONS:
        asked = question(case, answer, dimension, words, sampling)
        try:
            found = await understood(asker, asked, score, prompts=words, tries=tries)
        except NotUnderstoodError as error:
            scores.append(None)
            raw.append(error.replies[-1].heard.text)
            requests += [each.request for each in error.replies]
        else:
            scores.append(found.value)
            requests += [each.request for each in found.replies]
    return Judged(
        photo=case.name,
        answer=answer,
        seconds=seconds,
        scores=tuple(scores),
        raw=tuple(raw),
        requests=tuple(requests),
    )
