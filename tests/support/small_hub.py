"""A small hub on loopback that answers as the real one does, and misbehaves to order."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
COMMIT = "c0ffee" * 6 + "c0ff"


@dataclass
class Misbehaviour:
    """What goes wrong. Numbers count down as it happens.

    `drop_after`: bytes of a body after which the connection is cut, one for each cut to make.
    `stall_after`: bytes of a body after which nothing more comes until the hub ends.
    `statuses`: answers given instead of files, one for each request. `gate`: 401 or 403.
    """

    drop_after: list[int] = field(default_factory=list)
    stall_after: int | None = None
    statuses: list[int] = field(default_factory=list)
    gate: int | None = None
    ignores_ranges: bool = False
    lies_about: set[str] = field(default_factory=set)
    answers_pages: bool = False
    files_are_pages: bool = False


@dataclass
class SmallHub:
    """Repositories by name, each with its files; `sent` is what was served: file, start, bytes."""

    repos: dict[str, dict[str, bytes]]
    address: str = ""
    commit: str = COMMIT
    wrong: Misbehaviour = field(default_factory=Misbehaviour)
    requests: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    sent: list[tuple[str, int, int]] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def bytes_sent(self, name: str) -> int:
        return sum(count for file, _, count in self.sent if file == name)


@contextmanager
def small_hub(repos: dict[str, dict[str, bytes]]) -> Iterator[SmallHub]:
    """Serve the repositories until the end of the block."""
    hub = SmallHub(repos)

    class Handler(_Handler):
        served = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        hub.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def only_here(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    """Leave out this machine's proxies and tokens, also in processes that are started."""
    from huggingface_hub import constants
    from huggingface_hub.utils import close_session

    for name in (*PROXIES, "HF_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(folder / "hf"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(folder / "hf" / "token"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    close_session()
    yield
    close_session()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: SmallHub

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        hub = self.served
        path = unquote(urlsplit(self.path).path)
        hub.requests.append(path)
        hub.agents.add(self.headers.get("user-agent", ""))
        hub.tokens.add(self.headers.get("authorization", ""))
        if hub.wrong.answers_pages or (hub.wrong.files_are_pages and "/storage/" in path):
            return self._plain(200, b"<html>Please log in to this network</html>", "text/html")
        if listing := re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/([^/]+)", path):
            return self._listing(listing[1], listing[2])
        if file := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._redirect(file[1], file[2], file[3])
        if file := re.fullmatch(r"/storage/([^/]+/[^/]+)/(.+)", path):
            return self._file(file[1], file[2], body=body)
        return self._plain(404, b"{}")

    def _listing(self, repo: str, revision: str) -> None:
        hub = self.served
        if repo not in hub.repos or revision not in ("main", hub.commit):
            # The real one says 401 of what is not there, to whoever is not logged in.
            return self._plain(401, b"{}", code="RepoNotFound")
        if hub.wrong.statuses:
            return self._plain(hub.wrong.statuses.pop(0), b"{}")
        siblings = [self._sibling(name, data) for name, data in hub.repos[repo].items()]
        value = {"id": repo, "sha": hub.commit, "siblings": siblings, "tags": [], "private": False}
        return self._plain(200, json.dumps(value).encode())

    def _sibling(self, name: str, data: bytes) -> dict[str, Any]:
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        found: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": blob}
        if not name.endswith((".json", ".md", ".txt", ".py")):
            sha256 = hashlib.sha256(data).hexdigest()
            if name in self.served.wrong.lies_about:
                sha256 = sha256[::-1]
            found["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 130}
        return found

    def _redirect(self, repo: str, revision: str, name: str) -> None:
        hub = self.served
        if hub.wrong.gate:
            return self._plain(hub.wrong.gate, b"{}", code="GatedRepo")
        if hub.wrong.statuses:
            return self._plain(hub.wrong.statuses.pop(0), b"{}")
        if revision != hub.commit or name not in hub.repos.get(repo, {}):
            return self._plain(404, b"{}", code="EntryNotFound")
        self.send_response(302)
        self.send_header("location", f"/storage/{repo}/{name}")
        self.send_header("content-length", "0")
        self.send_header("x-repo-commit", hub.commit)
        self.end_headers()
        return None

    def _file(self, repo: str, name: str, *, body: bool) -> None:
        hub = self.served
        data = hub.repos[repo][name]
        wish = re.match(r"bytes=(\d+)-", self.headers.get("range", ""))
        start = int(wish[1]) if wish and not hub.wrong.ignores_ranges else 0
        if start >= len(data) > 0:
            return self._plain(416, b"{}")
        self.send_response(206 if start else 200)
        self.send_header("content-length", str(len(data) - start))
        if start:
            self.send_header("content-range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if not body:
            return None
        rest = data[start:]
        if hub.wrong.drop_after and name.endswith((".bin", ".safetensors")):
            rest = rest[: hub.wrong.drop_after.pop(0)]
            self.close_connection = True
        stall = hub.wrong.stall_after
        if stall is not None and name.endswith((".bin", ".safetensors")):
            rest = rest[:stall]
        hub.sent.append((name, start, len(rest)))
        self.wfile.write(rest)
        self.wfile.flush()
        if stall is not None and len(rest) == stall:
            hub.stalled.set()
            hub.over.wait(30)
            self.close_connection = True
        return None

    def _plain(
        self, status: int, data: bytes, kind: str = "application/json", code: str = ""
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        if code:
            self.send_header("x-error-code", code)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
