"""Asks a server what it offers, and keeps its key in the system's keyring: both in a worker thread.

A key passes through here to the keyring and to its server, and is kept nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QObject,
    Qt,
    QThreadPool,
    Signal,
    SignalInstance,
    Slot,
)

from app.services.status import Notice, Severity
from engine.choice import EngineChoice, EngineName
from engine.contract import EngineError
from engine.stop import Stop

if TYPE_CHECKING:
    from engine.remote.address import Address
    from engine.remote.keys import Key


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a server answered: its exact address, its models, and where the key came from that it
    accepted ("" for none).
    """

    url: str
    models: tuple[str, ...]
    key_found: str = ""


class Servers(QObject):
    """One question at a time: a newer one makes the older one stale."""

    answered = Signal(object)
    """Greeting."""

    refused = Signal(object)
    """Notice: why there is no answer, or why a key cannot be kept."""

    kept = Signal(object)
    """EngineChoice: this server can be used, its key is where the engine will look."""

    forgotten = Signal(str)
    """The address of a server whose key is in the keyring no more."""

    _arrived = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stale = Event()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def ask(self, url: str, typed_key: str) -> None:
        """Which models are there? With the key that was typed, or else the one that is kept."""
        self._begin(self.answered, lambda stop: _greeting(url, typed_key, stop))

    def keep(self, url: str, model: str, typed_key: str) -> None:
        """Put a typed key into the keyring, and say which engine to choose."""
        self._begin(self.kept, lambda _stop: _kept(url, model, typed_key))

    def forget(self, url: str) -> None:
        """Take the server's key out of the keyring."""
        self._begin(self.forgotten, lambda _stop: _forgotten(url))

    @Slot()
    def cancel(self) -> None:
        """Whatever is under way is not wanted any more."""
        self._stale.set()
        self._stale = Event()

    def close(self) -> None:
        """Cancel, and wait for the worker."""
        self.cancel()
        self._pool.clear()
        self._pool.waitForDone()

    def _begin(self, signal: SignalInstance, work: Callable[[Stop], object]) -> None:
        self.cancel()
        stale = self._stale

        def run() -> None:
            from engine.photo import Stopped

            try:
                result = work(stale.is_set)
            except Stopped:
                return
            except EngineError as error:
                result = Notice(error.reason, error.remedy, Severity.WARNING)
            self._arrived.emit(stale, signal, result)

        self._pool.start(run)

    @Slot(object, object, object)
    def _take(self, stale: Event, signal: SignalInstance, result: object) -> None:
        if stale.is_set():
            return
        (self.refused if isinstance(result, Notice) else signal).emit(result)


def _greeting(url: str, typed_key: str, stop: Stop) -> Greeting:
    from engine.remote import address, errands
    from engine.remote.client import Client, Patience
    from engine.remote.errors import Correspondent

    where = address.parse(url)
    key = _key(where, typed_key)
    about = Correspondent(address=where, key=key)
    client = Client(about, Patience(connect=5.0, silence=15.0, tries=1))
    models = errands.run(client.models(), stop)
    return Greeting(where.url, tuple(each.name for each in models), key.found if key else "")


def _key(where: Address, typed: str) -> Key | None:
    from engine.remote import keys

    if typed.strip():
        return keys.Key(typed.strip(), QCoreApplication.translate("Servers", "this dialog"))
    return keys.key_for(where)


def _kept(url: str, model: str, typed_key: str) -> EngineChoice:
    from engine.remote import address, keys

    where = address.parse(url)
    if typed_key.strip():
        keys.store(where, typed_key)
    return EngineChoice(engine=EngineName.REMOTE, url=where.url, model=model.strip())


def _forgotten(url: str) -> str:
    from engine.remote import address, keys

    keys.forget(address.parse(url))
    return url
