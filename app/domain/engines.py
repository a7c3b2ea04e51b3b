"""Engines as the photographer's side knows them: what each has said of a photo, and how fast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from app.domain.session import NOT_STARTED, Progress, Session, Told
from engine.choice import EngineChoice, EngineName, Wording
from engine.vocabulary import Critique

SLOW_SECONDS: Final = 10.0
"""An engine that needs longer for a critique gives one on request only."""

MOST_PACES: Final = 32
"""Engines whose pace is remembered."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long an engine took for its last critique, in seconds; `engine` is its key."""

    engine: str
    seconds: float


def key_of(choice: EngineChoice) -> str:
    """What tells one engine from another: two keys are equal where the answers are one engine's.

    The device and the plan for the memory are left out, though they may move a word.
    """
    match choice.engine:
        case EngineName.BUILTIN:
            return choice.engine
        case EngineName.REMOTE:
            parts = (choice.url, choice.model)
        case EngineName.VENUS:
            wording = "" if choice.wording is Wording.AUTO else choice.wording
            parts = (choice.checkpoint, choice.base, wording)
    return " ".join((choice.engine, *(part for part in parts if part)))


def pace_of(choice: EngineChoice, paces: tuple[Pace, ...]) -> float | None:
    """Seconds of this engine's last critique; None where it has not given one yet."""
    key = key_of(choice)
    return next((pace.seconds for pace in paces if pace.engine == key), None)


def with_pace(paces: tuple[Pace, ...], choice: EngineChoice, seconds: float) -> tuple[Pace, ...]:
    """The paces with this one, the latest first."""
    key = key_of(choice)
    others = tuple(pace for pace in paces if pace.engine != key)
    return (Pace(key, round(seconds, 1)), *others)[:MOST_PACES]


def answers_by_itself(choice: EngineChoice, paces: tuple[Pace, ...]) -> bool:
    """Whether a critique may begin without being asked for: it costs little, as far as is known."""
    if choice.engine is EngineName.BUILTIN:
        return True
    seconds = pace_of(choice, paces)
    return seconds is not None and seconds <= SLOW_SECONDS


def turned_to(session: Session, key: str) -> Session:
    """The session with what this engine has said of the photo; what the present one has said is
    put aside. The photographer's own crops stay.
    """
    if session.by == key:
        return session
    told = next((each for each in session.others if each.by == key), Told(key))
    kept = tuple(each for each in session.others if each.by != key)
    aside = _told(session)
    if aside != Told(session.by):
        kept = (*kept, aside)
    result = replace(
        session,
        by=key,
        others=kept,
        critique=told.critique,
        progress=NOT_STARTED,
        framing=session.framing.with_engine_crops(told.crops),
        answers=told.answers,
        engine=told.engine,
        failure=None,
    )
    for task in told.done:
        result = result.with_progress(task, Progress.DONE)
    return result


def _told(session: Session) -> Told:
    """What the present engine has said; what it had begun and not finished counts as not begun."""
    done = tuple(task for task, progress in session.progress if progress is Progress.DONE)
    critique = session.critique if done else Critique()
    crops = session.framing.engine_crops
    return Told(session.by, critique, done, crops, session.answers, session.engine)
