"""Asks an endpoint within bounds: what is kept is not asked again, what fails is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Final

from engine.contract import EngineError
from trainer.endpoints.account import Account
from trainer.endpoints.asking import Asked, Endpoint, Heard, Reply, request_sum
from trainer.endpoints.kept import Kept

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PASSING: Final = frozenset(
    {"server_busy", "server_fault", "connection_lost", "server_timeout", "bad_answer", "no_answer"}
)
"""Failures of one request that another try may not meet."""

OF_THE_QUESTION: Final = frozenset(
    {"server_rejected", "context_too_long", "too_long", "forbidden", *PASSING}
)
"""Failures that say nothing about the next question; all others end a run."""

_LONGEST_PAUSE: Final = 30.0


def utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Asker:
    """One endpoint in one role. What it promises:

    An answer is on the disk before anybody sees it, and a request whose answer is on the disk is
    not asked again, by this process or a later one. At most `at_once` requests are under way; these
    alone can be lost, and are asked anew, when the process is killed.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        kept: Kept,
        account: Account,
        at_once: int,
        tries: int = 3,
        first_pause: float = 1.0,
        now: Callable[[], str] = utc_now,
    ) -> None:
        """`tries` and `first_pause` (seconds, doubled each time) are for answers that break off;
        a server's refusals are waited for in its client.
        """
        self.endpoint = endpoint
        self.account = account
        self.at_once = min(at_once, endpoint.at_most or at_once)
        self._kept = kept
        self._tries = tries
        self._first_pause = first_pause
        self._now = now
        self._free = asyncio.Semaphore(self.at_once)
        self._asking: dict[str, tuple[asyncio.Lock, int]] = {}

    def known(self, asked: Asked) -> Reply | None:
        """The kept answer, if there is one; nobody is asked and nothing counted."""
        return self._kept.find(request_sum(self.endpoint.identity, asked))

    async def ask(self, asked: Asked) -> Reply:
        """The answer, kept or new. EngineError after the last try; KeptError, PhotoError."""
        request = request_sum(self.endpoint.identity, asked)
        async with self._alone(request):
            reply = self._kept.find(request)
            if reply is not None:
                self.account.known(reply)
                return reply
            async with self._free:
                started = perf_counter()
                heard = await self._tried(asked)
                reply = Reply(
                    request=request,
                    model=self.endpoint.name,
                    heard=heard,
                    at=self._now(),
                    seconds=round(perf_counter() - started, 3),
                )
                self._kept.keep(reply)
            self.account.paid(reply)
            return reply

    async def _tried(self, asked: Asked) -> Heard:
        for tried in range(1, self._tries + 1):
            try:
                heard = await self.endpoint.ask(asked)
            except EngineError as error:
                if error.code not in PASSING or tried == self._tries:
                    raise
            else:
                if heard.text.strip() or tried == self._tries:
                    return heard
            await asyncio.sleep(min(self._first_pause * 2 ** (tried - 1), _LONGEST_PAUSE))
        raise AssertionError("the last try returns or raises")

    @asynccontextmanager
    async def _alone(self, request: str) -> AsyncIterator[None]:
        """One at a time for each request: the second finds the first one's answer."""
        lock, users = self._asking.get(request, (asyncio.Lock(), 0))
        self._asking[request] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._asking[request]
            if users == 1:
                del self._asking[request]
            else:
                self._asking[request] = (lock, users - 1)
