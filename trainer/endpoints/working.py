"""Many pieces of work side by side, each ending in a result or a failure of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from engine.contract import EngineError
from engine.remote import errands
from engine.stop import Stop
from trainer.endpoints.asker import OF_THE_QUESTION

T = TypeVar("T")

MOST_IN_A_ROW: Final = 20
"""So many failures one after the other are no accident of single questions."""


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A piece of work and what came of it."""

    number: int
    result: T


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A piece of work that a model or the way to it kept from its end: to be tried another time."""

    number: int
    error: EngineError


def work(
    jobs: Sequence[Callable[[], Awaitable[T]]], *, at_once: int, stop: Stop
) -> Iterator[Done[T] | Unanswered]:
    """What the jobs return, as they end; less once `stop` is true.

    EngineError where going on makes no sense: the server refuses the key, is not there, or fails
    `MOST_IN_A_ROW` times in a row. No further job is begun then, and those that were under way have
    ended and been yielded: their answers are paid for.
    """
    halted: list[EngineError] = []
    tasks = [partial(_one, number, job, halted) for number, job in enumerate(jobs)]
    in_a_row = 0
    for each in errands.stream(lambda: errands.in_parallel(tasks, at_once=at_once), stop):
        if each is None:
            continue
        yield each
        in_a_row = in_a_row + 1 if isinstance(each, Unanswered) else 0
        if isinstance(each, Unanswered) and in_a_row >= MOST_IN_A_ROW:
            halted.append(each.error)
    if halted:
        raise halted[0]


async def _one(
    number: int, job: Callable[[], Awaitable[T]], halted: list[EngineError]
) -> Done[T] | Unanswered | None:
    if halted:
        return None
    try:
        return Done(number, await job())
    except EngineError as error:
        if error.code not in OF_THE_QUESTION:
            halted.append(error)
        return Unanswered(number, error)
