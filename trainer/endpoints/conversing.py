"""Asks until an answer can be read, within bounds; what cannot be is kept aside, not mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from engine.dialogue.speaker import Turn
from trainer.endpoints.asker import Asker
from trainer.endpoints.asking import Asked, Heard, Reply
from trainer.endpoints.objects import MalformedError
from trainer.endpoints.prompts import Prompts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Understood(Generic[T]):
    """What was read, and all answers on the way to it, the last of them the one that was read."""

    value: T
    replies: tuple[Reply, ...]


class NotUnderstoodError(Exception):
    """None of the answers could be read: the last one's reason, and all of them."""

    def __init__(self, reason: str, replies: tuple[Reply, ...]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.replies = replies


async def understood(
    asker: Asker, asked: Asked, read: Callable[[Heard], T], *, prompts: Prompts, tries: int
) -> Understood[T]:
    """Ask, and where the answer is malformed say so and ask again, `tries` times in all.

    The complaint is the prompt `again`. Answers that cannot be read are paid for and kept like all
    others, so that a later run with more tries goes on from the last of them.
    """
    replies: list[Reply] = []
    question = asked
    for tried in range(1, tries + 1):
        reply = await asker.ask(question)
        replies.append(reply)
        try:
            return Understood(read(reply.heard), tuple(replies))
        except MalformedError as error:
            if tried == tries:
                raise NotUnderstoodError(str(error), tuple(replies)) from error
            complaint = prompts.fill("again", {"reason": str(error)})
            turn = Turn(question.words, reply.heard.text or "…")
            question = replace(question, history=(*question.history, turn), words=complaint)
    raise AssertionError("there is at least one try")
