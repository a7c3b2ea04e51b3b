"""What every engine must do: load, open a photo, answer questions about it, close it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from engine.stop import Stop
from engine.vocabulary import EngineInfo, Event, Question, Size


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long step has come, 0..1, and what it is doing, in words."""

    fraction: float
    text: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The engine is ready to open photos."""

    info: EngineInfo


@dataclass(frozen=True, slots=True)
class Opened:
    """A photo is ready for questions; `conversation` is the engine's own value for it."""

    conversation: Any
    size: Size


@dataclass(frozen=True, slots=True)
class Answered:
    """One event of the question with this id."""

    question: int
    event: Event


class EngineError(Exception):
    """An engine cannot go on with one request: a code for programs, a reason and a remedy for
    people. The engine itself stays usable.
    """

    def __init__(self, code: str, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.code = code
        self.reason = reason
        self.remedy = remedy


class Engine(Protocol):
    """Answers every task, keeps every crop inside the photo, and stops when told to.

    Each method that yields checks `stop` at least between two of its yields, and returns without
    a further word once it is true. `ask` may interleave the answers to several questions; each
    one ends with exactly one `Finished` or `Failed`.
    """

    def load(self, stop: Stop) -> Iterator[Progress | Loaded]: ...

    def open(self, photo: Path, stop: Stop) -> Iterator[Progress | Opened]:
        """Read the photo: the costly part, once a photo.

        Raises engine.photo.PhotoError if the file cannot be read.
        """
        ...

    def ask(
        self, conversation: Any, questions: Sequence[Question], stop: Stop
    ) -> Iterator[Answered]: ...

    def close(self, conversation: Any) -> None: ...
