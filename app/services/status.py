"""What the window shows about the engine, the folder and what just happened: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.vocabulary import EngineInfo


class Phase(StrEnum):
    """What the engine is doing. SILENT: no word for too long; the photographer may restart it."""

    OFF = "off"
    STARTING = "starting"
    READY = "ready"
    OPENING = "opening"
    ANSWERING = "answering"
    SILENT = "silent"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The engine's phase, with its words where it gave some."""

    phase: Phase = Phase.OFF
    text: str = ""
    info: EngineInfo | None = None

    @property
    def busy(self) -> bool:
        return self.phase in (Phase.STARTING, Phase.OPENING, Phase.ANSWERING, Phase.SILENT)


class Severity(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell: what happened, and the way out."""

    text: str
    remedy: str = ""
    severity: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class Place:
    """Which photo of its folder is shown; `index` counts from 0."""

    photo: Path
    index: int
    count: int
