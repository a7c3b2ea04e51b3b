"""One photo, talked about with a model on a server: each request carries the photo along."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httpx2

from engine.contract import EngineError
from engine.dialogue.grammar import LEAST_SIDE
from engine.dialogue.notation import Notation
from engine.dialogue.speaker import Said, Sampled, Turn
from engine.remote import chat, errands
from engine.remote.client import Client
from engine.remote.picture import Picture, put_back
from engine.remote.thoughts import spoken, spoken_whole
from engine.stop import Stop
from engine.vocabulary import Aspect, Box, Size

log = logging.getLogger(__name__)

LONGEST_ANSWER: Final = 4096
"""Tokens after which an answer is ended from here: a model that repeats itself never ends, and
asking the server for a limit makes some refuse a question that would just have fitted.
"""

BOX_TOKENS: Final = 96
"""Enough for a box in any notation and a few words around it."""

TOGETHER: Final = 8
"""So many boxes are asked for in one request, where the server can."""

AT_ONCE: Final = 4
"""So many requests are under way at the same time."""

_PATCH: Final = 28
"""Models that count in pixels round the picture to whole patches of so many (Qwen2.5-VL)."""


class RemoteSpeaker:
    """A photo that a model on a server sees. `unread` counts the boxes that could not be read.

    `told_ratio`: the model follows words it was not trained on, so it is told the ratio of a crop.
    """

    def __init__(
        self,
        client: Client,
        picture: Picture,
        *,
        notation: Notation,
        seed: int = 0,
        told_ratio: bool = False,
    ) -> None:
        self._client = client
        self._picture = picture
        self._notation = notation
        self._seed = seed
        self._told_ratio = told_ratio
        self.unread = 0

    @property
    def size(self) -> Size:
        """Of the upright photo, in pixels."""
        return self._picture.photo

    def say(self, history: Sequence[Turn], question: str, *, stop: Stop) -> Iterator[Said]:
        """The answer, piece by piece; the server's own count of tokens settles ours at the end."""
        said = chat.messages(self._picture.straight, history, question)
        asked: dict[str, Any] = {"messages": said, "seed": self._seed}
        return spoken(self._said(asked, stop))

    def write_box(self, box: Box) -> str:
        """A box as the model writes and reads it."""
        return self._notation.write(box, self._seen)

    def read_box(self, text: str) -> Box | None:
        """The first box in a text of the model's."""
        found = self._notation.read(text, self._seen)
        return found[0].box if found else None

    def sample_boxes(
        self, question: str, *, count: int, aspect: Aspect | None = None, stop: Stop
    ) -> Iterator[Sampled]:
        """Up to `count` boxes at temperature 1, half of them seen in the mirror.

        As with the engine of this machine, one that is narrower or lower than a slip in a digit
        makes it is none.
        """
        if aspect is not None and self._told_ratio:
            question += f"\n\nThe crop's width and height must be in the ratio {aspect}."
        drawn = errands.stream(lambda: self._draw(question, count), stop)
        for each in drawn:
            box = self._drawn(each.text)
            if box is None:
                self.unread += 1
                log.info("no box can be read in an answer of %d characters", len(each.text))
                continue
            box = put_back(box) if each.mirrored else box
            if aspect is not None:
                box = with_aspect(box, aspect, self.size, near=each.number % 2 == 1)
            yield Sampled(box, each.tokens)

    def preferences(self, question: str, boxes: Sequence[Box], *, stop: Stop) -> tuple[float, ...]:
        """None: the chat API tells no likelihood of words that it is given."""
        return ()

    def _drawn(self, text: str) -> Box | None:
        box = self.read_box(text)
        return box if box is not None and min(box.width, box.height) >= LEAST_SIDE else None

    @property
    def _seen(self) -> Size:
        sent = self._picture.sent
        if self._notation.scale is not None:
            return sent
        whole = [max(1, round(side / _PATCH)) * _PATCH for side in (sent.width, sent.height)]
        return Size(whole[0], whole[1])

    def _said(self, asked: dict[str, Any], stop: Stop) -> Iterator[Said]:
        tokens, used = 0, None
        for piece in errands.stream(lambda: self._client.stream(asked), stop):
            used = piece.used if piece.used is not None else used
            if piece.tokens:
                tokens += piece.tokens
                yield Said(piece.text, piece.tokens)
            if tokens >= LONGEST_ANSWER:
                log.warning("an answer was ended after %d tokens", tokens)
                return
        if used is not None and used > tokens:
            yield Said("", used - tokens)

    # ── drawing boxes ────────────────────────────────────────────────────────────────────────────

    async def _draw(self, question: str, count: int) -> AsyncIterator[_Drawn]:
        """Ask for several answers at once; servers that give one then get a request for each.

        When none of the first few is a box, no more are asked for.
        """
        straight = (count + 1) // 2
        together = min(TOGETHER, straight)
        async with self._client.connected() as http:
            first = await self._first(http, question, together)
            for each in first:
                yield each
            if all(self._drawn(each.text) is None for each in first):
                return
            size = together if len(first) == together else 1
            jobs = [
                partial(self._ask, http, question, number, min(size, end - number), mirrored)
                for begin, end, mirrored in (
                    (len(first), straight, False),
                    (straight, count, True),
                )
                for number in range(begin, end, size)
            ]
            async for more in errands.in_parallel(jobs, at_once=AT_ONCE):
                for each in more:
                    yield each

    async def _first(
        self, http: httpx2.AsyncClient, question: str, together: int
    ) -> tuple[_Drawn, ...]:
        """The first boxes: as many as were asked for, or one from a server that can no more."""
        try:
            return await self._ask(http, question, 0, together, False)
        except EngineError as error:
            if error.code != "server_rejected" or together == 1:
                raise
            return await self._ask(http, question, 0, 1, False)

    async def _ask(
        self, http: httpx2.AsyncClient, question: str, number: int, count: int, mirrored: bool
    ) -> tuple[_Drawn, ...]:
        picture = self._picture.mirrored if mirrored else self._picture.straight
        body: dict[str, Any] = {
            "messages": chat.messages(picture, (), question),
            "temperature": 1.0,
            "top_p": 1.0,
            **chat.limited(BOX_TOKENS, openai=self._client.about.address.openai),
        }
        if count > 1:
            body["n"] = count
        else:  # the same seed again would be the same box again
            body["seed"] = self._seed + number
        answer = await self._client.complete(http, body)
        texts = answer.texts[:count]
        return tuple(
            _Drawn(number + i, mirrored, spoken_whole(text), answer.tokens // len(texts))
            for i, text in enumerate(texts)
        )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An answer that may hold a box; `number` counts all of one sample."""

    number: int
    mirrored: bool
    text: str
    tokens: int


def with_aspect(box: Box, aspect: Aspect, photo: Size, *, near: bool) -> Box:
    """Three of a box's sides, and the fourth as the ratio wants it: the longer way is cut shorter,
    from the right or the bottom, or with `near` from the left or the top. So it stays inside.
    """
    slope = aspect.ratio * photo.height / photo.width
    width, height = min(box.width, box.height * slope), min(box.height, box.width / slope)
    if near:
        left, top = max(box.left, box.right - width), max(box.top, box.bottom - height)
        return Box(left, top, box.right, box.bottom)
    right, bottom = min(box.right, box.left + width), min(box.bottom, box.top + height)
    return Box(box.left, box.top, right, bottom)
