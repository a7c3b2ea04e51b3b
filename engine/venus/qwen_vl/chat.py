"""A conversation as Qwen-VL-Chat was taught it: the prompt, its history, and where answers stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from engine.dialogue.speaker import Turn
from engine.venus.qwen_vl.tokenizer import QwenTokenizer, Tags

SYSTEM: Final = "You are a helpful assistant."
WINDOW: Final = 6144
"""Tokens that the system's words and the history may fill together."""


class Piece(NamedTuple):
    """A few tokens of a conversation, and whether training learns them."""

    ids: list[int]
    learned: bool


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
    opening = _said(tokenizer, "system", system)
    newline = tokenizer.encode("\n")
    kept: list[int] = []
    for turn in reversed(history):
        asked = _said(tokenizer, "user", turn.question)
        answered = _said(tokenizer, "assistant", turn.answer)
        said = [*newline, *asked, *newline, *answered]
        if len(opening) + len(said) + len(kept) >= window:
            break
        kept = said + kept
    return [
        *opening,
        *kept,
        *newline,
        *_said(tokenizer, "user", query),
        *newline,
        *joined(answer_opening(tokenizer)),
    ]


def message(tokenizer: QwenTokenizer, role: str, said: list[int]) -> list[Piece]:
    """One message from its tag to its tag; training learns both, and what the assistant said."""
    return [
        Piece([tokenizer.im_start_id], learned=True),
        Piece([*tokenizer.encode(role), *tokenizer.encode("\n")], learned=False),
        Piece(said, learned=role == "assistant"),
        Piece([tokenizer.im_end_id], learned=True),
    ]


def answer_opening(tokenizer: QwenTokenizer) -> list[Piece]:
    """What stands before the first token of an answer."""
    return message(tokenizer, "assistant", [])[:2]


def joined(pieces: Sequence[Piece]) -> list[int]:
    """The ids of pieces, one after the other."""
    return [token for piece in pieces for token in piece.ids]


def _said(tokenizer: QwenTokenizer, role: str, text: str) -> list[int]:
    return joined(message(tokenizer, role, tokenizer.encode(text, tags=Tags.VISUAL)))


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
