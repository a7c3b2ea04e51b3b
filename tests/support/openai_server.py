"""An OpenAI-compatible server on loopback that answers as it is told, and remembers what it saw.

    with OpenAIServer() as server:
        server.replies += [Status(429, headers={"Retry-After": "0"}), Says("Hello there")]
        ...ask server.url...
        assert server.chats[0].body["model"] == "tiny-vl"

`replies` are used up one by one by chat requests; after them, or without any, `answer` makes one.
"""

from __future__ import annotations

import base64
import json
import re
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any


@dataclass(frozen=True)
class Says:
    """An answer, streamed or whole as the request wants it. It is streamed word by word unless
    `split` says otherwise, after the `thought`, which is sent as reasoning; `choices` gives the
    texts of a whole answer's choices, which otherwise are all alike.
    """

    text: str = ""
    pause: float = 0.0
    finish: str | None = "stop"
    done: bool = True
    used: int | None = None
    read: int | None = None
    split: tuple[str, ...] = ()
    thought: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def pieces(self) -> tuple[str, ...]:
        return self.split or tuple(re.findall(r"\s*\S+", self.text))


@dataclass(frozen=True)
class Status:
    """An error as the API tells it; `body` for another layout."""

    status: int
    message: str = "refused"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Stalls:
    """Some pieces, then nothing until the other end goes away; without pieces not even a head."""

    pieces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cuts:
    """Some pieces, then the connection is cut."""

    pieces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Raw:
    """Exactly these bytes as a good answer's body."""

    body: bytes
    kind: str = "text/event-stream"


Reply = Says | Status | Stalls | Cuts | Raw


@dataclass
class Request:
    """What a client asked. `left` is set once its connection was seen to end early, `answered` once
    a `Says` was sent to its end.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    left: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)

    @property
    def question(self) -> str:
        """The words of the last message."""
        content = self.body["messages"][-1]["content"]
        if isinstance(content, str):
            return content
        return "".join(part.get("text", "") for part in content)

    @property
    def pictures(self) -> list[bytes]:
        """The files of all pictures, in order."""
        parts = [
            part
            for message in self.body["messages"]
            if isinstance(message["content"], list)
            for part in message["content"]
            if part["type"] == "image_url"
        ]
        return [base64.b64decode(part["image_url"]["url"].partition(",")[2]) for part in parts]


class OpenAIServer:
    """Serves /v1/models and /v1/chat/completions from threads of its own until it is closed."""

    def __init__(
        self,
        *,
        models: Sequence[str] = ("tiny-vl",),
        owned_by: str = "vllm",
        key: str | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self.models = list(models)
        self.owned_by = owned_by
        self.key = key
        self.replies: deque[Reply] = deque()
        self.answer: Callable[[Request], Reply] = lambda _: Says("Good light.")
        self.models_reply: Reply | None = None
        self.many = True
        """Whether it heeds `n`."""
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._http = _Listener(("127.0.0.1", 0), _Handler)
        self._http.scripted = self
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self._scheme = "http" if tls is None else "https"
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> OpenAIServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.closing.set()
        self._http.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._http.server_address[1]

    @property
    def url(self) -> str:
        """The base address, as one types it."""
        return f"{self._scheme}://127.0.0.1:{self.port}/v1"

    @property
    def chats(self) -> list[Request]:
        """The chat requests, in the order in which they came."""
        return [each for each in self.requests if each.path.endswith("/chat/completions")]

    def next_reply(self, request: Request) -> Reply:
        with self._lock:
            if self.replies:
                return self.replies.popleft()
        return self.answer(request)

    def remember(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)

    def busy(self, more: int) -> None:
        """One chat more, or one less, is being answered."""
        with self._lock:
            self._at_once += more
            self.most_at_once = max(self.most_at_once, self._at_once)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True
    scripted: OpenAIServer

    def __init__(self, *arguments: Any) -> None:
        self.closing = threading.Event()
        super().__init__(*arguments)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that ends early is what the tests are about."""


