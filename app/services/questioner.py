"""Asks engines about the shown photo, and goes from one engine to another.

The session controller is built on this; nothing else is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain.engines import answers_by_itself, key_of, pace_of, turned_to, with_pace
from app.domain.session import Answer, Progress
from app.domain.settings import Settings
from app.services.engine_client import Answers
from app.services.engine_names import engine_name
from app.services.engines import Engines
from app.services.inquiry import Inquiry
from app.services.keeper import Keeper
from app.services.session_owner import SessionOwner
from app.services.status import EngineStatus, Notice, Severity
from engine.choice import EngineChoice, EngineName
from engine.vocabulary import CRITIQUE_TASKS, Failed, Task

IN_VIEW_MS: Final = 400
"""An automatic critique starts once a photo has been in view for so long."""


class Questioner(SessionOwner):
    """The questions about the photo, the engines that answer them, and the settings for both."""

    engine_changed = Signal(object)
    """EngineStatus."""

    noticed = Signal(object)
    """Notice."""

    settings_changed = Signal(object)
    """Settings."""

    def __init__(
        self, engines: Engines, keeper: Keeper, parent: QObject | None, *, in_view_ms: int
    ) -> None:
        super().__init__(parent)
        self._engines = engines
        self._keeper = keeper
        self._settings = keeper.settings()
        self._chosen: EngineChoice | None = None
        self._inquiry = Inquiry(engines, settings=lambda: self._settings)
        self._in_view = QTimer(self, singleShot=True, interval=in_view_ms)
        self._in_view.timeout.connect(self._critique_by_itself)
        engines.answered.connect(self._take_answers)
        engines.lost.connect(self._take_loss)
        engines.status_changed.connect(self._tell_engine)
        engines.arrived.connect(self._take_engine)
        engines.refused.connect(self._take_refusal)

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def engine(self) -> EngineStatus:
        choice, paces = self._engines.choice, self._settings.paces
        return replace(
            self._engines.status,
            on_request=not answers_by_itself(choice, paces),
            pace=pace_of(choice, paces),
        )

    def _look_ahead(self) -> None:
        """Nothing more is wanted of this photo for now."""

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

    # ── settings ─────────────────────────────────────────────────────────────────────────────────

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
        if (session := self._session) is None:
            return
        answered = all(session.progress_of(task) is Progress.DONE for task in tasks)
        self._set_session(self._inquiry.pause(session).asking_again(tasks))
        if answered:
            self.critique()
        else:
            self._critique_by_itself()
