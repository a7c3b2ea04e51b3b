"""Caches of models that keep a running state: they cannot be cut, so a snapshot is kept and copied.

A running state has no tokens that could be taken away again, and no attention can look at a part
of it. What all questions begin with is computed once and kept; each question, and each row of a
batch, goes on with a copy.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Final

import torch
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import Cache

from engine.venus.decode.cache import tensors_of

ROWS: Final = 8
"""Rows that go on from one prefix together; each has a copy of it."""


class Snapshots:
    """What `cache.Trunk` does, with copies. `stem` is how many tokens all questions begin with."""

    def __init__(self, model: PreTrainedModel, *, stem: int) -> None:
        self._config = model.config
        self._stem = stem
        self._tokens = 0
        self._kept: Cache | None = None
        self.cache: Cache = DynamicCache(config=self._config)

    @property
    def nbytes(self) -> int:
        """Bytes of the state under way and of the snapshot."""
        kept = [] if self._kept is None else tensors_of(self._kept)
        return self._state_bytes + sum(each.nbytes for each in kept)

    def missing(self, tokens: int) -> int:
        """Tokens by which it grows until it holds so many."""
        return max(tokens - self._tokens, 0)

    def row_bytes(self, room: int) -> int:
        """Bytes of each row of a fork at most: a copy, and what it grows by."""
        return self._state_bytes + self.token_bytes * room

    @property
    def token_bytes(self) -> int:
        """Bytes that a token takes at most; 0 before there is one."""
        return self._state_bytes // self._tokens if self._tokens else 0

    @property
    def _state_bytes(self) -> int:
        return sum(each.nbytes for each in tensors_of(self.cache))

    def boundary(self, start: int, end: int) -> int:
        """Where a chunk from start to end should end: at the stem, if that lies inside."""
        return self._stem if start < self._stem < end else end

    def reserve(self, tokens: int) -> None:
        """Nothing: these caches grow by themselves."""

    def cut(self, tokens: int) -> int:
        """Go back to as many of the first `tokens` as can be had; returns how many."""
        if tokens != self._tokens:
            at_stem = self._kept is not None and self._stem <= tokens
            self.cache = deepcopy(self._kept) if at_stem else DynamicCache(config=self._config)  # pyright: ignore[reportAttributeAccessIssue]
            self._tokens = self._stem if at_stem else 0
        return self._tokens

    def wrote(self, tokens: int) -> None:
        """The cache now holds so many tokens."""
        self._tokens = tokens
        if tokens == self._stem:
            self._kept = deepcopy(self.cache)

    def fork(self, rows: int, room: int) -> Cache:
        """A copy for each row."""
        fork = deepcopy(self.cache)
        with torch.inference_mode():
            fork.reorder_cache(torch.zeros(rows, dtype=torch.long))  # pyright: ignore[reportArgumentType]
        return fork

    def widest(self, rows: int) -> int:
        return min(rows, ROWS)
