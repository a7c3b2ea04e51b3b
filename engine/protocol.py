"""The messages between an application and its engine process: one JSON object a line.

To the host, each with an `id` that the sender chooses, increasing:
    {"id": 1, "load": {"engine": "builtin", …}}              an engine.choice.EngineChoice
    {"id": 2, "open": {"photo": "/photos/a.jpg"}}            the id names the conversation
    {"id": 3, "ask": {"conversation": 2, "questions": [{"id": 4, "task": "impression"}, …]}}
    {"id": 5, "close": {"conversation": 2}}
    {"stop": 4}                                              a question's id or a request's

From the host:
    {"id": 1, "progress": {"fraction": 0.5, "text": "…"}}
    {"id": 1, "loaded": {"info": {…}}}      {"id": 2, "opened": {"size": {…}}}
    {"id": 4, "event": {"type": "text", …}} {"id": 5, "closed": {}}
    {"id": 4, "stopped": {}}                {"id": 2, "failed": {"code", "reason", "remedy"}}
    {"beat": 7}                             every BEAT_SECONDS while a request is being worked on

Every load, open and close ends with exactly one of loaded, opened, closed, failed or stopped;
every question ends with a `finished` or `failed` event, or with stopped. Requests are worked on in
order. At the end of its input the host ends itself, whatever it is doing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

Message = Mapping[str, Any]

BEAT_SECONDS: Final = 2.0
"""How often a working host says that it is alive."""

EXIT_OUT_OF_MEMORY: Final = 12
"""The host's exit status when memory ran out (ENOMEM)."""


def encode(message: Message) -> bytes:
    """One line, UTF-8, ending in a newline; paths that are not UTF-8 keep their bytes."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogateescape") + b"\n"


def decode(line: bytes) -> Message:
    """The object in a line; ValueError if there is none."""
    message = json.loads(line.decode("utf-8", "surrogateescape"))
    if not isinstance(message, dict):
        raise ValueError("a message is one JSON object")
    return message
