"""Requests to one server: its models, a streamed answer, a few whole ones; tried again in bounds.

Everything here is asynchronous; `errands` runs it for callers that are not.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final

import httpx2

from engine.contract import EngineError
from engine.remote import chat, errors
from engine.remote.errors import Correspondent

Body = dict[str, Any]

_BUSY: Final = frozenset({"server_busy", "server_fault", "connection_lost"})
"""Failures that may pass by themselves."""

_ERROR_BYTES: Final = 1 << 16
"""As much of an error's body is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a server is waited for, in seconds, and how often a request is tried in all.

    `silence` is long, because a model on a CPU reads a photo for minutes before its first word.
    A server that asks for a pause longer than `longest_pause` is not waited for.
    """

    connect: float = 10.0
    silence: float = 300.0
    tries: int = 4
    first_pause: float = 1.0
    longest_pause: float = 60.0


class Client:
    """One server and one model there. Holds no connection: `connected` opens some for a task."""

    def __init__(self, about: Correspondent, patience: Patience) -> None:
        self.about = about
        self._patience = patience

    def of(self, model: str) -> Client:
        """The same server with another model."""
        return Client(replace(self.about, model=model), self._patience)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[httpx2.AsyncClient]:
        """Connections, closed at the end. Redirects are not followed: they would take photo and
        key to another server. A proxy never stands before this machine's own servers.
        """
        address, key, patience = self.about.address, self.about.key, self._patience
        async with httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {key.secret}"} if key else {},
            timeout=httpx2.Timeout(patience.silence, connect=patience.connect),
            verify=_tls(),
            follow_redirects=False,
            trust_env=not address.loopback,
        ) as http:
            yield http

    async def models(self) -> tuple[chat.Listed, ...]:
        """The models that the server offers."""
        async with self.connected() as http:
            return await self._models(http)

    async def stream(self, body: Body) -> AsyncIterator[chat.Delta]:
        """A streamed answer. One that the server sends whole in spite of that is taken, too."""
        asked = {**body, "stream": True, "stream_options": {"include_usage": True}}
        async with self.connected() as http, self._chat(http, asked) as response:
            ended = False
            try:
                async for piece in self._pieces(response):
                    ended = ended or piece.ended
                    yield piece
            except httpx2.TransportError as error:
                raise self._broken(error) from error
            if not ended:
                raise errors.cut_off(self.about)

    async def complete(self, http: httpx2.AsyncClient, body: Body) -> chat.Completion:
        """Whole answers: as many as `n` in the body asks for, or fewer."""
        async with self._chat(http, body) as response:
            answer = chat.completion(await self._json(response))
        if answer is None:
            raise errors.bad_answer(self.about)
        return answer

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    async def _pieces(self, response: httpx2.Response) -> AsyncIterator[chat.Delta]:
        if response.headers.get("content-type", "").startswith("application/json"):
            yield self._piece(await self._json(response))
            return
        ended = False
        async for event in httpx2.EventSource(response):
            if event.data.strip() == "[DONE]":
                if not ended:
                    yield chat.Delta(ended=True)
                return
            try:
                piece = self._piece(json.loads(event.data))
            except ValueError as error:
                raise errors.bad_answer(self.about) from error
            ended = ended or piece.ended
            yield piece

    def _piece(self, data: Any) -> chat.Delta:
        if (status := chat.failure(data)) is not None:
            raise errors.from_status(status, json.dumps(data), self.about)
        if (piece := chat.delta(data)) is None:
            raise errors.bad_answer(self.about)
        return piece

    async def _json(self, response: httpx2.Response) -> Any:
        try:
            return json.loads(await response.aread())
        except httpx2.TransportError as error:
            raise self._broken(error) from error
        except ValueError as error:
            raise errors.bad_answer(self.about) from error

    def _broken(self, error: httpx2.TransportError) -> EngineError:
        """What ended an answer that had begun."""
        if isinstance(error, httpx2.SSEError):
            return errors.bad_answer(self.about)
        return errors.from_transport(error, self.about)

    async def _models(self, http: httpx2.AsyncClient) -> tuple[chat.Listed, ...]:
        request = self._request(http, "GET", "models")
        async with self._answered(http, request) as response:
            models = chat.listed(await self._json(response))
        if models is None:
            raise errors.bad_answer(self.about)
        return models

    # ── asking ───────────────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def _chat(self, http: httpx2.AsyncClient, body: Body) -> AsyncIterator[httpx2.Response]:
        """The answer to a chat request; an unknown model's error names those that there are."""
        asked = {"model": self.about.model, **body}
        request = self._request(http, "POST", "chat/completions", asked)
        try:
            async with self._answered(http, request) as response:
                yield response
        except EngineError as error:
            if error.code != "model_unknown":
                raise
            there = [each.name for each in await self._models(http)]
            raise errors.model_unknown(self.about, there) from error

    def _request(
        self, http: httpx2.AsyncClient, method: str, path: str, body: Body | None = None
    ) -> httpx2.Request:
        try:
            return http.build_request(method, self.about.address.at(path), json=body)
        except httpx2.InvalidURL as error:
            raise errors.impossible_address(self.about) from error

    @asynccontextmanager
    async def _answered(
        self, http: httpx2.AsyncClient, request: httpx2.Request
    ) -> AsyncIterator[httpx2.Response]:
        """A good answer's head, its body not yet read; tried again where that may help."""
        for tried in range(1, self._patience.tries + 1):
            wanted: float | None = None
            try:
                response = await http.send(request, stream=True)
            except httpx2.TransportError as error:
                failed = errors.from_transport(error, self.about)
                failed.__cause__ = error
            else:
                try:
                    if response.is_success:
                        yield response
                        return
                    wanted = retry_after(response.headers)
                    failed = await self._refusal(response)
                finally:
                    await response.aclose()
            pause = self._patience.first_pause * 2 ** (tried - 1) if wanted is None else wanted
            last = tried == self._patience.tries or pause > self._patience.longest_pause
            if failed.code not in _BUSY or last:
                raise failed
            await asyncio.sleep(pause)

    async def _refusal(self, response: httpx2.Response) -> EngineError:
        body = b""
        try:
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _ERROR_BYTES:
                    break
        except httpx2.TransportError as error:
            return self._broken(error)
        return errors.from_status(response.status_code, body.decode("utf-8", "replace"), self.about)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that a server asks for in Retry-After, as a number or as a date; None if it asks not
    or is not understood.
    """
    wanted = headers.get("retry-after", "").strip()
    if wanted.replace(".", "", 1).isdecimal():
        return float(wanted)
    try:
        until = parsedate_to_datetime(wanted)
    except ValueError:
        return None
    if until.tzinfo is None:
        return None
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())


@cache
def _tls() -> ssl.SSLContext:
    """The system's own trust, read once: that takes a while."""
    return httpx2.create_ssl_context()
