"""One photo's whole critique without a window: the engine's events gathered into a session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.domain.session import Session, begun, critiqued
from app.domain.settings import Language, Tightness
from engine.contract import Engine, EngineError, Loaded, Opened, Progress
from engine.stop import Stop, never
from engine.vocabulary import (
    CRITIQUE_TASKS,
    Aspect,
    Crop,
    EngineInfo,
    Event,
    Failed,
    Question,
    Task,
)

Listener = Callable[[Task, Event], None]
"""Is told of each event as it arrives, with the task that it belongs to."""


@dataclass(frozen=True, slots=True)
class Wish:
    """In which language to answer, and what crops to propose."""

    language: Language = Language.ENGLISH
    aspect: Aspect | None = None
    tightness: Tightness = Tightness.AS_MEASURED


PLAIN: Final = Wish()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one photo. `session` is None where it could not even be opened; `failure`
    is None where everything was answered. `seconds` run from the request to the last event.
    """

    photo: Path
    seconds: float
    session: Session | None = None
    failure: Failed | None = None


def silent(_task: Task, _event: Event) -> None:
    """A listener that does not listen."""


def loaded(
    engine: Engine, stop: Stop = never, *, tell: Callable[[Progress], None] | None = None
) -> EngineInfo:
    """Load the engine and say what it is; `tell` hears how far it is. EngineError where it cannot
    be loaded.
    """
    for step in engine.load(stop):
        if isinstance(step, Loaded):
            return step.info
        if tell is not None:
            tell(step)
    raise EngineError("not_loaded", "The engine was not loaded.", "Try again.")


def critique(
    engine: Engine,
    photo: Path,
    *,
    info: EngineInfo,
    wish: Wish = PLAIN,
    listener: Listener = silent,
    stop: Stop = never,
) -> Result:
    """Ask a loaded engine for everything about one photo. Never raises for the photo's sake."""
    began = time.perf_counter()
    try:
        session = _asked(engine, photo, info, wish, listener, stop)
    except EngineError as error:
        failed = Failed(error.code, error.reason, error.remedy)
        return Result(photo, time.perf_counter() - began, failure=failed)
    failure = session.failure
    if failure is None and session.unfinished:
        failure = Failed("stopped", "The critique was stopped.", "Ask again.")
    return Result(photo, time.perf_counter() - began, session, failure)


def _asked(
    engine: Engine,
    photo: Path,
    info: EngineInfo,
    wish: Wish,
    listener: Listener,
    stop: Stop,
) -> Session:
    opened = _opened(engine, photo, stop)
    session = Session(photo, opened.size, engine=info)
    tasks = dict(enumerate(CRITIQUE_TASKS, start=1_000_000))
    questions = [
        Question(
            id=id_,
            task=task,
            language=wish.language,
            aspect=wish.aspect,
            tighter=wish.tightness.amount,
        )
        for id_, task in tasks.items()
    ]
    for task in CRITIQUE_TASKS:
        session = begun(session, task)
    crops: list[Crop] = []
    try:
        for answer in engine.ask(opened.conversation, questions, stop):
            task = tasks[answer.question]
            listener(task, answer.event)
            if isinstance(answer.event, Crop):
                crops.append(answer.event)
            session = critiqued(session, task, answer.event)
    finally:
        engine.close(opened.conversation)
    return replace(session, framing=session.framing.with_engine_crops(tuple(crops)))


def _opened(engine: Engine, photo: Path, stop: Stop) -> Opened:
    steps: Iterator[object] = engine.open(photo, stop)
    for step in steps:
        if isinstance(step, Opened):
            return step
    raise EngineError("stopped", "Opening the photo was stopped.", "Open it again.")
