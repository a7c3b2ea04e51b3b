"""What is said about each kind of observation: in short, as a sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.observe import Observation
from engine.builtin.wording import Say, colour, composition, form, light, strengths
from engine.builtin.wording.spoken import Speak, Words
from engine.vocabulary import FindingKind, StrengthKind

_SPEAKERS: Final[Mapping[FindingKind | StrengthKind, Speak]] = {
    **light.SPEAKERS,
    **colour.SPEAKERS,
    **form.SPEAKERS,
    **composition.SPEAKERS,
    **strengths.SPEAKERS,
}


def words(observation: Observation, say: Say) -> Words:
    """What is said about any observation."""
    return _SPEAKERS[observation.kind](observation, say)
