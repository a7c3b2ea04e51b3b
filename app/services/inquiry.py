"""Which question is about what: the critique of the shown photo, and the answers beside it.

One set of questions runs at a time. A click (`why`, `ask`) goes before an automatic critique,
which resumes afterwards. Events of questions that are no longer known here are stale and dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.domain.session import Answer, Progress, Session, answered, begun, critiqued, halted
from app.domain.settings import Settings
from app.services.engine_client import Answers
from app.services.engines import Engines
from app.services.status import Phase
from engine.vocabulary import CRITIQUE_TASKS, Crop, Event, Failed, Finished, Question, Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """A session after a batch of events, the engine's crops that have just joined it, and how
    many seconds a critique took that has come to its end without a pause.
    """

    session: Session
    crops: tuple[Crop, ...] | None = None
    seconds: float | None = None


class Inquiry:
    """Asks the engine about one photo at a time and turns its events into sessions."""

    def __init__(
        self,
        client: Engines,
        *,
        settings: Callable[[], Settings],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._clock = clock
        self._began: float | None = None
        self._settings = settings
        self._tasks: dict[int, Task] = {}
        self._answers: set[int] = set()
        self._crops: list[Crop] = []
        self.put_off = False
        """Whether a critique had begun, and waits behind a click."""

    @property
    def running(self) -> bool:
        return bool(self._tasks or self._answers)

    @property
    def answering(self) -> bool:
        """Whether a click's question is being answered."""
        return bool(self._answers)

    def critique(self, session: Session) -> Session:
        """Ask for what the critique still lacks."""
        questions = [
            Question(
                id=self._client.next_id(),
                task=task,
                language=self._settings().language,
                tighter=self._settings().tightness.amount,
            )
            for task in session.unfinished
        ]
        if not questions:
            return session
        whole = len(questions) == len(CRITIQUE_TASKS)
        loaded = self._client.status.phase is Phase.READY
        self._began = self._clock() if whole and loaded else None
        self.put_off = False
        self._tasks = {question.id: question.task for question in questions}
        self._crops = []
        for question in questions:
            session = begun(session, question.task)
        self._client.ask(session.photo, questions)
        return replace(session, failure=None)

    def ask(self, session: Session, *, words: str = "", crop: Crop | None = None) -> Session:
        """Ask at once, before whatever else is running."""
        task = Task.ASK if crop is None else Task.WHY
        session = self.pause(session)
        question = Question(
            id=self._client.next_id(),
            task=task,
            language=self._settings().language,
            words=words,
            crop=crop,
        )
        self._answers.add(question.id)
        self._client.ask(session.photo, [question])
        answer = Answer(id=question.id, task=task, words=words, crop=crop)
        return replace(session, answers=(*session.answers, answer), failure=None)

    def pause(self, session: Session) -> Session:
        """Stop what is running; the critique's tasks wait, answers count as stopped."""
        put_off = self.put_off or bool(self._tasks)
        self.drop()
        self.put_off = put_off
        waiting = halted(session, Progress.WAITING)
        answers = tuple(
            replace(a, progress=Progress.STOPPED) if a.progress is Progress.WAITING else a
            for a in waiting.answers
        )
        return replace(waiting, answers=answers)

    def stop(self, session: Session) -> Session:
        """Stop what is running, on the photographer's word: nothing resumes by itself."""
        self.drop()
        return halted(session)

    def drop(self) -> None:
        """Stop what is running and forget it: whatever still arrives is stale."""
        if self.running:
            self._client.stop()
        self.put_off = False
        self._began = None
        self._tasks = {}
        self._answers = set()

    def lost(self, session: Session, failed: Failed) -> Session:
        """The engine could not go on: say so in the session; nothing is running."""
        self._tasks = {}
        self._answers = set()
        answers = tuple(
            replace(a, failure=failed) if a.progress is Progress.RUNNING else a
            for a in session.answers
        )
        return halted(replace(session, answers=answers, failure=failed), Progress.FAILED)

    def take(self, session: Session, answers: Answers) -> Outcome:
        """The session after a batch of events."""
        complete: tuple[Crop, ...] | None = None
        critiquing = bool(self._tasks)
        for question, event in answers:
            if question in self._answers:
                session = answered(session, question, event)
                if isinstance(event, Finished | Failed):
                    self._answers.discard(question)
            elif question in self._tasks:
                session, crops = self._take_critique(session, question, event)
                complete = complete if crops is None else crops
        if complete is not None:
            session = replace(session, framing=session.framing.with_engine_crops(complete))
        seconds = None
        if critiquing and not self._tasks and self._began is not None and not session.unfinished:
            seconds = self._clock() - self._began
        return Outcome(replace(session, engine=self._client.status.info), complete, seconds)

    def _take_critique(
        self, session: Session, question: int, event: Event
    ) -> tuple[Session, tuple[Crop, ...] | None]:
        task = self._tasks[question]
        crops = None
        if isinstance(event, Crop):
            self._crops.append(event)
        elif isinstance(event, Finished | Failed):
            del self._tasks[question]
            if task is Task.CROP and isinstance(event, Finished):
                crops = tuple(self._crops)
        return critiqued(session, task, event), crops
