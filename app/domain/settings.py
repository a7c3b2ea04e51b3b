"""The photographer's settings as one frozen table, and their JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Settings:
    """What is kept between starts, whatever the photo."""

    theme: Theme = Theme.DARK
    guide: Guide = Guide.THIRDS
    evidence: bool = True
    language: Language = Language.ENGLISH
    tightness: Tightness = Tightness.AS_MEASURED


def encoded(settings: Settings) -> Any:
    """The settings as JSON data."""
    return to_json(settings)


def decoded(data: Any) -> Settings:
    """The settings that `encoded` wrote; the defaults where the data cannot be read."""
    try:
        return from_json(Settings, data)
    except WireError:
        return Settings()
