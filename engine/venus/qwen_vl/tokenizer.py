"""Qwen's tokenizer: byte pairs from `qwen.tiktoken`, special tokens, and image spans."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

import tiktoken

FILE_NAME: Final = "qwen.tiktoken"

PATTERN: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

CONTROL: Final = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    *(f"<|extra_{number}|>" for number in range(205)),
)
VISUAL_TAGS: Final = (
    "<ref>",
    "</ref>",
    "<box>",
    "</box>",
    "<quad>",
    "</quad>",
    "<img>",
    "</img>",
    "<imgpad>",
)
"""Special tokens in the order of their ids, which follow the byte pairs."""

_IMAGE: Final = re.compile(r"<img>(.*?)</img>", re.DOTALL)


class Tags(Enum):
    """Which tags in a text become special tokens; the others stay plain text."""

    NONE = frozenset()
    BOXES = frozenset(VISUAL_TAGS[:6])
    """What a person types where the photo comes by itself: a typed `<img>` shows nothing."""
    VISUAL = frozenset(VISUAL_TAGS)
    """What a person types in a chat: a typed `<|im_end|>` ends nothing."""
    LEARNED = frozenset(CONTROL + VISUAL_TAGS[:6])
    """What training reads where the photo comes by itself."""
    ALL = frozenset(CONTROL + VISUAL_TAGS)
    """What the original's training did with the turns of its files."""


class TokenizerError(ValueError):
    """The tokenizer file, or a text with image tags, cannot be used; says why."""


class QwenTokenizer:
    """Text to ids and back. An image span is 256 ids between two tags, whatever the path."""

    def __init__(self, file: Path, *, image_tokens: int = 256) -> None:
        ranks = _read_ranks(file)
        self.file: Final = file
        self.image_tokens: Final = image_tokens
        first = len(ranks)
        self.special_ids: Final = {
            token: first + place for place, token in enumerate(CONTROL + VISUAL_TAGS)
        }
        self._encoding = tiktoken.Encoding(
            "qwen", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens=self.special_ids
        )
        self.end_of_text_id: Final = self.special_ids["<|endoftext|>"]
        self.pad_id: Final = self.end_of_text_id
        self.im_start_id: Final = self.special_ids["<|im_start|>"]
        self.im_end_id: Final = self.special_ids["<|im_end|>"]
        self.image_start_id: Final = self.special_ids["<img>"]
        self.image_end_id: Final = self.special_ids["</img>"]
        self.image_pad_id: Final = self.special_ids["<imgpad>"]

    def __len__(self) -> int:
        return self._encoding.n_vocab

    # ── to ids ───────────────────────────────────────────────────────────────────────────────────

    def encode(self, text: str, *, tags: Tags = Tags.VISUAL) -> list[int]:
        """The ids of a text, normalised to NFC.

        Raises TokenizerError for an image path of more than 256 bytes or a tag left open.
        """
        text = unicodedata.normalize("NFC", text)
        if "<img>" not in tags.value:
            return self._plain(text, tags)
        ids: list[int] = []
        end = 0
        for image in _IMAGE.finditer(text):
            ids += self._plain(text[end : image.start()], tags)
            ids += self.image_span(image.group(1))
            end = image.end()
        rest = text[end:]
        if "<img>" in rest:
            raise TokenizerError(
                f"an image tag is not closed: {rest[rest.index('<img>') :][:40]!r}"
            )
        return ids + self._plain(rest, tags)

    def image_span(self, path: str) -> list[int]:
        """The ids of one image: the path's bytes, padded, between the two tags."""
        named = unicodedata.normalize("NFC", path).encode("utf-8")
        room = self.image_tokens - len(named)
        if room < 0:
            raise TokenizerError(
                f"an image's path may have {self.image_tokens} bytes, not {len(named)}: {path!r}"
            )
        return [self.image_start_id, *named, *[self.image_pad_id] * room, self.image_end_id]

    def _plain(self, text: str, tags: Tags) -> list[int]:
        if "<" not in text:
            # No tag can be in there, and looking for two hundred of them costs more than the rest.
            return self._encoding.encode_ordinary(text)
        return self._encoding.encode(text, allowed_special=set(tags.value), disallowed_special=())

    # ── to text ──────────────────────────────────────────────────────────────────────────────────

    def decode(self, ids: Iterable[int], *, special: bool = True) -> str:
        """The text of ids; bytes that are no UTF-8 become U+FFFD. An image shows its path.

        `special=False` leaves out the control tokens (not the tags of boxes and images).
        """
        return self.decode_bytes(ids, special=special).decode("utf-8", errors="replace")

    def decode_bytes(self, ids: Iterable[int], *, special: bool = True) -> bytes:
        """The bytes of ids; ids without a token (151860 to 151935) have none."""
        parts: list[bytes] = []
        in_path = False
        for token in ids:
            if in_path and token < 256:
                parts.append(bytes([token]))
            elif token < len(self) and not (in_path and token == self.image_pad_id):
                if special or not self._is_control(token):
                    parts.append(self._encoding.decode_single_token_bytes(token))
                in_path = token == self.image_start_id
        return b"".join(parts)

    def image_paths(self, ids: Sequence[int]) -> list[str]:
        """The paths that the image spans of these ids name, in order."""
        return image_paths(ids, start=self.image_start_id)

    def _is_control(self, token: int) -> bool:
        return self.end_of_text_id <= token < self.special_ids["<ref>"]

    def save(self, folder: Path) -> Path:
        """Write `qwen.tiktoken` into a folder; the same bytes as it was read from."""
        target = folder / FILE_NAME
        if not (target.exists() and target.samefile(self.file)):
            target.write_bytes(self.file.read_bytes())
        return target


def image_paths(ids: Sequence[int], *, start: int) -> list[str]:
    """The paths inside the image spans of `ids`; `start` is the opening tag, its end follows it."""
    paths: list[str] = []
    known = list(ids)
    place = 0
    while start in known[place:]:
        begin = known.index(start, place) + 1
        end = _index_from(known, start + 1, begin)
        raw = bytes(value for value in known[begin:end] if value < 256)
        paths.append(raw.decode("utf-8", errors="replace"))
        place = end
    return paths


def _index_from(ids: list[int], token: int, start: int) -> int:
    return ids.index(token, start) if token in ids[start:] else len(ids)


def _read_ranks(file: Path) -> dict[bytes, int]:
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise TokenizerError(
            f"the tokenizer file cannot be read: {file} ({error.strerror})"
        ) from error
    ranks: dict[bytes, int] = {}
    try:
        for line in lines:
            if line:
                token, rank = line.split()
                ranks[base64.b64decode(token, validate=True)] = int(rank)
    except (ValueError, binascii.Error) as error:
        raise TokenizerError(f"not a tokenizer file: {file}, line {len(ranks) + 1}") from error
    if not ranks or sorted(ranks.values()) != list(range(len(ranks))):
        raise TokenizerError(f"the tokenizer file is not whole: {file}, {len(ranks)} ranks")
    return ranks
