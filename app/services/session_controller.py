"""The single owner of the window's state: widgets show its values and ask it, nothing else.

A photo comes in through the image loader, its critique through the engine client, its crops from
both the engine and the photographer; each change makes a new session, which every widget gets.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.engines import key_of, turned_to
from app.domain.session import Session
from app.files.export import ExportFormat
from app.services.browser import Browser
from app.services.engines import Engines
from app.services.exporter import Exporter
from app.services.keeper import Keeper
from app.services.models import Models
from app.services.picture import Picture
from app.services.questioner import IN_VIEW_MS, Questioner
from app.services.status import Place


class SessionController(Questioner):
    """Owns what the window shows. All signals carry whole frozen values."""

    picture_changed = Signal(object)
    """Picture | None: a screen-sized one first, then the whole."""

    place_changed = Signal(object)
    """Place | None: where in its folder the photo is."""

    recent_changed = Signal(object)
    """tuple[Path, ...], newest first."""

    def __init__(
        self,
        engines: Engines,
        browser: Browser,
        keeper: Keeper,
        exporter: Exporter,
        models: Models,
        parent: QObject | None = None,
        *,
        in_view_ms: int = IN_VIEW_MS,
    ) -> None:
        super().__init__(engines, keeper, parent, in_view_ms=in_view_ms)
        self._browser = browser
        self._exporter = exporter
        self._models = models
        self._picture: Picture | None = None
        self.session_changed.connect(self._keep)
        browser.leaving.connect(self._leave)
        browser.pictured.connect(self._take_picture)
        browser.failed.connect(self._show_no_picture)
        browser.place_changed.connect(self.place_changed)
        browser.noticed.connect(self.noticed)
        exporter.done.connect(self.noticed)
        models.noticed.connect(self.noticed)
        keeper.noticed.connect(self.noticed)

    # ── what there is ────────────────────────────────────────────────────────────────────────────

    @property
    def picture(self) -> Picture | None:
        return self._picture

    @property
    def models(self) -> Models:
        """The checkpoints of this machine, which look after themselves."""
        return self._models

    @property
    def recent(self) -> tuple[Path, ...]:
        return self._keeper.recent()

    @property
    def place(self) -> Place | None:
        """Where the photo that is shown, or on its way, stands in its folder."""
        return self._browser.place

    @Slot()
    def start(self) -> None:
        """Once the window is on the screen: make the engine ready, tell what the store found.

        The built-in engine is there at once, and answers until the one that was chosen last is.
        """
        self._engines.start()
        self._keeper.start()
        self._models.refresh()
        self._engines.switch(self._settings.engine)

    # ── photos and folders ───────────────────────────────────────────────────────────────────────

    @Slot(object)
    def open_path(self, path: Path) -> None:
        """Show a photo, or the first photo of a folder."""
        self._browser.open_path(path)

    @Slot()
    def show_next(self) -> None:
        self._browser.step(1)

    @Slot()
    def show_previous(self) -> None:
        self._browser.step(-1)

    @Slot()
    def close_photo(self) -> None:
        """Back to the start page."""
        self._browser.leave()
        self._show_no_picture()
        self.recent_changed.emit(self.recent)

    @Slot()
    def _leave(self) -> None:
        """Let go of the photo that is shown: keep what it has, free what it holds."""
        self._in_view.stop()
        self._inquiry.drop()
        self._keeper.flush()
        if self._session is not None:
            self._engines.forget(self._session.photo)
        self._gestures.forget()
        self.history_changed.emit(False, False)
        self._set_session(None)

    @Slot(object)
    def _take_picture(self, picture: Picture) -> None:
        self._set_picture(picture)
        if self._session is None:
            session = self._keeper.open(Session(picture.photo, picture.size))
            session = turned_to(session, key_of(self._engines.choice))
            self._set_session(session)
            if session.unfinished:
                self._in_view.start()
        self._look_ahead()

    @Slot()
    def _show_no_picture(self) -> None:
        self._set_picture(None)

    def _look_ahead(self) -> None:
        """Read the neighbours once all that is wanted of this photo is there."""
        complete = self._picture is not None and self._picture.complete
        if complete and self._session is not None and not self._session.unfinished:
            self._browser.look_ahead()

    # ── export, the end ──────────────────────────────────────────────────────────────────────────

    @Slot(object, object)
    def export(self, target: Path, format: ExportFormat) -> None:
        """Export the current crop into a new file; the result comes as a notice."""
        if (session := self._session) is None or (crop := session.framing.current_crop) is None:
            return
        if (changed := self._keeper.change_of(session.photo)) is not None:
            self.noticed.emit(changed)
        else:
            self._exporter.export(session.photo, crop, target, format)

    def shut_down(self) -> None:
        """Keep what there is and end every thread and process."""
        self._leave()
        self._browser.close()
        self._exporter.close()
        self._models.close()
        self._engines.shut_down()
        self._keeper.close()

    @Slot(object)
    def _keep(self, session: Session | None) -> None:
        if session is not None:
            self._keeper.keep(session)

    def _set_picture(self, picture: Picture | None) -> None:
        self._picture = picture
        self.picture_changed.emit(picture)
