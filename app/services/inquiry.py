"""Which question is about what: the critique of the shown photo, and the answers beside it.

One set of questions runs at a time. A click (`why`, `ask`) goes before an automatic critique,
which resumes afterwards. Events of questions that are no longer known here are stale and dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.domain.session import Answer, Progress, Session, answered, begun, critiqued, halted
from app.domain.settings import Settings
from app.services.engine_client import Answers, EngineClient
from engine.vocabulary import Crop, Event, Failed, Finished, Question, Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """A session after a batch of events, and the engine's crops that have just joined it."""

    session: Session
    crops: tuple[Crop, ...] | None = None


class Inquiry:
    """Asks the engine about one photo at a time and turns its events into sessions."""

    def __init__(self, client: EngineClient, *, settings: Callable[[], Settings]) -> None:
        self._client = client
        self._settings = settings
        self._tasks: dict[int, Task] = {}
        self._answers: set[int] = set()
        self._crops: list[Crop] = []

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
        self.drop()
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
        return Outcome(replace(session, engine=self._client.status.info), complete)

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
