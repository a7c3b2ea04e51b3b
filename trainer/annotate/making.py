"""What both factories share: who is asked, the sources of a record, and records kept aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from engine.review.records import Record, Source
from trainer.endpoints.asker import Asker
from trainer.endpoints.asking import Reply, Sampling
from trainer.endpoints.prompts import Prompts

TEACHER = "teacher"
VERIFIER = "verifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Who drafts and who checks, in which words, and how often a malformed answer is asked for."""

    teacher: Asker
    verifier: Asker
    prompts: Prompts
    teaching: Sampling = field(default_factory=Sampling)
    verifying: Sampling = field(default_factory=Sampling)
    tries: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A subject that became no record: at which step and why, and the raw answers."""

    id: str
    photo: str
    step: str
    reason: str
    answers: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()


Made = Record | Aside


def sources(role: str, replies: Iterable[Reply], prompts: Prompts) -> tuple[Source, ...]:
    """Where answers come from."""
    return tuple(
        Source(
            role=role,
            model=each.model,
            prompts=prompts.sum,
            request=each.request,
            at=each.at,
            seconds=each.seconds,
            answer_tokens=each.heard.answer_tokens,
            prompt_tokens=each.heard.prompt_tokens,
        )
        for each in replies
    )


def aside(ident: str, photo: str, step: str, reason: str, replies: Iterable[Reply] = ()) -> Aside:
    """A subject kept aside with all that was answered about it at this step."""
    told = tuple(replies)
    return Aside(
        id=ident,
        photo=photo,
        step=step,
        reason=reason,
        answers=tuple(each.heard.text for each in told),
        requests=tuple(each.request for each in told),
    )


def unreadable(path: Path, error: OSError) -> str:
    """Why a photo's file cannot be shown."""
    return f"{path} cannot be read: {error.strerror or type(error).__name__}"
