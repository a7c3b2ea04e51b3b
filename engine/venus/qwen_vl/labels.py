"""What training learns from a conversation: its ids, and the labels that count in the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.venus.qwen_vl.chat import SYSTEM, Piece, message
from engine.venus.qwen_vl.tokenizer import QwenTokenizer, Tags

IGNORED: Final = -100
"""The label of a token that does not count."""


@dataclass(frozen=True, slots=True)
class Example:
    """One conversation, as training sees it: three rows of the same length."""

    input_ids: np.ndarray
    labels: np.ndarray
    attention_mask: np.ndarray


def conversation_example(
    tokenizer: QwenTokenizer,
    turns: Sequence[Mapping[str, str]],
    *,
    length: int,
    system: str = SYSTEM,
) -> Example:
    """Ids, labels and mask of `turns` ({"from", "value"}), padded to `length` tokens.

    Labels are kept for the tags that begin and end every message, the newline after it, and for
    what the assistant says; not for its role. Whatever is too long is cut at the end, but never
    inside an image span: then the cut comes before the span.
    Raises ValueError for a role other than user and assistant.
    """
    if turns and turns[0]["from"] != "user":
        turns = turns[1:]
    ids, labels = _message(tokenizer, "system", system)
    for turn in turns:
        role = turn["from"]
        if role not in ("user", "assistant"):
            raise ValueError(f"a turn is from user or assistant, not {role!r}")
        more_ids, more_labels = _message(tokenizer, role, turn["value"])
        ids += more_ids
        labels += more_labels
    kept = whole_length(ids, length=length, image_start_id=tokenizer.image_start_id)
    padding = length - kept
    row = np.array([*ids[:kept], *[tokenizer.pad_id] * padding], dtype=np.int64)
    return Example(
        input_ids=row,
        labels=np.array([*labels[:kept], *[IGNORED] * padding], dtype=np.int64),
        attention_mask=row != tokenizer.pad_id,
    )


def whole_length(ids: Sequence[int], *, length: int, image_start_id: int) -> int:
    """How many of `ids` fit into `length` without cutting an image span."""
    kept = min(len(ids), length)
    if kept == len(ids):
        return kept
    opened = next((p for p in range(kept - 1, -1, -1) if ids[p] == image_start_id), None)
    if opened is None or image_start_id + 1 in ids[opened:kept]:
        return kept
    return opened


def _message(tokenizer: QwenTokenizer, role: str, text: str) -> tuple[list[int], list[int]]:
    """One message's ids and labels, the newline after it included."""
    said = tokenizer.encode(text, tags=Tags.ALL)
    pieces = [
        *message(tokenizer, role, said),
        Piece(tokenizer.encode("\n"), learned=True),
    ]
    ids = [token for piece in pieces for token in piece.ids]
    labels = [token if piece.learned else IGNORED for piece in pieces for token in piece.ids]
    return ids, labels
