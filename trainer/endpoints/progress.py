"""How far a long run is, and how long it will still take, on a terminal or in a log."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final, TextIO

_BAR: Final = 24
_MINUTE: Final = 60
_HOUR: Final = 3600


class Progress:
    """Draws over itself on a terminal; elsewhere it writes a line for each tenth.

    What comes in the first moment was kept from an earlier run: the time left is reckoned from the
    rest.
    """

    def __init__(
        self, total: int, stream: TextIO, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._total = total
        self._stream = stream
        self._clock = clock
        self._started = clock()
        self._begun_with = 0
        self._tenth = 0

    def show(self, done: int, note: str = "") -> None:
        """So many are done; `note` stands behind."""
        gone = self._clock() - self._started
        if gone < 1:
            self._begun_with = done
        line = f"{done}/{self._total}{f', {note}' if note else ''}{self._left(done, gone)}"
        if self._stream.isatty():
            full = _BAR * done // max(self._total, 1)
            end = "\n" if done == self._total else ""
            self._stream.write(f"\r\033[K[{'█' * full}{'·' * (_BAR - full)}] {line}{end}")
            self._stream.flush()
        elif (tenth := 10 * done // max(self._total, 1)) > self._tenth:
            self._tenth = tenth
            self._stream.write(f"{line}\n")
            self._stream.flush()

    def _left(self, done: int, gone: float) -> str:
        fresh = done - self._begun_with
        if fresh < 1 or done >= self._total:
            return ""
        return f", about {duration(gone / fresh * (self._total - done))} left"


def duration(seconds: float) -> str:
    """A span of time as people say it."""
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    if seconds < _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    return f"{seconds / _HOUR:.1f} h"
