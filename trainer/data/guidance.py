"""Stage 1's samples from AesGuide-style annotations: progressive turns, or one joined answer.

An annotation is a line of JSON: {"photo": "a.jpg", "score": "…", "analysis": "…", "guidance": "…"};
the score, which is in words, and the guidance may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.wire import from_json
from trainer.data.problem import Problem
from trainer.data.reading import read_lines
from trainer.data.sample import Exchange, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What people wrote about a photo."""

    photo: str
    analysis: str
    guidance: str = ""
    score: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The questions of the three turns, as a prompt plan has them."""

    score: str
    analysis: str
    guidance: str


def read_annotations(file: Path) -> tuple[list[Annotation], list[Problem]]:
    """The annotations of a JSONL file, and its broken lines. DataError if it cannot be read."""
    found, problems = read_lines(file, partial(from_json, Annotation))
    return [each for _, each in found], problems


def progressive(annotations: Iterable[Annotation], words: Words) -> list[Sample]:
    """Score, then analysis, then guidance, as turns of one conversation (paper, section on
    progressive Q&A); a turn that was not annotated is left out.
    """
    samples: list[Sample] = []
    for number, each in enumerate(annotations):
        turns = (
            (words.score, each.score),
            (words.analysis, each.analysis),
            (words.guidance, each.guidance),
        )
        samples.append(_sample(each, number, turns))
    return samples


def joined(annotations: Iterable[Annotation], words: Words) -> list[Sample]:
    """One answer to the analysis question, the guidance after the analysis, as released."""
    samples: list[Sample] = []
    for number, each in enumerate(annotations):
        answer = "\n".join(part for part in (each.analysis, each.guidance) if part)
        samples.append(_sample(each, number, ((words.analysis, answer),)))
    return samples


def _sample(each: Annotation, number: int, turns: tuple[tuple[str, str], ...]) -> Sample:
    return Sample(
        id=f"guidance-{number}",
        photo=each.photo,
        task="guidance",
        exchanges=tuple(
            Exchange(question=asked, answer=answered) for asked, answered in turns if answered
        ),
    )
