"""Ctrl-C in a long command: noted instead of thrown, so that what is under way becomes whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engine.contract import Stop

STOPPED: Final = 130
"""The exit status of a command that Ctrl-C ended."""


class _Pressed:
    """Whether Ctrl-C has been pressed; the second time it does what it always does."""

    def __init__(self) -> None:
        self._pressed = False

    def press(self, *_: object) -> None:
        if self._pressed:
            raise KeyboardInterrupt
        self._pressed = True

    def __call__(self) -> bool:
        return self._pressed


@contextmanager
def stoppable() -> Iterator[Stop]:
    """A `stop` that becomes true with the first Ctrl-C. Outside the main thread it never does."""
    pressed = _Pressed()
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    before = signal.signal(signal.SIGINT, pressed.press)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
