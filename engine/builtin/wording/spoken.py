"""The shape of what is said about an observation, and how its facts are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.builtin.observe import Observation
from engine.builtin.wording import Say


@dataclass(frozen=True, slots=True)
class Words:
    """What is said about one observation.

    short       beside a number in a list, no sentence
    headline    the second sentence of an impression
    sentence    in a paragraph
    turned      the same where it follows one of the other sort: a virtue after a fault
    taking, afterwards  what to do; empty for a virtue
    """

    short: str
    headline: str
    sentence: str
    turned: str = ""
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
