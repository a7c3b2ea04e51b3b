"""One request to a model and its answer, as values, and the sum that names the request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from engine.dialogue.speaker import Turn
from engine.vocabulary import Box
from engine.wire import to_json

LONG_SIDE: Final = 1024
"""Pixels on the longer side of a photo that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How an answer is drawn; None leaves it to the model's own defaults."""

    temperature: float | None = None
    top_p: float | None = None
    most_tokens: int = 2048
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo as a model is shown it: at most `long_side` pixels long, `box` drawn in red.

    `digest` is the SHA-256 of its file: what is shown follows from it and from the rest here, so
    that a request has its name before any pixel is decoded.
    """

    path: Path
    digest: str
    box: Box | None = None
    long_side: int = LONG_SIDE

    @classmethod
    def of(cls, path: Path, box: Box | None = None) -> Shown:
        """The photo of this path. OSError where the file cannot be read."""
        with path.open("rb") as file:
            return cls(path, hashlib.file_digest(file, "sha256").hexdigest(), box)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question after a history, about a photo or none."""

    words: str
    history: tuple[Turn, ...] = ()
    shown: Shown | None = None
    sampling: Sampling = field(default_factory=Sampling)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a model said. `prompt_tokens` is None where nobody counted them; `cut`: the answer came
    to the tokens allowed, not to its end.
    """

    text: str
    answer_tokens: int
    prompt_tokens: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A kept answer: to which request, of whom, when (UTC, ISO 8601) and at what expense."""

    request: str
    model: str
    heard: Heard
    at: str
    seconds: float


class Endpoint(Protocol):
    """Someone to ask. `identity` tells it from others in requests' sums; `at_most` bounds how many
    requests it bears at a time, None for as many as are wanted.
    """

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> Mapping[str, Any]: ...

    @property
    def at_most(self) -> int | None: ...

    async def ask(self, asked: Asked) -> Heard:
        """One answer. EngineError where there is none, PhotoError where the photo is unreadable."""
        ...


def request_sum(identity: Mapping[str, Any], asked: Asked) -> str:
    """The SHA-256 of a whole request: who is asked, every word, the photo's bytes and how it is
    shown, the sampling.
    """
    shown = asked.shown
    picture = None
    if shown is not None:
        picture = {
            "file": shown.digest,
            "long_side": shown.long_side,
            "box": None if shown.box is None else to_json(shown.box),
        }
    whole = {
        "to": dict(identity),
        "words": asked.words,
        "history": [[each.question, each.answer] for each in asked.history],
        "picture": picture,
        "sampling": to_json(asked.sampling),
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode("ascii")).hexdigest()
