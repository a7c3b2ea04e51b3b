"""Llama's `tokenizer.model` without the sentencepiece library: its pieces, read from the file.

The file is a protocol buffer. Field 1 of the message is a piece, over and over; in a piece, field
1 is its text, field 2 its score (a float), field 3 its kind.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from transformers import LlamaTokenizer

from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.loading import read_json

FILE_NAME: Final = "tokenizer.model"
NORMAL: Final = 1


class SentencePiece(NamedTuple):
    """One entry of the vocabulary; its id is its place."""

    text: str
    score: float
    kind: int


def read_pieces(file: Path) -> list[SentencePiece]:
    """The vocabulary in a `tokenizer.model`. Raises CheckpointError for any other file."""
    try:
        pieces = [_piece(value) for field, value in _fields(file.read_bytes()) if field == 1]
    except (OSError, IndexError, KeyError, TypeError, ValueError, struct.error) as error:
        raise CheckpointError(f"{file} is no sentencepiece model: download it again") from error
    if not pieces:
        raise CheckpointError(f"{file} holds no pieces: download it again")
    return pieces


def merges(pieces: list[SentencePiece]) -> list[tuple[str, str]]:
    """The pairs to merge, the likeliest first: every way to cut a piece into two others."""
    scores = {piece.text: piece.score for piece in pieces if piece.kind == NORMAL}
    places = {piece.text: place for place, piece in enumerate(pieces)}
    found = [
        (text[:cut], text[cut:])
        for text in scores
        for cut in range(1, len(text))
        if text[:cut] in places and text[cut:] in places
    ]
    # Of pairs that make the same piece, that of the earlier parts goes first.
    found.sort(key=lambda pair: (places[pair[0]], places[pair[1]]))
    found.sort(key=lambda pair: scores[pair[0] + pair[1]], reverse=True)
    return found


def llama_tokenizer(folder: Path) -> Any:
    """Llama's tokenizer of a folder that has only `tokenizer.model`. Raises CheckpointError."""
    pieces = read_pieces(folder / FILE_NAME)
    settings = folder / "tokenizer_config.json"
    legacy = bool(read_json(settings).get("legacy", True)) if settings.is_file() else True
    tokenizer = LlamaTokenizer(
        vocab={piece.text: place for place, piece in enumerate(pieces)},
        merges=merges(pieces),
        legacy=legacy,
        add_bos_token=True,
    )
    tokenizer.name_or_path = str(folder)
    return tokenizer


def _piece(raw: int | bytes) -> SentencePiece:
    fields: dict[int, Any] = {2: bytes(4), 3: NORMAL, **dict(_fields(raw))}
    return SentencePiece(fields[1].decode("utf-8"), struct.unpack("<f", fields[2])[0], fields[3])


def _fields(raw: int | bytes) -> Iterator[tuple[int, int | bytes]]:
    """The numbers and values of a message: whole numbers, or bytes of texts and floats."""
    if isinstance(raw, int):
        raise TypeError("a number stands where a message belongs")
    place = 0
    while place < len(raw):
        key, place = _varint(raw, place)
        wire = key & 7
        if wire == 0:
            value, place = _varint(raw, place)
            yield key >> 3, value
            continue
        if wire == 2:
            size, place = _varint(raw, place)
        else:
            size = {1: 8, 5: 4}[wire]
        if place + size > len(raw):
            raise ValueError("the message is cut off")
        yield key >> 3, raw[place : place + size]
        place += size


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
