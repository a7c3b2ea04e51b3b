"""What the store keeps of a session, as a JSON document, and the way back.

Only what the photographer made or paid for with time is kept: framing, critique and answers. The
document carries a version; one that this program cannot read is an honest None, never half read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final

from app.domain.session import Answer, Framing, Progress, Session, Told
from engine.choice import EngineName
from engine.vocabulary import Critique, EngineInfo, Size, Task
from engine.wire import from_json, to_json

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Document:
    """The kept part of a session. A document of an earlier Venus knows one engine only."""

    size: Size
    critique: Critique
    done: tuple[Task, ...]
    framing: Framing
    answers: tuple[Answer, ...]
    engine: EngineInfo | None
    by: str = EngineName.BUILTIN
    others: tuple[Told, ...] = ()


def encoded(session: Session) -> str:
    """The session's document."""
    done = tuple(task for task, progress in session.progress if progress is Progress.DONE)
    document = Document(
        session.size,
        session.critique,
        done,
        session.framing,
        _finished(session.answers),
        session.engine,
        session.by,
        tuple(replace(told, answers=_finished(told.answers)) for told in session.others),
    )
    return json.dumps({"version": VERSION, **to_json(document)}, ensure_ascii=False)


def restored(session: Session, text: str, *, framing_only: bool = False) -> Session:
    """The session with what the document kept; as it is if that is unreadable or of another size.

    With `framing_only` the file was changed since: its crops still mean the same places, but what
    was said about the picture may not hold.
    """
    document = _parsed(text)
    if document is None or document.size != session.size:
        return session
    if framing_only:
        return replace(session, framing=document.framing)
    result = replace(
        session,
        critique=document.critique,
        framing=document.framing,
        answers=_renumbered(document.answers),
        engine=document.engine,
        by=document.by,
        others=tuple(replace(told, answers=_renumbered(told.answers)) for told in document.others),
    )
    for task in document.done:
        result = result.with_progress(task, Progress.DONE)
    return result


def _finished(answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    return tuple(answer for answer in answers if answer.progress is Progress.DONE)


def _renumbered(answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """Kept answers get negative ids: those of new questions begin at 1 with every start."""
    return tuple(replace(answer, id=-n) for n, answer in enumerate(answers, start=1))


def _parsed(text: str) -> Document | None:
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("version", None) != VERSION:
            return None
        document = from_json(Document, data)
    except ValueError:  # no JSON, or not of our vocabulary
        return None
    current, count = document.framing.current, len(document.framing.crops)
    return document if current is None or 0 <= current < count else None
