"""Text from tokens as they come: whole characters, whole tags and boxes, nothing of a stop word."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

_BROKEN: Final = "\N{REPLACEMENT CHARACTER}"
_LONGEST_CHARACTER: Final = 4
"""Bytes of one character in UTF-8 at most, and so the tokens that it can take."""

_HALF_TAG: Final = re.compile(r"<[/\\|]?[A-Za-z0-9_]{0,24}\|?$")
_OPENING: Final = re.compile(r"<(?P<bar>\|?)(?P<name>box|ref|quad|object_ref)(?:_start)?(?P=bar)>")
_LONGEST_BOX: Final = 96
"""Characters for which an opened box or label is held back at most, should it never be closed."""


class Unfolding:
    """One answer on its way from tokens to text. `ended` once a stop word has come."""

    def __init__(
        self, decode: Callable[[Sequence[int]], str], *, stop_words: Sequence[str] = ()
    ) -> None:
        self.ended = False
        self._decode: Final = decode
        self._stop_words: Final = [word for word in stop_words if word]
        self._ids: list[int] = []
        # Some tokenizers write a token otherwise after another one: new ids are decoded behind
        # those of the last whole text, and `_given` counts the characters of both that are known.
        self._before = 0
        self._whole = 0
        self._given = 0
        self._held = ""

    def add(self, token: int) -> str:
        """What can be shown after this token; often nothing."""
        self._ids.append(token)
        self._held += self._characters(patience=_LONGEST_CHARACTER)
        return self._release(self._safe())

    def end(self) -> str:
        """What is left when no more tokens come."""
        self._held += self._characters(patience=0)
        return self._release(len(self._held))

    def _characters(self, *, patience: int) -> str:
        """The new characters, without those at the end that may be half.

        What is still broken after `patience` tokens is broken for good, but for its last bytes.
        """
        text = self._decode(self._ids[self._before :])
        broken = len(text) - len(text.rstrip(_BROKEN))
        if len(self._ids) - self._whole >= patience:
            broken = min(broken, _LONGEST_CHARACTER - 1 if patience else 0)
        end = len(text) - broken
        new, self._given = text[self._given : end], max(self._given, end)
        if not broken and new:
            self._before, self._whole = self._whole, len(self._ids)
            self._given = len(self._decode(self._ids[self._before :]))
        return new

    def _release(self, end: int) -> str:
        for word in self._stop_words:
            place = self._held.find(word)
            if 0 <= place <= end:
                end, self.ended = place, True
        text, self._held = self._held[:end], "" if self.ended else self._held[end:]
        return text

    def _safe(self) -> int:
        """How many of the held characters cannot belong to something that is not whole yet."""
        held = self._held
        end = len(held)
        if half := _HALF_TAG.search(held):
            end = half.start()
        for opening in _OPENING.finditer(held):
            if not _closed(held, opening) and len(held) - opening.start() <= _LONGEST_BOX:
                end = min(end, opening.start())
                break
        for word in self._stop_words:
            beginning = next(
                (size for size in range(len(word) - 1, 0, -1) if held.endswith(word[:size])), 0
            )
            end = min(end, len(held) - beginning)
        return end


def _closed(text: str, opening: re.Match[str]) -> bool:
    name = opening["name"]
    closings = (f"<|{name}_end|>",) if opening["bar"] else (f"</{name}>", f"<\\{name}>")
    return any(text.find(closing, opening.end()) >= 0 for closing in closings)
