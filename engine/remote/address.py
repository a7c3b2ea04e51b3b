"""Where a server is: the base of an OpenAI-compatible API, as a person may type it, made exact."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from engine.contract import EngineError

_USUAL_PATH: Final = "/v1"
_ENDPOINTS: Final = ("/chat/completions", "/models")
_EXAMPLE: Final = "Write it like http://127.0.0.1:8000/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """`url` has no slash at its end; `place` is the host, with a port that is not the usual one."""

    url: str
    host: str
    place: str
    secure: bool

    @property
    def loopback(self) -> bool:
        """Whether what is sent there stays on this machine."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def openai(self) -> bool:
        """Whether this is OpenAI's own server, and reached in a way that proves it."""
        ours = self.host == "openai.com" or self.host.endswith(".openai.com")
        return self.secure and ours

    def at(self, path: str) -> str:
        """The whole address of an endpoint such as "models"."""
        return f"{self.url}/{path}"


def parse(text: str) -> Address:
    """The address in a text; EngineError where there is none, or one that carries a secret.

    A bare server gets the usual path /v1; an endpoint's path is cut back to the base.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise _bad("The address of the server cannot be read.") from error
    if not text.strip():
        raise _bad("No server is named.")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise EngineError(
            "bad_address",
            "The address of the server carries a name, a key or options.",
            "Leave them out; give the key by itself in the settings, or in VENUS_API_KEY.",
        )
    if parts.scheme not in ("http", "https") or not host:
        raise _bad("The address of the server needs http:// or https:// and a name after it.")
    shown = f"[{host}]" if ":" in host else host
    place = shown if port is None else f"{shown}:{port}"
    url = urlunsplit(SplitResult(parts.scheme, place, _base(parts.path), "", ""))
    return Address(url, host, place, parts.scheme == "https")


def _base(path: str) -> str:
    path = path.rstrip("/")
    for endpoint in _ENDPOINTS:
        path = path.removesuffix(endpoint)
    return path or _USUAL_PATH


def _bad(reason: str) -> EngineError:
    return EngineError("bad_address", reason, f"{_EXAMPLE}.")
