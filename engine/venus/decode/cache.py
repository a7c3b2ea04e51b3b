"""Keys and values in rooms made beforehand: a trunk of one row, and rows that share its beginning.

Both are transformers caches, so that any family's language model writes into them. The rooms have
fixed places in memory: a decode step that is compiled finds them where they were.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin

from engine.venus.decode.attention import Prefix, marked

STEP: Final = 64
"""Rooms have multiples of so many tokens: a few more tokens seldom move what is there."""


class _Room(CacheLayerMixin):
    """One layer's keys and values, (rows, heads, room, dim) each, of which `used` tokens count."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.used = 0

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Make the room once the first keys tell how many heads there are, and where."""
        self.dtype, self.device = key_states.dtype, key_states.device
        self.batch_size = key_states.shape[0]
        self.keys = _empty(key_states, self.room)
        self.values = _empty(value_states, self.room)
        self.is_initialized = True

    def write(self, key_states: Tensor, value_states: Tensor) -> tuple[Tensor, Tensor]:
        """Append, and return all that counts; the views share the room's memory."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        if self.keys is None or self.values is None:
            raise RuntimeError("a layer of the cache was emptied while it was in use")
        end = self.used + key_states.shape[2]
        if end > self.room:
            raise ValueError(f"the cache has room for {self.room} tokens, and {end} are to go in")
        self.keys[:, :, self.used : end] = key_states
        self.values[:, :, self.used : end] = value_states
        self.used = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def get_max_length(self) -> int:
        return self.room

    @property
    def nbytes(self) -> int:
        """Bytes of the room, used or not."""
        return sum(part.nbytes for part in (self.keys, self.values) if part is not None)


class TrunkLayer(_Room):
    """One layer of a trunk: one row, which can be cut back and given more room."""

    is_croppable = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: object, **kwargs: object
    ) -> tuple[Tensor, Tensor]:
        return self.write(key_states, value_states)

    def get_seq_length(self) -> int:
        return self.used

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.used + query_length, 0

    def grow(self, room: int) -> None:
        """Move what counts into a larger room."""
        if self.keys is not None and self.values is not None:
            self.keys = _moved(self.keys, self.used, room)
            self.values = _moved(self.values, self.used, room)
        self.room = room


class RowsLayer(_Room):
    """One layer of many rows: the prefix is another's memory, the suffixes are its own."""

    def __init__(self, prefix: Prefix, room: int) -> None:
        super().__init__(room)
        self.prefix = prefix

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: object, **kwargs: object
    ) -> tuple[Tensor, Tensor]:
        keys, values = self.write(key_states, value_states)
        return marked(keys, self.prefix), values

    def get_seq_length(self) -> int:
        return self.prefix.keys.shape[2] + self.used

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.get_seq_length() + query_length, 0


class Trunk:
    """The keys and values of one row. `room` tokens fit until it is given more."""

    def __init__(self) -> None:
        self.room = 0
        self._tokens = 0
        self._layers: list[TrunkLayer] = []
        # Layers come with their first keys: only those tell how many there are.
        self.cache = Cache(layer_class_to_replicate=self._layer)  # pyright: ignore[reportArgumentType]

    @property
    def nbytes(self) -> int:
        """Bytes of all rooms, used or not."""
        return sum(layer.nbytes for layer in self._layers)

    def missing(self, tokens: int) -> int:
        """Tokens by which `reserve` would grow it."""
        return max(_rounded(tokens) - self.room, 0)

    def row_bytes(self, room: int) -> int:
        """Bytes of each row of a fork."""
        return self.token_bytes * room

    def reserve(self, tokens: int) -> None:
        """See that `tokens` fit; moves one layer at a time if they did not."""
        if tokens > self.room:
            self.room = _rounded(tokens)
            for layer in self._layers:
                layer.grow(self.room)

    def boundary(self, start: int, end: int) -> int:
        """Where a chunk of a prefill should end: anywhere."""
        return end

    def cut(self, tokens: int) -> int:
        """Forget all but the first `tokens`; returns how many are left."""
        self._tokens = tokens
        for layer in self._layers:
            layer.used = tokens
        return tokens

    def wrote(self, tokens: int) -> None:
        """The cache now holds so many tokens."""
        self._tokens = tokens

    def fork(self, rows: int, room: int) -> Cache:
        """A cache for rows that go on from here, each with room for `room` tokens of its own.

        It looks into this trunk's memory: while it is in use, the trunk may neither be cut and
        written again nor be given more room.
        """
        layers = [
            RowsLayer(
                Prefix(layer.keys[:, :, : self._tokens], layer.values[:, :, : self._tokens]), room
            )
            for layer in self._layers
            if layer.keys is not None and layer.values is not None
        ]
        fork = Cache(layers=list(layers))
        # What a family notes on a cache (how far its positions are stretched) holds on here.
        for name, value in vars(self.cache).items():
            if name not in vars(fork):
                setattr(fork, name, value)
        return fork

    def widest(self, rows: int) -> int:
        """How many rows may go on together, of so many that are wanted: all."""
        return rows

    @property
    def token_bytes(self) -> int:
        """Bytes of one token in all layers; 0 before there is one."""
        return self.nbytes // self.room if self.room else 0

    def _layer(self) -> TrunkLayer:
        layer = TrunkLayer(self.room)
        self._layers.append(layer)
        return layer


def tensors_of(cache: Cache) -> list[Tensor]:
    """All tensors that a cache holds of its own; a prefix that it looks into is another's."""
    found: list[Tensor] = []
    for layer in cache.layers:
        for value in vars(layer).values():
            several = value.values() if isinstance(value, dict) else (value,)
            found += [each for each in several if isinstance(each, Tensor)]
    return found


def _rounded(tokens: int) -> int:
    return -(-tokens // STEP) * STEP


def _empty(like: Tensor, room: int) -> Tensor:
    rows, heads, _, dim = like.shape
    return torch.zeros((rows, heads, room, dim), dtype=like.dtype, device=like.device)


@torch.inference_mode()
def _moved(states: Tensor, used: int, room: int) -> Tensor:
    larger = _empty(states, room)
    larger[:, :, :used] = states[:, :, :used]
    return larger