class _GoneError(Exception):
    """The client has closed its connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener  # pyright: ignore[reportIncompatibleVariableOverride]

    def log_message(self, format: str, *args: Any) -> None:
        """Tests look at `requests` instead."""

    def do_GET(self) -> None:
        request = self._take()
        if not self._allowed(request):
            return
        if not request.path.endswith("/v1/models"):
            self._send(404, {"detail": "Not Found"})
        elif (reply := self._script.models_reply) is not None:
            self._reply(request, reply)
        else:
            offered = [
                {"id": model, "object": "model", "owned_by": self._script.owned_by}
                for model in self._script.models
            ]
            self._send(200, {"object": "list", "data": offered})

    def do_POST(self) -> None:
        request = self._take()
        if not self._allowed(request):
            return
        if not request.path.endswith("/v1/chat/completions"):
            self._send(404, {"detail": "Not Found"})
        elif request.body.get("model") not in self._script.models:
            message = f"The model `{request.body.get('model')}` does not exist."
            self._send(404, {"object": "error", "message": message, "type": "NotFoundError"})
        else:
            self._script.busy(1)
            try:
                self._reply(request, self._script.next_reply(request))
            finally:
                self._script.busy(-1)

    @property
    def _script(self) -> OpenAIServer:
        return self.server.scripted

    def _take(self) -> Request:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(
            self.command, self.path, dict(self.headers), json.loads(body) if body else None
        )
        self._script.remember(request)
        return request

    def _allowed(self, request: Request) -> bool:
        key = self._script.key
        if key is None or request.headers.get("Authorization") == f"Bearer {key}":
            return True
        self._send(401, {"error": {"message": "Unauthorized", "type": "auth"}})
        return False

    def _reply(self, request: Request, reply: Reply) -> None:
        try:
            match reply:
                case Says() if (request.body or {}).get("stream"):
                    self._stream(reply)
                case Says():
                    self._whole(request, reply)
                case Status():
                    error = {"error": {"message": reply.message, "code": reply.status}}
                    self._send(reply.status, reply.body or error, reply.headers)
                case Stalls():
                    self._begin_and_say(reply.pieces)
                    while True:
                        self._stay(0.01)
                case Cuts():
                    self._begin_and_say(reply.pieces)
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                case Raw():
                    self._send(200, reply.body, {"Content-Type": reply.kind})
            if isinstance(reply, Says):
                request.answered.set()
        except (_GoneError, OSError):
            request.left.set()
            self.close_connection = True

    def _stream(self, reply: Says) -> None:
        self._head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        for thought in reply.thought:
            self._event({"choices": [{"index": 0, "delta": {"reasoning_content": thought}}]})
        for piece in reply.pieces:
            self._say(piece)
            self._stay(reply.pause)
        if reply.finish:
            end = {"index": 0, "delta": {}, "finish_reason": reply.finish}
            self._event({"choices": [end]})
        if reply.used is not None:
            usage = {"completion_tokens": reply.used}
            if reply.read is not None:
                usage["prompt_tokens"] = reply.read
            self._event({"choices": [], "usage": usage})
        if reply.done:
            self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _whole(self, request: Request, reply: Says) -> None:
        self._stay(reply.pause)
        wanted = request.body.get("n", 1) if self._script.many else 1
        texts = reply.choices or (reply.text or "".join(reply.pieces),) * wanted
        choices = [
            {"index": i, "message": {"content": text}, "finish_reason": reply.finish}
            for i, text in enumerate(texts[:wanted])
        ]
        used = reply.used if reply.used is not None else 10 * len(choices)
        self._send(200, {"choices": choices, "usage": {"completion_tokens": used}})

    def _begin_and_say(self, pieces: Sequence[str]) -> None:
        if pieces:
            self._head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
            for piece in pieces:
                self._say(piece)

    def _say(self, piece: str) -> None:
        self._event({"choices": [{"index": 0, "delta": {"content": piece}}]})

    def _event(self, data: Any) -> None:
        self._chunk(f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _stay(self, seconds: float) -> None:
        """Wait, and look whether anyone is still there."""
        until = time.monotonic() + seconds
        while True:
            rest = max(0.0, min(0.02, until - time.monotonic()))
            readable = select.select([self.connection], [], [], rest)[0]
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise _GoneError
            if self.server.closing.is_set():
                raise _GoneError
            if time.monotonic() >= until:
                return

    def _send(self, status: int, data: Any, headers: Mapping[str, str] | None = None) -> None:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        more = {"Content-Type": "application/json", **(headers or {})}
        self._head(status, {**more, "Content-Length": str(len(body))})
        self.wfile.write(body)
        self.wfile.flush()

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
