"""The single owner of the window's state: widgets show its values and ask it, nothing else.

A photo comes in through the image loader, its critique through the engine client, its crops from
both the engine and the photographer; each change makes a new session, which every widget gets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain.session import Answer, Framing, Session
from app.domain.settings import Settings
from app.files.export import ExportFormat
from app.services.browser import Browser
from app.services.engine_client import Answers, EngineClient
from app.services.exporter import Exporter
from app.services.gestures import Gestures, made_own
from app.services.inquiry import Inquiry
from app.services.keeper import Keeper
from app.services.picture import Picture
from app.services.status import EngineStatus, Notice, Place, Severity
from engine.vocabulary import CRITIQUE_TASKS, Crop, Failed, Finding, Task

IN_VIEW_MS: Final = 400
"""An automatic critique starts once a photo has been in view for so long."""


class SessionController(QObject):
    """Owns the session of the shown photo. All signals carry whole frozen values."""

    session_changed = Signal(object)
    """Session | None, after every change."""

    picture_changed = Signal(object)
    """Picture | None: a screen-sized one first, then the whole."""

    engine_changed = Signal(object)
    """EngineStatus."""

    noticed = Signal(object)
    """Notice."""

    history_changed = Signal(bool, bool)
    """Whether there is something to undo, and to redo."""

    place_changed = Signal(object)
    """Place | None: where in its folder the photo is."""

    settings_changed = Signal(object)
    """Settings."""

    recent_changed = Signal(object)
    """tuple[Path, ...], newest first."""

    def __init__(
        self,
        client: EngineClient,
        browser: Browser,
        keeper: Keeper,
        exporter: Exporter,
        parent: QObject | None = None,
        *,
        in_view_ms: int = IN_VIEW_MS,
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._browser = browser
        self._keeper = keeper
        self._exporter = exporter
        self._settings = keeper.settings()
        self._inquiry = Inquiry(client, settings=lambda: self._settings)
        self._gestures = Gestures()
        self._session: Session | None = None
        self._picture: Picture | None = None
        self._in_view = QTimer(self, singleShot=True, interval=in_view_ms)
        self._in_view.timeout.connect(self.critique)
        client.answered.connect(self._take_answers)
        client.lost.connect(self._take_loss)
        client.status_changed.connect(self.engine_changed)
        browser.leaving.connect(self._leave)
        browser.pictured.connect(self._take_picture)
        browser.failed.connect(self._show_no_picture)
        browser.place_changed.connect(self.place_changed)
        browser.noticed.connect(self.noticed)
        exporter.done.connect(self.noticed)
        keeper.noticed.connect(self.noticed)

    # ── what there is ────────────────────────────────────────────────────────────────────────────

    @property
    def session(self) -> Session | None:
        return self._session

    @property
    def picture(self) -> Picture | None:
        return self._picture

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def engine(self) -> EngineStatus:
        return self._client.status

    @property
    def recent(self) -> tuple[Path, ...]:
        return self._keeper.recent()

    @property
    def place(self) -> Place | None:
        """Where the photo that is shown, or on its way, stands in its folder."""
        return self._browser.place

    @Slot()
    def start(self) -> None:
        """Once the window is on the screen: make the engine ready, tell what the store found."""
        self._client.start()
        self._keeper.start()

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
            self._client.forget(self._session.photo)
        self._gestures.forget()
        self.history_changed.emit(False, False)
        self._set_session(None)

    @Slot(object)
    def _take_picture(self, picture: Picture) -> None:
        self._set_picture(picture)
        if self._session is None:
            session = self._keeper.open(Session(picture.photo, picture.size))
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

    # ── gestures ─────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def begin_gesture(self) -> None:
        """What follows, up to `end_gesture`, is one step of undo."""
        if self._session is not None:
            self._gestures.begin(self._session.framing)

    @Slot()
    def end_gesture(self) -> None:
        if self._session is not None:
            self._gestures.end(self._session.framing)
            self._tell_history()

    @Slot()
    def cancel_gesture(self) -> None:
        """Back to how it was before the gesture."""
        if self._session is not None:
            self._reframe(self._gestures.cancel(self._session.framing))

    @Slot(object)
    def show_crop(self, crop: Crop) -> None:
        """Replace the current crop by the photographer's; add it where there is none."""
        if self._session is not None:
            self._reframe(self._gestures.placed(self._session.framing, crop))

    @Slot(object)
    def add_crop(self, crop: Crop) -> None:
        """A new crop of the photographer's, which becomes the current one."""
        self._gesture(lambda framing: framing.adding(made_own(crop)))

    @Slot(object)
    def change_crop(self, crop: Crop) -> None:
        """A whole gesture: the current crop becomes this one."""
        self._gesture(lambda framing: self._gestures.placed(framing, crop))

    @Slot()
    def delete_crop(self) -> None:
        self._gesture(Framing.without_current)

    @Slot(float)
    def set_angle(self, degrees: float) -> None:
        """Turn the photo under the current crop; the crop stays inside."""
        if (session := self._session) is None:
            return
        now = session.framing.current_crop
        if now is None or now.angle != degrees:
            crop = self._gestures.turned(session.framing, degrees, session.size)
            self._gesture(lambda framing: self._gestures.placed(framing, crop))

    @Slot(object)
    def straighten(self, finding: Finding) -> None:
        """Turn against the tilt that the finding measured."""
        self.set_angle(round(-finding.measurement.value, 1))

    @Slot(object)
    def choose_crop(self, index: int | None) -> None:
        """Make one of the crops the current one. Not a step of undo: nothing is changed."""
        if self._session is not None:
            self._reframe(self._session.framing.choosing(index))

    @Slot()
    def next_crop(self) -> None:
        self._cycle(1)

    @Slot()
    def previous_crop(self) -> None:
        self._cycle(-1)

    @Slot()
    def undo(self) -> None:
        self._travel(self._gestures.undo)

    @Slot()
    def redo(self) -> None:
        self._travel(self._gestures.redo)

    def _travel(self, way: Callable[[Framing], Framing]) -> None:
        if self._session is not None and not self._gestures.under_way:
            self._reframe(way(self._session.framing))
            self._tell_history()

    def _gesture(self, change: Callable[[Framing], Framing]) -> None:
        """Change the framing as one step of undo, or as part of the one that is under way."""
        if self._session is None:
            return
        alone = not self._gestures.under_way
        if alone:
            self.begin_gesture()
        self._reframe(change(self._session.framing))
        if alone:
            self.end_gesture()

    def _cycle(self, by: int) -> None:
        if self._session is not None and self._session.framing.crops:
            self.choose_crop(self._session.framing.beside(by))

    def _reframe(self, framing: Framing) -> None:
        if self._session is not None and framing != self._session.framing:
            self._set_session(replace(self._session, framing=framing))

    def _tell_history(self) -> None:
        history = self._gestures.history
        self.history_changed.emit(bool(history.earlier), bool(history.later))

    # ── questions ────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def critique(self) -> None:
        """Ask for what the critique still lacks."""
        self._in_view.stop()
        if self._session is not None and not self._inquiry.running:
            self._set_session(self._inquiry.critique(self._session))

    @Slot(object)
    def ask_why(self, index: int | None = None) -> None:
        """Why this crop? About a crop as it stands now; without an index, the current one."""
        if self._session is None:
            return
        framing = self._session.framing
        index = framing.current if index is None else index
        if index is not None:
            self._set_session(self._inquiry.ask(self._session, crop=framing.crops[index]))

    @Slot(str)
    def ask(self, words: str) -> None:
        """Ask in the photographer's own words."""
        if self._session is not None and words.strip():
            self._set_session(self._inquiry.ask(self._session, words=words.strip()))

    @Slot(object)
    def ask_again(self, answer: Answer) -> None:
        """Put a question anew whose answer did not come to its end."""
        if self._session is not None:
            others = tuple(each for each in self._session.answers if each.id != answer.id)
            session = replace(self._session, answers=others)
            asked = self._inquiry.ask(session, words=answer.words, crop=answer.crop)
            self._set_session(asked)

    @Slot()
    def stop(self) -> None:
        """Stop whatever the engine is doing for this photo."""
        self._in_view.stop()
        if self._session is not None:
            self._set_session(self._inquiry.stop(self._session))

    @Slot()
    def restart_engine(self) -> None:
        """End the engine process and start a new one; the photographer's word, never our own."""
        self._client.restart()
        if self._session is not None:
            self._set_session(self._inquiry.stop(self._session))
            self.critique()

    @Slot(object)
    def _take_answers(self, answers: Answers) -> None:
        if self._session is None:
            return
        answering = self._inquiry.answering
        outcome = self._inquiry.take(self._session, answers)
        if outcome.crops is not None:
            self._gestures.with_engine_crops(outcome.crops)
        self._set_session(outcome.session)
        if answering and not self._inquiry.running and outcome.session.waiting:
            self.critique()
        if not self._inquiry.running:
            self._look_ahead()

    @Slot(object)
    def _take_loss(self, failed: Failed) -> None:
        if self._session is not None:
            self._set_session(self._inquiry.lost(self._session, failed))
        self.noticed.emit(Notice(failed.reason, failed.remedy, Severity.ERROR))

    # ── settings, export, the end ────────────────────────────────────────────────────────────────

    @Slot(object)
    def set_settings(self, settings: Settings) -> None:
        """Keep new settings; ask again for what they would have answered otherwise."""
        before, self._settings = self._settings, settings
        if settings == before:
            return
        self._keeper.keep_settings(settings)
        self.settings_changed.emit(settings)
        if settings.language is not before.language:
            self._ask_again(CRITIQUE_TASKS)
        elif settings.tightness is not before.tightness:
            self._ask_again((Task.CROP,))

    def _ask_again(self, tasks: tuple[Task, ...]) -> None:
        if self._session is not None:
            paused = self._inquiry.pause(self._session)
            self._set_session(paused.asking_again(tasks))
            self.critique()

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
        self._client.shut_down()
        self._keeper.close()

    def _set_session(self, session: Session | None) -> None:
        if session == self._session:
            return
        self._session = session
        if session is not None:
            self._keeper.keep(session)
        self.session_changed.emit(session)

    def _set_picture(self, picture: Picture | None) -> None:
        self._picture = picture
        self.picture_changed.emit(picture)
