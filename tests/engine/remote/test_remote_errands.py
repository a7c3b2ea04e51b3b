"""Asynchronous work for callers that are not: order, errors, stops."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from engine.photo import Stopped
from engine.remote import errands
from engine.stop import never


class Counter:
    """Counts up for ever; knows whether it was ended."""

    def __init__(self, *, pause: float = 0.0) -> None:
        self.pause = pause
        self.ended = False

    async def __call__(self) -> AsyncIterator[int]:
        try:
            number = 0
            while True:
                yield number
                number += 1
                await asyncio.sleep(self.pause)
        finally:
            self.ended = True


def test_items_come_in_order_until_told_to_stop() -> None:
    counter = Counter()
    seen: list[int] = []
    for number in errands.stream(counter, lambda: len(seen) == 100):
        seen.append(number)
    assert seen == list(range(100))
    assert counter.ended


def test_a_caller_that_gives_up_ends_the_work() -> None:
    counter = Counter(pause=0.001)
    numbers = errands.stream(counter, never)
    assert [next(numbers), next(numbers)] == [0, 1]
    assert not counter.ended
    numbers.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert counter.ended


def test_a_stop_ends_a_wait_without_items() -> None:
    counter = Counter(pause=60)
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 5

    assert list(errands.stream(counter, stop)) == [0]
    assert counter.ended


def test_an_error_comes_after_the_items_before_it() -> None:
    async def failing() -> AsyncIterator[int]:
        yield 1
        raise OSError("no more")

    numbers = errands.stream(failing, never)
    assert next(numbers) == 1
    with pytest.raises(OSError, match="no more"):
        next(numbers)


def test_run_returns_raises_and_stops() -> None:
    async def answer() -> int:
        return 7

    async def wait() -> int:
        await asyncio.sleep(60)
        return 8

    async def fail() -> int:
        raise OSError

    assert errands.run(answer(), never) == 7
    with pytest.raises(OSError):
        errands.run(fail(), never)
    with pytest.raises(Stopped):
        errands.run(wait(), lambda: True)


class Jobs:
    def __init__(self) -> None:
        self.running = self.most = self.cancelled = 0

    async def __call__(self, number: int) -> int:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(0.001 * (number % 3))
            if number >= 99:
                raise OSError
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
        return number

    def run(self, count: int, at_once: int) -> list[int]:
        each: list[Callable[[], AsyncIterator[int]]] = [
            partial(errands.in_parallel, [partial(self, n) for n in range(count)], at_once=at_once)
        ]
        return list(errands.stream(each[0], never))


def test_jobs_run_side_by_side_within_bounds() -> None:
    jobs = Jobs()
    assert sorted(jobs.run(20, 4)) == list(range(20))
    assert jobs.most == 4


def test_jobs_that_fail_end_the_others_without_a_further_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    jobs = Jobs()
    with pytest.raises(OSError):
        jobs.run(130, 8)
    gc.collect()
    assert jobs.running == 0
    assert caplog.text == ""
