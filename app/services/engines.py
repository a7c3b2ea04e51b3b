"""The engine in use and the one that is on its way: one takes the other's place when it is loaded.

To the inquiry this is the engine client, whichever that is at the moment. An engine that cannot be
loaded, or is no longer wanted before it is, leaves the one in use as it was. Only where two local
models would share the memory does the first go at once, and the built-in engine stands in.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.services.engine_client import EngineClient
from app.services.status import Arriving, EngineStatus, Phase
from engine.choice import BUILTIN, EngineChoice, EngineName
from engine.vocabulary import Failed, Question

MakeClient = Callable[[EngineChoice, Iterator[int]], EngineClient]
"""Makes a client, not started, for an engine; its ids come from the iterator."""


def make_client(choice: EngineChoice, ids: Iterator[int]) -> EngineClient:
    """A client of the usual engine process."""
    return EngineClient(choice=choice, ids=ids)


class Engines(QObject):
    """One engine in use, at most one on its way. Lives in the GUI thread."""

    status_changed = Signal(object)
    """EngineStatus of the engine in use, with the one that is on its way."""

    answered = Signal(object)
    """Answers of the engine in use."""

    lost = Signal(object)
    """Failed: the engine in use could not go on."""

    arrived = Signal(object)
    """EngineChoice: this engine is in use from now on."""

    refused = Signal(object, object)
    """EngineChoice and Failed: this engine could not be loaded; the one in use stays."""

    def __init__(self, make: MakeClient = make_client, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._ids = itertools.count(1)
        self._current = make(BUILTIN, self._ids)
        self._next: EngineClient | None = None
        self._join()

    # ── which engine ─────────────────────────────────────────────────────────────────────────────

    @property
    def choice(self) -> EngineChoice:
        """The engine in use."""
        return self._current.choice

    @property
    def status(self) -> EngineStatus:
        return replace(self._current.status, arriving=self._arriving())

    def switch(self, choice: EngineChoice) -> None:
        """Load this engine and use it once it is there; whatever was on its way is not any more."""
        self._drop_next()
        if choice == self._current.choice:
            self._tell()
            return
        self._next = self._make(choice, self._ids)
        self._next.status_changed.connect(self._follow_next)
        self._next.lost.connect(self._take_refusal)
        local = EngineName.VENUS
        if choice.engine is local and self._current.choice.engine is local:
            self._use(self._make(BUILTIN, self._ids))
        self._next.start()
        self._tell()

    def cancel(self) -> None:
        """The engine on its way is no longer wanted."""
        self._drop_next()
        self._tell()

    # ── as an engine client ──────────────────────────────────────────────────────────────────────

    def next_id(self) -> int:
        """A new id for a question; they increase, whichever engine is asked."""
        return next(self._ids)

    def start(self) -> None:
        """Load the engine in use, unless that is done."""
        self._current.start()

    def ask(self, photo: Path, questions: Sequence[Question]) -> None:
        """Ask the engine in use."""
        self._current.ask(photo, questions)

    def stop(self) -> None:
        """Stop all that is being answered or opened."""
        self._current.stop()

    def restart(self) -> None:
        """End the process of the engine in use at once and start it anew."""
        self._current.restart()

    def forget(self, photo: Path) -> None:
        """Free what the engine in use holds of a photo."""
        self._current.forget(photo)

    def shut_down(self) -> None:
        """End every process with the window."""
        self._drop_next()
        self._current.shut_down()

    # ── one takes the other's place ──────────────────────────────────────────────────────────────

    @Slot(object)
    def _follow_next(self, status: EngineStatus) -> None:
        if self._next is not None and status.phase is Phase.READY:
            self._next.status_changed.disconnect(self._follow_next)
            self._next.lost.disconnect(self._take_refusal)
            client, self._next = self._next, None
            self._use(client)
        else:
            self._tell()

    @Slot(object)
    def _take_refusal(self, failed: Failed) -> None:
        if self._next is not None:
            choice = self._next.choice
            self._drop_next()
            self._tell()
            self.refused.emit(choice, failed)

    def _use(self, client: EngineClient) -> None:
        old, self._current = self._current, client
        old.disconnect(self)
        old.shut_down(force=True)
        old.deleteLater()
        self._join()
        self._tell()
        self.arrived.emit(client.choice)

    def _join(self) -> None:
        self._current.status_changed.connect(self._tell)
        self._current.answered.connect(self.answered)
        self._current.lost.connect(self.lost)

    def _drop_next(self) -> None:
        if self._next is not None:
            client, self._next = self._next, None
            client.disconnect(self)
            client.shut_down(force=True)
            client.deleteLater()

    def _arriving(self) -> Arriving | None:
        if self._next is None:
            return None
        status = self._next.status
        return Arriving(self._next.choice, status.text, status.fraction)

    @Slot()
    def _tell(self) -> None:
        self.status_changed.emit(self.status)
