"""What a person sees on 100 photos: the labels that the composition findings are measured against.

The file says who looked, when, how, and what each word means.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from engine.vocabulary import Box, FindingKind, Line, StrengthKind

LABELS: Final = Path(__file__).with_name("labels.toml")

Kind = FindingKind | StrengthKind

KINDS: Final[tuple[Kind, ...]] = (
    FindingKind.SUBJECT_SMALL,
    FindingKind.SUBJECT_AT_EDGE,
    FindingKind.SUBJECT_CENTRED,
    FindingKind.EDGE_DISTRACTION,
    FindingKind.CLUTTERED_BACKGROUND,
    FindingKind.EMPTY_SPACE,
    *StrengthKind,
)
"""The kinds that were labelled: composition, and every strength."""


class Light(StrEnum):
    """Light that a photographer chose, and that is no fault."""

    BACKLIT = "backlit"
    LOW_KEY = "low_key"
    HIGH_KEY = "high_key"
    SUNSET = "sunset"


Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One photo as a person sees it; positions are fractions of the upright photo.

    A kind or a light that is missing is one on which two good teachers would disagree; `upright`
    is None where it cannot be told.
    """

    photo: str
    about: str
    subject: Box | None
    distractions: tuple[Box, ...]
    horizon: Line | None
    upright: bool | None
    kinds: Mapping[Kind, bool]
    light: Mapping[Light, bool]


def load(path: Path = LABELS) -> Mapping[str, Label]:
    """The labels by file name, in the file's order.

    Raises ValueError, naming the file, the photo and the fault, if an entry cannot be read.
    """
    with path.open("rb") as file:
        document = tomllib.load(file)
    labels: dict[str, Label] = {}
    for photo, entry in document.get("photos", {}).items():
        try:
            labels[photo] = _label(photo, entry)
        except ValueError as fault:
            raise ValueError(f"{path}: {photo}: {fault}") from fault
    return MappingProxyType(labels)


_KEYS: Final = frozenset(
    ("about", "subject", "distractions", "horizon", "upright", "kinds", "light")
)


def _label(photo: str, entry: Mapping[str, Any]) -> Label:
    unknown = sorted(entry.keys() - _KEYS)
    if unknown:
        raise ValueError(f"unknown keys {unknown}")
    about = entry.get("about")
    if not isinstance(about, str) or not about:
        raise ValueError("about must say what is to be seen")
    upright = entry.get("upright")
    if upright is not None and not isinstance(upright, bool):
        raise ValueError(f"upright must be true or false, not {upright!r}")
    return Label(
        photo=photo,
        about=about,
        subject=_box(entry["subject"]) if "subject" in entry else None,
        distractions=tuple(_box(numbers) for numbers in entry.get("distractions", ())),
        horizon=_horizon(entry["horizon"]) if "horizon" in entry else None,
        upright=upright,
        kinds=_answers(entry.get("kinds", {}), {str(kind): kind for kind in KINDS}),
        light=_answers(entry.get("light", {}), {str(light): light for light in Light}),
    )


def _fractions(numbers: object) -> tuple[float, float, float, float]:
    """Four numbers of 0..1."""
    if (
        not isinstance(numbers, list)
        or len(numbers) != 4
        or not all(isinstance(number, float) and 0 <= number <= 1 for number in numbers)
    ):
        raise ValueError(f"expected four fractions of 0.0 to 1.0, not {numbers!r}")
    first, second, third, fourth = numbers
    return first, second, third, fourth


def _box(numbers: object) -> Box:
    return Box(*_fractions(numbers))


def _horizon(numbers: object) -> Line:
    line = Line(*_fractions(numbers))
    if line.x2 <= line.x1:
        raise ValueError(f"a horizon starts at its left end, not {numbers!r}")
    return line


def _answers(answers: Mapping[str, object], words: Mapping[str, Word]) -> Mapping[Word, bool]:
    """The answers by their words; ValueError for a word that is not one of `words`."""
    read: dict[Word, bool] = {}
    for name, answer in answers.items():
        if name not in words:
            raise ValueError(f"unknown word {name!r}; known are {sorted(words)}")
        if not isinstance(answer, bool):
            raise ValueError(f"{name} must be true or false, not {answer!r}")
        read[words[name]] = answer
    return MappingProxyType(read)
