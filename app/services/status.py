"""What the window shows about the engine, the folder and what just happened: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.choice import BUILTIN, EngineChoice
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
class Arriving:
    """An engine that is being loaded while another is still in use."""

    choice: EngineChoice
    text: str = ""
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The phase of the engine in use, with its words and how far it is (0..1) where it said so.

    `speed` is that of its last answer, in tokens a second; None where it counts none. With
    `on_request` a critique begins only when it is asked for; `pace` is how many seconds the last
    one took, None where that is not known. `arriving` is the next engine.
    """

    phase: Phase = Phase.OFF
    text: str = ""
    info: EngineInfo | None = None
    fraction: float | None = None
    speed: float | None = None
    choice: EngineChoice = BUILTIN
    on_request: bool = False
    pace: float | None = None
    arriving: Arriving | None = None

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
