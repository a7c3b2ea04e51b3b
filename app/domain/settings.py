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


@dataclass(frozen=True, slots=True)
class Settings:
    """What is kept between starts, whatever the photo."""

    theme: Theme = Theme.DARK
    guide: Guide = Guide.THIRDS
    evidence: bool = True
    language: str = "en"


def encoded(settings: Settings) -> Any:
    """The settings as JSON data."""
    return to_json(settings)


def decoded(data: Any) -> Settings:
    """The settings that `encoded` wrote; the defaults where the data cannot be read."""
    try:
        return from_json(Settings, data)
    except WireError:
        return Settings()
