"""Tokenizers of every family, a few words long, made in place."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tokenizers.pre_tokenizers import ByteLevel
from transformers import LlamaTokenizer, Qwen2Tokenizer

WORDS: Final = ("user", "assistant", "system", " the", " photo", "Picture", "),(", "Hi")


def write_ranks(file: Path) -> None:
    """Byte pairs in the form of `qwen.tiktoken`."""
    tokens = [bytes([value]) for value in range(256)]
    for word in WORDS:
        for end in range(2, len(word) + 1):
            if word.encode()[:end] not in tokens:
                tokens.append(word.encode()[:end])
    lines = [
        base64.b64encode(token) + b" " + str(rank).encode() for rank, token in enumerate(tokens)
    ]
    file.write_bytes(b"\n".join(lines) + b"\n")


def qwen_tokenizer(tags: Sequence[str], **named: Any) -> Any:
    """Byte pairs as Qwen2 cuts them, a few words long."""
    pieces = sorted(ByteLevel.alphabet())
    merges = []
    for word in WORDS:
        shown = word.replace(" ", "Ġ")
        for end in range(2, len(shown) + 1):
            if shown[:end] not in pieces:
                pieces.append(shown[:end])
                merges.append((shown[: end - 1], shown[end - 1]))
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    tokenizer = Qwen2Tokenizer(vocab=vocabulary, merges=merges, **named)
    tokenizer.add_special_tokens({"additional_special_tokens": list(tags)})
    return tokenizer


def llama_tokenizer(tags: Sequence[str]) -> Any:
    """Pieces as Llama cuts them: a mark for a space, bytes for what is not known."""
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{value:02X}>" for value in range(256)), "▁"]
    pieces += [chr(code) for code in range(33, 127)]
    merges = []
    for word in (*WORDS, " photo", " <", " Hi"):
        shown = word.replace(" ", "▁")
        for end in range(2, len(shown) + 1):
            if shown[:end] not in pieces:
                pieces.append(shown[:end])
                merges.append((shown[: end - 1], shown[end - 1]))
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    tokenizer = LlamaTokenizer(vocab=vocabulary, merges=merges, add_bos_token=True)
    tokenizer.add_special_tokens({"additional_special_tokens": list(tags)})
    return tokenizer
