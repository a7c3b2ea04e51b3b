"""Keeps sessions and settings in the store: soon after a change, and at once when it must."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain import session_json, settings
from app.domain.session import Session
from app.domain.settings import Settings
from app.files.store import PhotoKey, Store, StoreError
from app.services.status import Notice, Severity

SETTLE_MS: Final = 800
"""A session is written once nothing has changed for so long."""

RECENT: Final = 12
"""How many photos the start page shows."""

SETTINGS_NAME: Final = "settings"


class Keeper(QObject):
    """Writes the latest session of the shown photo; reads the one that was kept.

    What the store cannot do is said once, as a notice: the photo stays usable all the same.
    """

    noticed = Signal(object)
    """Notice: the store has something to say."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._key: PhotoKey | None = None
        self._unsaved: Session | None = None
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self.flush)

    @Slot()
    def start(self) -> None:
        """Tell what the store found when it was opened."""
        if self._store.notice is not None:
            notice = self._store.notice
            self.noticed.emit(Notice(notice.reason, notice.remedy, Severity.WARNING))

    def open(self, session: Session) -> Session:
        """The session with what was kept of it; it is the first of the recent ones from now."""
        self._key = None
        with self._telling():
            self._store.note_opened(session.photo, now_ns=time.time_ns())
            self._key = PhotoKey.of(session.photo)
            kept = self._store.load(self._key, size=session.size)
            if kept is not None:
                return session_json.restored(session, kept.document, framing_only=kept.changed)
        return session

    def change_of(self, photo: Path) -> Notice | None:
        """What to say where the file is no longer the one that was opened, as far as is known."""
        try:
            if self._key is None or PhotoKey.of(photo) == self._key:
                return None
        except StoreError:
            return None  # it is gone: whoever needs it says so better
        text = self.tr("{name} has changed on the disk since it was opened, and was not exported.")
        remedy = self.tr("Open it again to see it as it is now.")
        return Notice(text.format(name=photo.name), remedy, Severity.ERROR)

    def keep(self, session: Session) -> None:
        """Write this session soon."""
        self._unsaved = session
        self._timer.start()

    @Slot()
    def flush(self) -> None:
        """Write what is not written yet."""
        self._timer.stop()
        session, self._unsaved = self._unsaved, None
        if session is not None and self._key is not None:
            with self._telling():
                document = session_json.encoded(session)
                self._store.save(self._key, document, size=session.size, now_ns=time.time_ns())

    def recent(self) -> tuple[Path, ...]:
        """The photos that were opened last, newest first."""
        with self._telling():
            return self._store.recent(RECENT)
        return ()

    def settings(self) -> Settings:
        """The kept settings, or the defaults."""
        with self._telling():
            return settings.decoded(self._store.setting(SETTINGS_NAME))
        return Settings()

    def keep_settings(self, changed: Settings) -> None:
        with self._telling():
            self._store.set_setting(SETTINGS_NAME, settings.encoded(changed))

    def close(self) -> None:
        """Write what is left and let go of the file."""
        self.flush()
        self._store.close()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            self.noticed.emit(Notice(error.reason, error.remedy, Severity.WARNING))
