"""How far a download or a check has come, in bytes, and how fast."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.checkpoints.words import in_gb, in_time
from engine.contract import Progress

WINDOW_S: Final = 5.0
"""The speed shown is that of the last few seconds."""


class Phase(StrEnum):
    """What is being done."""

    ASKING = "asking"
    CHECKING = "checking"
    FETCHING = "fetching"
    WAITING = "waiting"
    FINISHING = "finishing"


WORDS: Final = {
    Phase.ASKING: "Asking the hub for its list of files",
    Phase.CHECKING: "Checking {file}",
    Phase.FETCHING: "Downloading {file}",
    Phase.WAITING: "Connection lost at {file}, trying again",
    Phase.FINISHING: "Putting it in place",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Bytes done out of all (0 while that is not known), bytes a second (0 likewise), and the file
    that is at work. What an earlier attempt brought counts as done.
    """

    phase: Phase
    done: int = 0
    total: int = 0
    speed: float = 0.0
    file: str = ""

    @property
    def fraction(self) -> float:
        """0..1; 1 only when all bytes are there."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the present speed; None where that says nothing."""
        return (self.total - self.done) / self.speed if self.speed > 0 and self.total else None

    @property
    def text(self) -> str:
        """The same in words, for a line under a bar."""
        what = WORDS[self.phase].format(file=self.file)
        if self.phase is Phase.WAITING and not self.file:
            what = "The hub does not answer, trying again"
        if not self.total:
            return what
        words = f"{what}: {in_gb(self.done)} of {in_gb(self.total)}"
        if self.speed > 0:
            words += f", {in_gb(self.speed)}/s"
        if self.seconds_left is not None:
            words += f", {in_time(self.seconds_left)} left"
        return words

    @property
    def progress(self) -> Progress:
        """As engines tell it."""
        return Progress(self.fraction, self.text)


class Meter:
    """Bytes a second over the last few seconds. Times come from the caller, in seconds."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def mark(self, now: float, count: int) -> float:
        """Note that `count` bytes have come in all, and give the speed."""
        self._marks.append((now, count))
        while now - self._marks[0][0] > WINDOW_S and len(self._marks) > 2:
            self._marks.popleft()
        first, start = self._marks[0]
        return max((count - start) / (now - first), 0.0) if now > first else 0.0
