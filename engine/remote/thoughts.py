"""Takes what a reasoning model thinks aloud out of its answer, where the server leaves it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from engine.dialogue.speaker import Said

_BEGIN: Final = "<think>"
_END: Final = "</think>"


def spoken(pieces: Iterable[Said]) -> Iterator[Said]:
    """The pieces without one leading `<think>…</think>` and the space around it.

    The tokens of what is left out come with empty texts, so that counts stay whole. A thought
    that never ends is no answer.
    """
    held, thinking, begun = "", False, False
    for piece in pieces:
        if begun:
            yield piece
            continue
        held += piece.text
        start = held.lstrip()
        if not thinking and start.startswith(_BEGIN):
            thinking = True
        if thinking and _END in held:
            thinking, held = False, held.partition(_END)[2]
            start = held.lstrip()
        if not thinking and start and not _BEGIN.startswith(start):
            begun = True
            yield Said(start, piece.tokens)
        else:
            yield Said("", piece.tokens)
    if not begun and not thinking and held.strip():
        yield Said(held.lstrip(), 0)


def spoken_whole(text: str) -> str:
    """The same for a whole answer."""
    return "".join(piece.text for piece in spoken([Said(text, 0)]))
