"""What the photographer has for one photo: critique, crops, answers. A change makes a new value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from engine.choice import EngineName
from engine.vocabulary import (
    CRITIQUE_TASKS,
    Critique,
    Crop,
    EngineInfo,
    Event,
    Failed,
    Finding,
    Finished,
    Origin,
    Part,
    Size,
    Strength,
    Task,
    Text,
)


class Progress(StrEnum):
    """How far the answer to one question has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Answer:
    """One `why` or `ask` with what was answered.

    `crop` is the crop as it stood when it was asked about; `words` are the photographer's own.
    """

    id: int
    task: Task
    words: str = ""
    crop: Crop | None = None
    body: str = ""
    arguments_for: str = ""
    arguments_against: str = ""
    progress: Progress = Progress.RUNNING
    failure: Failed | None = None


@dataclass(frozen=True, slots=True)
class Framing:
    """The photo's crops and which of them is current: what gestures change, and undo restores."""

    crops: tuple[Crop, ...] = ()
    current: int | None = None

    @property
    def current_crop(self) -> Crop | None:
        return None if self.current is None else self.crops[self.current]

    @property
    def engine_crops(self) -> tuple[Crop, ...]:
        """Those that the engine proposed."""
        return tuple(crop for crop in self.crops if crop.origin is Origin.ENGINE)

    def choosing(self, index: int | None) -> Framing:
        """The same crops with another current one."""
        if index is not None and not 0 <= index < len(self.crops):
            raise IndexError(f"there is no crop {index} among {len(self.crops)}")
        return replace(self, current=index)

    def beside(self, by: int) -> int:
        """The index `by` places on from the current crop, round and round; there are crops."""
        return 0 if self.current is None else (self.current + by) % len(self.crops)

    def with_current(self, crop: Crop) -> Framing:
        """The current crop replaced; without one, the crop is added and becomes current."""
        if self.current is None:
            return self.adding(crop)
        crops = (*self.crops[: self.current], crop, *self.crops[self.current + 1 :])
        return replace(self, crops=crops)

    def adding(self, crop: Crop) -> Framing:
        """One more crop, which becomes the current one."""
        return Framing((*self.crops, crop), len(self.crops))

    def without_current(self) -> Framing:
        """The current crop deleted; its neighbour becomes current."""
        if self.current is None:
            return self
        crops = (*self.crops[: self.current], *self.crops[self.current + 1 :])
        return Framing(crops, min(self.current, len(crops) - 1) if crops else None)

    def with_engine_crops(self, crops: tuple[Crop, ...]) -> Framing:
        """The engine's crops replaced by these; what the photographer drew or moved stays."""
        own = tuple(crop for crop in self.crops if crop.origin is Origin.PHOTOGRAPHER)
        chosen = self.current_crop
        merged = (*crops, *own)
        if chosen is not None and chosen in merged:
            return Framing(merged, merged.index(chosen))
        return Framing(merged, 0 if merged else None)


NOT_STARTED: Final = tuple((task, Progress.WAITING) for task in CRITIQUE_TASKS)


