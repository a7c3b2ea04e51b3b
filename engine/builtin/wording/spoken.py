"""The shape of what is said about an observation, and how its facts are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.builtin.observe import Observation
from engine.builtin.wording import Say


@dataclass(frozen=True, slots=True)
class Words:
    """`short` stands beside a number in a list; `sentence` in a paragraph; `taking` and
    `afterwards` are what to do, empty for a strength.
    """

    short: str
    sentence: str
    taking: str = ""
    afterwards: str = ""


Speak = Callable[[Observation, Say], Words]


def number(observation: Observation, name: str) -> float:
    """A fact that is a number."""
    value = observation.facts[name]
    if isinstance(value, str):
        raise TypeError(f"{observation.kind} has a code, not a number, as {name!r}")
    return value


def code(observation: Observation, name: str) -> str:
    """A fact that is a code."""
    value = observation.facts[name]
    if not isinstance(value, str):
        raise TypeError(f"{observation.kind} has a number, not a code, as {name!r}")
    return value
