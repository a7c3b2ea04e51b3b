"""Ends a command when it is asked to: once gently, so that nothing is lost, and twice at once.

A KeyboardInterrupt may come where Python swallows it, in a callback or a finaliser: here a signal
only sets a flag, which long work asks for as it asks for any other stop.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any, Final, Self, TextIO

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED: Final = 128 + signal.SIGINT
"""The exit status of a command that Ctrl-C ended."""


class Stopping:
    """While entered, Ctrl-C and SIGTERM only make it true; a second Ctrl-C ends the process.

    SIGTERM after Ctrl-C is how launchers pass it on, and changes nothing.
    """

    def __init__(self, words: str = "", *, stream: TextIO | None = None) -> None:
        """`words` are said once, at the first signal; none are said where they are empty."""
        self.signal: signal.Signals | None = None
        self._words: Final = words
        self._stream: Final = stream
        self._before: dict[signal.Signals, Any] = {}

    def __call__(self) -> bool:
        """Whether the run is to end."""
        return self.signal is not None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {each: signal.signal(each, self._told) for each in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each, before in self._before.items():
            signal.signal(each, before)

    @property
    def status(self) -> int:
        """The exit status of a process that the signal ended, 0 without one."""
        return 0 if self.signal is None else 128 + self.signal

    def _told(self, number: int, _: FrameType | None) -> None:
        if self.signal is not None and number == signal.SIGINT:
            # At once: whatever is being written has not got its name yet.
            os._exit(128 + number)
        first = self.signal is None
        self.signal = self.signal or signal.Signals(number)
        if first and self._words:
            print(f"\n{self._words}", file=self._stream or sys.stderr, flush=True)