@dataclass(frozen=True, slots=True)
class Told:
    """What one engine has said of a photo. `by` is the engine's key (`app.domain.engines`)."""

    by: str
    critique: Critique = field(default_factory=Critique)
    done: tuple[Task, ...] = ()
    crops: tuple[Crop, ...] = ()
    answers: tuple[Answer, ...] = ()
    engine: EngineInfo | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One photo, as the photographer sees it. `size` is the upright photo's, in pixels.

    Critique, answers and the engine's crops are those of one engine, whose key is `by`; `others`
    is what other engines have said.
    """

    photo: Path
    size: Size
    critique: Critique = field(default_factory=Critique)
    progress: tuple[tuple[Task, Progress], ...] = NOT_STARTED
    framing: Framing = field(default_factory=Framing)
    answers: tuple[Answer, ...] = ()
    engine: EngineInfo | None = None
    failure: Failed | None = None
    by: str = EngineName.BUILTIN
    others: tuple[Told, ...] = ()

    def progress_of(self, task: Task) -> Progress:
        """How far one task of the critique has come."""
        return dict(self.progress)[task]

    def with_progress(self, task: Task, progress: Progress) -> Session:
        """The same session with one task of the critique further on."""
        changed = tuple((t, progress if t is task else p) for t, p in self.progress)
        return replace(self, progress=changed)

    def asking_again(self, tasks: Iterable[Task]) -> Session:
        """The session with these tasks of the critique open again; their answers stay until new
        ones come.
        """
        session = self
        for task in tasks:
            session = session.with_progress(task, Progress.WAITING)
        return session

    @property
    def waiting(self) -> tuple[Task, ...]:
        """The critique's tasks that have not been asked, or were put off by a click."""
        return tuple(task for task, progress in self.progress if progress is Progress.WAITING)

    @property
    def unfinished(self) -> tuple[Task, ...]:
        """The critique's tasks that still want an answer."""
        return tuple(task for task, progress in self.progress if progress is not Progress.DONE)


def begun(session: Session, task: Task) -> Session:
    """The session as one task of the critique starts (again): what it had said is cleared."""
    critique = session.critique
    if task is Task.IMPRESSION:
        critique = replace(critique, impression="")
    elif task is Task.ANALYSIS:
        critique = replace(critique, analysis="", findings=(), strengths=())
    elif task is Task.GUIDANCE:
        critique = replace(critique, taking="", afterwards="")
    return replace(session, critique=critique).with_progress(task, Progress.RUNNING)


def critiqued(session: Session, task: Task, event: Event) -> Session:
    """The session after one event that answers a task of the critique.

    Crops are left to the caller: they join the framing together, when their task is finished.
    """
    match event:
        case Text():
            return replace(session, critique=_with_text(session.critique, task, event))
        case Finding():
            findings = (*session.critique.findings, event)
            return replace(session, critique=replace(session.critique, findings=findings))
        case Strength():
            strengths = (*session.critique.strengths, event)
            return replace(session, critique=replace(session.critique, strengths=strengths))
        case Failed():
            return replace(session, failure=event).with_progress(task, Progress.FAILED)
        case Finished():
            return session.with_progress(task, Progress.DONE)
        case _:
            return session


def _with_text(critique: Critique, task: Task, event: Text) -> Critique:
    if task is Task.IMPRESSION:
        return replace(critique, impression=critique.impression + event.text)
    if task is Task.GUIDANCE and event.part is Part.AFTERWARDS:
        return replace(critique, afterwards=critique.afterwards + event.text)
    if task is Task.GUIDANCE:
        return replace(critique, taking=critique.taking + event.text)
    return replace(critique, analysis=critique.analysis + event.text)


def answered(session: Session, answer_id: int, event: Event) -> Session:
    """The session after one event that answers a `why` or an `ask`."""
    answers = tuple(_answered(a, event) if a.id == answer_id else a for a in session.answers)
    return replace(session, answers=answers)


def _answered(answer: Answer, event: Event) -> Answer:
    match event:
        case Text(part=Part.FOR):
            return replace(answer, arguments_for=answer.arguments_for + event.text)
        case Text(part=Part.AGAINST):
            return replace(answer, arguments_against=answer.arguments_against + event.text)
        case Text():
            return replace(answer, body=answer.body + event.text)
        case Failed():
            return replace(answer, progress=Progress.FAILED, failure=event)
        case Finished():
            return replace(answer, progress=Progress.DONE)
        case _:
            return answer


def halted(session: Session, progress: Progress = Progress.STOPPED) -> Session:
    """The session after a stop or a crash: nothing in it is running any more."""
    changed = tuple((t, progress if p is Progress.RUNNING else p) for t, p in session.progress)
    answers = tuple(
        replace(a, progress=progress) if a.progress is Progress.RUNNING else a
        for a in session.answers
    )
    return replace(session, progress=changed, answers=answers)
