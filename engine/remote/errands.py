"""Asynchronous work for callers that are not: one at a time, and stopped at once when told to.

A stop cancels what is under way, which closes its connections: the server sees it and ends its
work, too. Nothing of a loop outlives its call, so that there is nothing to close later.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from engine.photo import Stopped
from engine.stop import Stop

T = TypeVar("T")

POLL_SECONDS: Final = 0.02
"""How often a wait looks whether it should end."""


def run(work: Coroutine[Any, Any, T], stop: Stop) -> T:
    """What the work returns; Stopped when `stop` became true before."""
    with _loop() as loop:
        task = loop.create_task(work)
        task.add_done_callback(_noticed)
        while not task.done():
            loop.run_until_complete(asyncio.wait({task}, timeout=POLL_SECONDS))
            if stop():
                raise Stopped
        return task.result()


def stream(items: Callable[[], AsyncIterator[T]], stop: Stop) -> Iterator[T]:
    """The items as they come; ends without a further one once `stop` is true.

    An iterator that its caller gives up is cancelled in the same way. The loop runs only while
    the caller waits, so what a slow caller has not taken stays with the server.
    """
    with _loop() as loop:
        arrived: deque[T] = deque()
        news = asyncio.Event()
        task = loop.create_task(_pump(items(), arrived, news))
        task.add_done_callback(_noticed)
        task.add_done_callback(lambda _: news.set())
        while not stop():
            if arrived:
                yield arrived.popleft()
            elif task.done():
                return task.result()
            else:
                loop.run_until_complete(_wait(news))


async def in_parallel(
    jobs: Iterable[Callable[[], Awaitable[T]]], *, at_once: int
) -> AsyncIterator[T]:
    """What the jobs return, as they end, with at most `at_once` under way."""
    waiting = iter(jobs)
    running: set[asyncio.Future[T]] = set()
    try:
        while True:
            while len(running) < at_once and (job := next(waiting, None)) is not None:
                task = asyncio.ensure_future(job())
                task.add_done_callback(_noticed)
                running.add(task)
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                yield each.result()
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _noticed(task: asyncio.Future[Any]) -> None:
    """Take note of an error that may come too late for anyone to want it."""
    if not task.cancelled():
        task.exception()


async def _pump(items: AsyncIterator[T], arrived: deque[T], news: asyncio.Event) -> None:
    async for item in items:
        arrived.append(item)
        news.set()


async def _wait(news: asyncio.Event) -> None:
    """Wait for news, or for the next look at the stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(news.wait(), POLL_SECONDS)
    news.clear()


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A new event loop; at the end its tasks are cancelled and awaited.

    Not `asyncio.Runner`: its end waits for threads, and a look-up of a name may take long.
    """
    loop = asyncio.new_event_loop()
    try:
        yield loop
    finally:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
