"""A conversation as Qwen-VL-Chat was taught it: the prompt, its history, and where answers stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.venus.qwen_vl.tokenizer import QwenTokenizer, Tags

SYSTEM: Final = "You are a helpful assistant."
WINDOW: Final = 6144
"""Tokens that the system's words and the history may fill together."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked and what was answered."""

    query: str
    answer: str


def picture_query(text: str, paths: Sequence[str]) -> str:
    """A question about pictures: each on a line of its own, numbered from 1, then the text."""
    lines = [f"Picture {number}: <img>{path}</img>\n" for number, path in enumerate(paths, start=1)]
    return "".join(lines) + text


def prompt_ids(
    tokenizer: QwenTokenizer,
    query: str,
    *,
    history: Sequence[Turn] = (),
    system: str = SYSTEM,
    window: int = WINDOW,
) -> list[int]:
    """The ids that ask `query` after `history`, up to where the answer begins.

    Of the history, the newest turns stay while they and the system's words have fewer than
    `window` tokens; the query is not counted, as in the original.
    """
    opening = _message(tokenizer, "system", system)
    newline = tokenizer.encode("\n")
    kept: list[int] = []
    for turn in reversed(history):
        asked = _message(tokenizer, "user", turn.query)
        answered = _message(tokenizer, "assistant", turn.answer)
        said = [*newline, *asked, *newline, *answered]
        if len(opening) + len(said) + len(kept) >= window:
            break
        kept = said + kept
    return [
        *opening,
        *kept,
        *newline,
        *_message(tokenizer, "user", query),
        *newline,
        tokenizer.im_start_id,
        *tokenizer.encode("assistant"),
        *newline,
    ]


def _message(tokenizer: QwenTokenizer, role: str, text: str) -> list[int]:
    words = tokenizer.encode(text, tags=Tags.VISUAL)
    return [
        tokenizer.im_start_id,
        *tokenizer.encode(role),
        *tokenizer.encode("\n"),
        *words,
        tokenizer.im_end_id,
    ]


def stop_ids(tokenizer: QwenTokenizer) -> list[int]:
    """Ids that end an answer: the end of the message, a new one, the end of the text."""
    return [tokenizer.im_end_id, tokenizer.im_start_id, tokenizer.end_of_text_id]


def generation_settings(tokenizer: QwenTokenizer) -> dict[str, Any]:
    """What `generate` needs beside the checkpoint's own settings to stop where an answer ends."""
    return {"eos_token_id": stop_ids(tokenizer), "pad_token_id": tokenizer.pad_id}


def answer_text(tokenizer: QwenTokenizer, ids: Sequence[int]) -> str:
    """The text of generated ids, up to where the answer ends."""
    stops = set(stop_ids(tokenizer))
    end = next((place for place, token in enumerate(ids) if token in stops), len(ids))
    return tokenizer.decode(ids[:end])
