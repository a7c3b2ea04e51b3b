"""One photo in a model's memory: encoded once, and the keys and values of what was said about it.

Prompts about one photo begin alike (the system's words, the photo, and what was said before). What
two of them share is computed once: the memory is cut back to where they part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor
from transformers.cache_utils import Cache

from engine.stop import Stop
from engine.venus.decode.attention import share_prefixes
from engine.venus.decode.cache import Trunk
from engine.venus.decode.recurrent import Snapshots
from engine.venus.decode.shelf import Shelf
from engine.venus.family import Encoded, Inputs, Pixels, Runner

CHUNK: Final = 128
"""Tokens of a prompt that are computed before `stop` is asked again."""


class Sight:
    """A photo that a model looks at. `stem` is how many tokens all prompts about it begin with.

    Prompts longer than the context in which positions are not stretched (`runner.frozen_context`)
    are stretched each in its own way, and share only with prompts of their own length.
    """

    def __init__(
        self, runner: Runner, pixels: Pixels, *, shelf: Shelf, stem: int = 0, chunk: int = CHUNK
    ) -> None:
        self.pixels: Final = pixels
        if not runner.recurrent:
            share_prefixes(runner.model)
        self._runner: Final = runner
        self._shelf: Final = shelf
        self._stem: Final = stem
        self._chunk: Final = chunk
        self._encoded: Encoded | None = None
        self._memory: Trunk | Snapshots = self._fresh()
        self._ids: list[int] = []
        self._last: Tensor | None = None
        self._stretched: int | None = None
        self._prompt_length = 0

    @property
    def nbytes(self) -> int:
        """Bytes of keys and values."""
        return self._memory.nbytes

    def forget(self) -> None:
        """Let go of the keys and values; the photo's features, which are few, stay."""
        self._memory = self._fresh()
        self._ids = []
        self._last = None

    def close(self) -> None:
        """Let go of everything."""
        self.forget()
        self._encoded = None
        self._shelf.drop(self)

    def look(self, stop: Stop) -> bool:
        """Encode the photo, unless that has been done. False when stopped before its end."""
        if self._encoded is None:
            self._encoded = self._runner.encode_image(self.pixels, stop)
        return self._encoded is not None

    def logits(
        self, prompt: Sequence[int], answer: Sequence[int] = (), *, room: int = 0, stop: Stop
    ) -> Tensor | None:
        """fp32 logits (1, vocabulary) of what follows the prompt and the answer so far.

        Computes only what is not in memory. `room` is for how many further tokens to make room.
        None when stopped: asked between blocks of the vision tower and between chunks. Raises
        EngineError where the shelf has no room.
        """
        if not self.look(stop):
            return None
        ids = [*prompt, *answer]
        self._stretch(len(prompt))
        if ids == self._ids and self._last is not None:
            self._reserve(len(ids) + room)
            return self._last
        start = self._memory.cut(min(shared(self._ids, ids), len(ids) - 1))
        self._ids = ids[:start]
        self._reserve(len(ids) + room)
        if start < len(prompt):
            # Ids with the photo among them are made into inputs whole, and then cut.
            inputs = self._runner.inputs(torch.tensor([list(prompt)]), self._encoded)
            if not self._run(inputs, ids[: len(prompt)], stop, base=0):
                return None
        if len(self._ids) < len(ids):
            start = len(self._ids)
            inputs = self._runner.inputs(torch.tensor([ids[start:]]), self._encoded, start=start)
            if not self._run(inputs, ids, stop, base=start):
                return None
        return self._last

    def fork(self, rows: int, room: int) -> Cache:
        """A cache for `rows` that go on from the last `logits`, `room` tokens each.

        For use at once: the next call of `logits` ends it. Raises EngineError where the shelf has
        no room.
        """
        self._shelf.use(self, more=rows * self._memory.row_bytes(room))
        return self._memory.fork(rows, room)

    def row_logits(
        self, ids: Tensor, cache: Cache, *, written: int = 0, last_only: bool = True
    ) -> Tensor:
        """fp32 logits (rows, 1 or tokens, vocabulary) of ids (rows, tokens) in a fork.

        `written` is how many tokens each row of the fork has.
        """
        start = len(self._ids) + written
        inputs = self._runner.inputs(ids, self._encoded, start=start)
        return self._runner.logits(inputs, cache, total=self._prompt_length, last_only=last_only)

    def widest(self, rows: int, room: int) -> int:
        """How many of so many rows fit into memory side by side with `room` tokens each; never
        fewer than one.
        """
        left = self._shelf.left(self)
        each = self._memory.row_bytes(room)
        if left is not None and each > 0:
            rows = min(rows, left // each)
        return max(self._memory.widest(rows), 1)

    # ── within ───────────────────────────────────────────────────────────────────────────────────

    def _fresh(self) -> Trunk | Snapshots:
        if self._runner.recurrent:
            return Snapshots(self._runner.model, stem=self._stem)
        return Trunk()

    def _stretch(self, prompt_length: int) -> None:
        """Forget what was computed under another stretch of the positions."""
        frozen = self._runner.frozen_context
        stretched = prompt_length if frozen is not None and prompt_length > frozen else None
        if stretched != self._stretched:
            self.forget()
            self._stretched = stretched
        self._prompt_length = prompt_length

    def _reserve(self, tokens: int) -> None:
        token_bytes = self._memory.token_bytes or self._shelf.token_bytes
        self._shelf.use(self, more=self._memory.missing(tokens) * token_bytes)
        self._memory.reserve(tokens)

    def _run(self, inputs: Inputs, ids: list[int], stop: Stop, *, base: int) -> bool:
        """Compute up to the end of `ids` in chunks; `inputs` begin at `base`. False if stopped."""
        while (start := len(self._ids)) < len(ids):
            if stop():
                return False
            end = self._memory.boundary(start, min(start + self._chunk, len(ids)))
            part = self._runner.part(inputs, start - base, end - base)
            try:
                logits = self._runner.logits(part, self._memory.cache, total=self._prompt_length)
            except Exception:
                # Some layers have been written and some have not: of no use to anyone.
                self.forget()
                raise
            self._memory.wrote(end)
            self._ids = ids[:end]
            self._last = logits[:, -1]
            self._shelf.token_bytes = self._memory.token_bytes
        return True


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """How many ids two sequences begin with in common."""
    most = min(len(one), len(other))
    if one[:most] == other[:most]:
        return most
    return next(place for place in range(most) if one[place] != other[place])
