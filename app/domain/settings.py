"""The photographer's settings as one frozen table, and their JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from app.domain.engines import Pace
from engine.choice import BUILTIN, EngineChoice
from engine.wire import WireError, from_json, to_json


class Theme(StrEnum):
    """The window's palette."""

    DARK = "dark"
    LIGHT = "light"


class Guide(StrEnum):
    """Lines that the canvas draws into the current crop; key O goes through them in this order."""

    NONE = "none"
    THIRDS = "thirds"
    GOLDEN = "golden"
    DIAGONALS = "diagonals"
    CENTRE = "centre"

    @property
    def following(self) -> Guide:
        guides = list(Guide)
        return guides[(guides.index(self) + 1) % len(guides)]


class Language(StrEnum):
    """What the built-in engine speaks."""

    ENGLISH = "en"
    GERMAN = "de"
    CHINESE = "zh_CN"


class Tightness(StrEnum):
    """How bold the proposed crops are."""

    AS_MEASURED = "as_measured"
    TIGHTER = "tighter"
    TIGHTEST = "tightest"

    @property
    def amount(self) -> float:
        """As questions give it, 0..1."""
        return {Tightness.AS_MEASURED: 0.0, Tightness.TIGHTER: 0.5, Tightness.TIGHTEST: 1.0}[self]


MOST_SERVERS: Final = 8
"""Servers that the engine menu remembers."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is kept between starts, whatever the photo.

    `engine` is the one that was in use last, `servers` those that answered, the latest first,
    without their keys; `paces` how long critiques took; `offer_model` whether the start page may
    still offer the Venus model.
    """

    theme: Theme = Theme.DARK
    guide: Guide = Guide.THIRDS
    evidence: bool = True
    language: Language = Language.ENGLISH
    tightness: Tightness = Tightness.AS_MEASURED
    engine: EngineChoice = BUILTIN
    servers: tuple[EngineChoice, ...] = ()
    paces: tuple[Pace, ...] = ()
    offer_model: bool = True

    def with_server(self, choice: EngineChoice) -> Settings:
        """The same with this server as the one that answered last."""
        others = tuple(
            each for each in self.servers if (each.url, each.model) != (choice.url, choice.model)
        )
        return replace(self, servers=(choice, *others)[:MOST_SERVERS])


def encoded(settings: Settings) -> Any:
    """The settings as JSON data."""
    return to_json(settings)


def decoded(data: Any) -> Settings:
    """The settings that `encoded` wrote; the defaults where the data cannot be read."""
    try:
        return from_json(Settings, data)
    except WireError:
        return Settings()
