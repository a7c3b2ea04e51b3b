"""What a server or the way to it may answer instead of words, told so that a person can act."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from engine.contract import EngineError
from engine.remote.address import Address
from engine.remote.keys import OUR_VARIABLE, Key

_QUOTED: Final = 240
"""So many characters of a server's own words are shown."""

_NO_VISION: Final = re.compile(
    r"not a multi-?modal|at most 0 image|(?:image|vision) input is not supported|mmproj"
    r"|(?:not|n't) support (?:\w+ )?(?:image|vision|multi-?modal)|support (?:image|vision) input"
    r"|missing data required for image|image_url'? is only supported"
    r"|invalid content type.{0,20}image_url|unknown part type.{0,10}image",
    re.IGNORECASE,
)
"""vLLM; llama.cpp; LM Studio, Ollama and others; OpenRouter; Ollama; OpenAI."""

_TOO_LONG: Final = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|maximum model length"
    r"|max_model_len|exceeds the available context|context (?:length|size|window)"
    r"|context the overflows",
    re.IGNORECASE,
)
"""OpenAI; llama.cpp; vLLM; LM Studio."""

_NO_MODEL: Final = re.compile(
    r"model_not_found|model\b.{0,120}(?:not found|does not exist|not exist|not loaded)"
    r"|no models? (?:is |are )?loaded|unknown model|invalid model",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondent:
    """Whom an error is about."""

    address: Address
    model: str = ""
    key: Key | None = None

    def quoted(self, words: str) -> str:
        """The server's own words, short and on one line, without the key; "" if there are none."""
        hidden = self.key.hidden(words) if self.key else words
        line = " ".join(hidden.split())
        if not line or line.startswith("<"):  # a page for people who browse
            return ""
        return f" It says: “{line[:_QUOTED]}{'…' if len(line) > _QUOTED else ''}”"


def from_transport(error: httpx2.TransportError, about: Correspondent) -> EngineError:
    """The way to the server failed."""
    place = about.address.place
    if isinstance(error, httpx2.ConnectTimeout):
        return EngineError(
            "server_timeout",
            f"{place} does not answer.",
            "Look whether the server runs there and the network lets you through.",
        )
    if isinstance(error, httpx2.TimeoutException):
        return EngineError(
            "server_timeout",
            f"{place} took the question and has been silent for too long.",
            "Look whether the server is overloaded, or ask again later.",
        )
    if isinstance(error, httpx2.ProxyError):
        return EngineError(
            "server_proxy",
            f"The proxy on the way to {place} refuses.",
            "Look at HTTPS_PROXY and HTTP_PROXY, or name the server in NO_PROXY.",
        )
    causes = tuple(_causes(error))
    if tls := next((each for each in causes if isinstance(each, ssl.SSLError)), None):
        return _tls(tls, about.address)
    if any(isinstance(each, socket.gaierror) for each in causes):
        return EngineError(
            "server_unknown",
            f"There is no server called {about.address.host}, or the network is down.",
            "Look at the server's address in the settings.",
        )
    if isinstance(error, httpx2.ConnectError):
        return EngineError(
            "server_refused",
            f"Nothing answers at {place}.",
            "Start the server there, or look at the address and the port in the settings.",
        )
    return EngineError(
        "connection_lost",
        f"The connection to {place} broke off.",
        "Ask again; if it happens again, look at the server's log.",
    )


def _tls(error: ssl.SSLError, address: Address) -> EngineError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return EngineError(
            "server_certificate",
            f"{address.place} cannot prove who it is ({error.verify_message}).",
            "Add the certificate of the authority that signed the server's to this system's own.",
        )
    return EngineError(
        "server_tls",
        f"{address.place} speaks no TLS that is understood here.",
        "If the server has no encryption, begin its address with http://",
    )


def from_status(status: int, body: str, about: Correspondent) -> EngineError:
    """The server answered with an error."""
    message, tags = server_words(body)
    words, place = f"{message} {tags}", about.address.place
    said = about.quoted(message)
    if _NO_VISION.search(words):
        return EngineError(
            "no_vision",
            f"The model {about.model} at {place} cannot see pictures.{said}",
            "Choose a model with vision (llama.cpp: start it with its --mmproj file).",
        )
    if status in (401, 407):
        return _unauthorised(place, said, about.key)
    if status == 403:
        return EngineError(
            "forbidden",
            f"{place} does not allow this.{said}",
            "Ask whoever runs the server, or choose another model there.",
        )
    if status == 413 or _TOO_LONG.search(words):
        return EngineError(
            "context_too_long",
            f"The photo and the conversation are longer than the model takes in.{said}",
            "Ask a shorter question, or start the server with a longer context.",
        )
    if about.model and (status == 404 or status < 500) and _NO_MODEL.search(words):
        return model_unknown(about, ())
    if status == 404 or status == 405 or 300 <= status < 400:
        return EngineError(
            "not_found",
            f"{about.address.url} is not the base of an OpenAI-compatible API (status {status}).",
            "Look at the address: most servers want /v1 at its end.",
        )
    if status == 402 or "insufficient_quota" in words:
        return EngineError(
            "quota_spent",
            f"What you may ask of {place} is used up.{said}",
            "Look at your account there, or choose another server.",
        )
    if status == 429:
        return EngineError(
            "server_busy",
            f"{place} takes no more questions for now.{said}",
            "Wait a little and ask again.",
        )
    if status >= 500:
        return EngineError(
            "server_fault",
            f"{place} failed (status {status}).{said}",
            "Ask again; if it happens again, look at the server's log.",
        )
    return EngineError(
        "server_rejected",
        f"{place} does not take the question (status {status}).{said}",
        "Look whether the server's version and the model are meant for pictures in a chat.",
    )


def _unauthorised(place: str, said: str, key: Key | None) -> EngineError:
    if key is None:
        reason = f"{place} wants a key, and none is known.{said}"
        return EngineError(
            "unauthorised", reason, f"Give the server's key in the settings, or in {OUR_VARIABLE}."
        )
    return EngineError(
        "unauthorised",
        f"{place} does not accept the key from {key.found}.{said}",
        "Give the server's right key in the settings.",
    )


def model_unknown(about: Correspondent, there: Sequence[str]) -> EngineError:
    """The server has no such model; `there` are those that it has, if that is known."""
    place = about.address.place
    asked = f"{place} has no model called {about.model!r}."
    if not there:
        return EngineError("model_unknown", asked, "Load the model there, or choose another.")
    shown = ", ".join(there[:_LISTED]) + (", …" if len(there) > _LISTED else "")
    if not about.model:
        asked = f"{place} has several models, and none is chosen."
    return EngineError("model_unknown", asked, f"Choose one of these: {shown}.")


_LISTED: Final = 12


def impossible_address(about: Correspondent) -> EngineError:
    """No server can have this address."""
    return EngineError(
        "bad_address",
        f"There can be no server called {about.address.host!r}.",
        "Look at the server's address in the settings.",
    )


def bad_answer(about: Correspondent) -> EngineError:
    """What came is not what an OpenAI-compatible server sends."""
    return EngineError(
        "bad_answer",
        f"{about.address.place} sends what is no answer of an OpenAI-compatible server.",
        "Look at the address, and whether something else answers in the server's place.",
    )


def cut_off(about: Correspondent) -> EngineError:
    """The answer ended without its end."""
    return EngineError(
        "connection_lost",
        f"{about.address.place} broke off in the middle of its answer.",
        "Ask again; if it happens again, look at the server's log.",
    )


def server_words(body: str) -> tuple[str, str]:
    """What an error's body says to people, in any of the layouts that servers use, and the words
    that it has for programs.
    """
    try:
        data = json.loads(body)
    except ValueError:
        return body, ""
    error = data.get("error", data) if isinstance(data, dict) else data
    if not isinstance(error, dict):
        return _plain(error), ""
    said = " ".join(_plain(error[name]) for name in ("message", "detail") if error.get(name))
    return said, " ".join(_plain(error[name]) for name in ("type", "code") if error.get(name))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it, through groups, too."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
