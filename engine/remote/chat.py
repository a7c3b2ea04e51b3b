"""The JSON of the chat API: what is sent, and what is read out of its answers, tolerantly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.dialogue.speaker import Turn

_TITLES: Final = {
    "vllm": "vLLM",
    "llamacpp": "llama.cpp",
    "organization_owner": "LM Studio",
    "library": "Ollama",
}
"""What `owned_by` tells of the server."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A model that a server offers, and the server's kind where its list betrays it."""

    name: str
    server: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a streamed answer. `ended`: the model has come to its end; `used`: the tokens of
    the whole answer, and `read` those of the whole question, where the server counts them; `cut`:
    the end is that of the tokens allowed.
    """

    text: str = ""
    tokens: int = 0
    ended: bool = False
    used: int | None = None
    read: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """Whole answers to one question, and all their tokens."""

    texts: tuple[str, ...]
    tokens: int


def messages(picture: str | None, history: Sequence[Turn], question: str) -> list[dict[str, Any]]:
    """A conversation about one picture, if any, which stands before the first words: an unchanged
    beginning is what servers keep from one request to the next.
    """
    said: list[dict[str, Any]] = []
    for turn in history:
        said.append({"role": "user", "content": turn.question})
        said.append({"role": "assistant", "content": turn.answer})
    said.append({"role": "user", "content": question})
    if picture is None:
        return said
    shown = {"type": "image_url", "image_url": {"url": picture}}
    said[0]["content"] = [shown, {"type": "text", "text": said[0]["content"]}]
    return said


def listed(data: Any) -> tuple[Listed, ...] | None:
    """The models in an answer to /models; None if it is none."""
    models = data.get("data") if isinstance(data, Mapping) else None
    if not isinstance(models, list):
        return None
    return tuple(
        Listed(each["id"], _TITLES.get(str(each.get("owned_by")), ""))
        for each in models
        if isinstance(each, Mapping) and isinstance(each.get("id"), str)
    )


def delta(data: Any) -> Delta | None:
    """A piece in a line of a stream; None if it is none. Thoughts count as tokens, unsaid."""
    choices = data.get("choices") if isinstance(data, Mapping) else None
    if not isinstance(choices, list):
        return None
    used, read = _used(data), _used(data, "prompt_tokens")
    if not choices or not isinstance(choices[0], Mapping):
        return Delta(used=used, read=read)
    reason = choices[0].get("finish_reason")
    part = choices[0].get("delta") or choices[0].get("message") or {}
    text = part.get("content") if isinstance(part, Mapping) else None
    thought = isinstance(part, Mapping) and (part.get("reasoning_content") or part.get("reasoning"))
    text = text if isinstance(text, str) else ""
    return Delta(
        text, 1 if text or thought else 0, reason is not None, used, read, reason == "length"
    )


def completion(data: Any) -> Completion | None:
    """The answers in the reply to a request that does not stream; None if it is none."""
    choices = data.get("choices") if isinstance(data, Mapping) else None
    if not isinstance(choices, list) or not choices:
        return None
    parts = [each.get("message") for each in choices if isinstance(each, Mapping)]
    texts = [part.get("content") for part in parts if isinstance(part, Mapping)]
    if not texts:
        return None
    return Completion(
        tuple(text if isinstance(text, str) else "" for text in texts), _used(data) or 0
    )


def failure(data: Any) -> int | None:
    """The status of the error that a line of a stream tells of, in any of the servers' layouts."""
    if not isinstance(data, Mapping) or not (data.get("error") or data.get("object") == "error"):
        return None
    error = data["error"] if isinstance(data.get("error"), Mapping) else data
    code = error.get("code")
    return code if isinstance(code, int) and code >= 400 else 500


def limited(tokens: int, *, openai: bool) -> dict[str, int]:
    """At most so many tokens. OpenAI's own newer models know another name only, others this one."""
    return {"max_completion_tokens" if openai else "max_tokens": tokens}


def _used(data: Mapping[str, Any], name: str = "completion_tokens") -> int | None:
    usage = data.get("usage")
    tokens = usage.get(name) if isinstance(usage, Mapping) else None
    return tokens if isinstance(tokens, int) else None
