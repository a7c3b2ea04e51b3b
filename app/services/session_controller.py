"""The single owner of the window's state: widgets show its values and ask it, nothing else.

A photo comes in through the image loader, its critique through the engine client, its crops from
both the engine and the photographer; each change makes a new session, which every widget gets.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain.engines import answers_by_itself, key_of, pace_of, turned_to, with_pace
from app.domain.session import Answer, Session
from app.domain.settings import Settings
from app.files.export import ExportFormat
from app.services.browser import Browser
from app.services.engine_client import Answers
from app.services.engine_names import engine_name
from app.services.engines import Engines
from app.services.exporter import Exporter
from app.services.inquiry import Inquiry
from app.services.keeper import Keeper
from app.services.models import Models
from app.services.picture import Picture
from app.services.session_owner import SessionOwner
from app.services.status import EngineStatus, Notice, Place, Severity
from engine.choice import EngineChoice, EngineName
from engine.vocabulary import CRITIQUE_TASKS, Failed, Task

IN_VIEW_MS: Final = 400
"""An automatic critique starts once a photo has been in view for so long."""


class SessionController(SessionOwner):
    """Owns what the window shows. All signals carry whole frozen values."""

    picture_changed = Signal(object)
    """Picture | None: a screen-sized one first, then the whole."""

    engine_changed = Signal(object)
    """EngineStatus."""

    noticed = Signal(object)
    """Notice."""

    place_changed = Signal(object)
    """Place | None: where in its folder the photo is."""

    settings_changed = Signal(object)
    """Settings."""

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
        super().__init__(parent)
        self._engines = engines
        self._browser = browser
        self._keeper = keeper
        self._exporter = exporter
        self._models = models
        self._settings = keeper.settings()
        self._chosen: EngineChoice | None = None
        self._inquiry = Inquiry(engines, settings=lambda: self._settings)
        self._picture: Picture | None = None
        self._in_view = QTimer(self, singleShot=True, interval=in_view_ms)
        self._in_view.timeout.connect(self._critique_by_itself)
        self.session_changed.connect(self._keep)
        engines.answered.connect(self._take_answers)
        engines.lost.connect(self._take_loss)
        engines.status_changed.connect(self._tell_engine)
        engines.arrived.connect(self._take_engine)
        engines.refused.connect(self._take_refusal)
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
    def settings(self) -> Settings:
        return self._settings

    @property
    def engine(self) -> EngineStatus:
        by_itself = answers_by_itself(self._engines.choice, self._settings.paces)
        return replace(self._engines.status, on_request=not by_itself)

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

    # ── questions ────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def critique(self) -> None:
        """Ask for what the critique still lacks."""
        self._in_view.stop()
        if self._session is not None and not self._inquiry.running:
            self._set_session(self._inquiry.critique(self._session))

    @Slot()
    def _critique_by_itself(self) -> None:
        """The same where nobody asked for it: a slow engine waits until somebody does."""
        self._in_view.stop()
        if not self.engine.on_request:
            self.critique()

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
        self._engines.restart()
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
        if outcome.seconds is not None:
            self._note_pace(outcome.seconds)
        if answering and not self._inquiry.running and outcome.session.waiting:
            if self._inquiry.put_off:
                self.critique()
            else:
                self._critique_by_itself()
        if not self._inquiry.running:
            self._look_ahead()

    @Slot(object)
    def _take_loss(self, failed: Failed) -> None:
        if self._session is not None:
            self._set_session(self._inquiry.lost(self._session, failed))
        self.noticed.emit(Notice(failed.reason, failed.remedy, Severity.ERROR))

    # ── engines ──────────────────────────────────────────────────────────────────────────────────

    @Slot(object)
    def use_engine(self, choice: EngineChoice) -> None:
        """Load this engine; it is used once it is there, and asked about the photo shown then."""
        self._chosen = choice
        if choice == self._engines.choice:
            self._keep_choice(choice)
        self._engines.switch(choice)

    @Slot()
    def cancel_engine(self) -> None:
        """The engine that is being loaded is not wanted any more."""
        self._chosen = None
        self._engines.cancel()
        self._wait_in_view()

    @Slot(object)
    def _take_engine(self, choice: EngineChoice) -> None:
        """Another engine is in use: its own critique is shown, or asked for."""
        chosen = choice == self._chosen
        if chosen:
            self._chosen = None
            self._keep_choice(choice)
            self._welcome(choice)
        if (session := self._session) is not None:
            turned = turned_to(self._inquiry.pause(session), key_of(choice))
            self._gestures.with_engine_crops(turned.framing.engine_crops)
            self._set_session(turned)
            if chosen and pace_of(choice, self._settings.paces) is None:
                self.critique()  # nobody knows yet how long it takes
            else:
                self._wait_in_view()
        self._tell_engine()

    def _welcome(self, choice: EngineChoice) -> None:
        """Say what is in use, with what a person should know before relying on it."""
        info = self._engines.status.info
        if info is not None and choice.engine is not EngineName.BUILTIN:
            text = self.tr("{engine} is in use.").format(engine=info.name)
            self.noticed.emit(Notice(text, " ".join((info.plan, *info.notes)).strip()))

    @Slot(object, object)
    def _take_refusal(self, choice: EngineChoice, failed: Failed) -> None:
        self._chosen = None
        text = self.tr("{engine} could not be loaded, {other} stays. {reason}").format(
            engine=engine_name(choice),
            other=engine_name(self._engines.choice),
            reason=failed.reason,
        )
        self.noticed.emit(Notice(text, failed.remedy, Severity.WARNING))
        self._wait_in_view()

    def _wait_in_view(self) -> None:
        """A critique may begin soon, unless another engine is about to give its own."""
        session = self._session
        idle = not self._inquiry.running and self._engines.status.arriving is None
        if session is not None and session.unfinished and idle:
            self._in_view.start()

    def _keep_choice(self, choice: EngineChoice) -> None:
        settings = replace(self._settings, engine=choice)
        if choice.engine is EngineName.REMOTE:
            settings = settings.with_server(choice)
        self.set_settings(settings)

    def _note_pace(self, seconds: float) -> None:
        choice = self._engines.choice
        if choice.engine is not EngineName.BUILTIN:
            paces = with_pace(self._settings.paces, choice, seconds)
            self.set_settings(replace(self._settings, paces=paces))
            self._tell_engine()

    @Slot()
    def _tell_engine(self) -> None:
        self.engine_changed.emit(self.engine)

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
            self._critique_by_itself()

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
