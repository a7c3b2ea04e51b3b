"""Which samples each step takes, and several of them as tensors.

The order of an epoch follows from the lengths, a seed and the epoch's number alone, so that a
resumed run needs no more than the number of its next step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from trainer.data.encode import IGNORED, Example

if TYPE_CHECKING:
    from torch import Tensor

    from engine.venus.family import Pixels

_POOL_STEPS: Final = 16
"""How many steps' samples are sorted by length together: less padding, still a mixed order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a step's samples lie on ranks and micro-batches."""

    ranks: int
    per_device: int
    accumulation: int

    @property
    def step(self) -> int:
        """Samples of one step."""
        return self.ranks * self.per_device * self.accumulation


@dataclass(frozen=True, slots=True)
class Step:
    """One optimiser step's samples: `windows[rank][micro-batch]` are indices of samples."""

    windows: tuple[tuple[tuple[int, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A micro-batch, padded on the right.

    `ids`, `labels` and `attention` are (rows, tokens); labels are -100 where nothing is learnt,
    attention is 1 on tokens and 0 on padding. `learnt` counts the tokens in the loss.
    """

    samples: tuple[str, ...]
    ids: Tensor
    labels: Tensor
    attention: Tensor
    pixels: tuple[Pixels, ...]
    learnt: int

    @property
    def tokens(self) -> int:
        """Tokens without padding."""
        return int(self.attention.sum())


def steps(lengths: Sequence[int], layout: Layout, *, seed: int, epoch: int) -> list[Step]:
    """The steps of an epoch over samples of these lengths in tokens, samples of like length
    together. The last step is filled up with the epoch's first samples: every step is whole.
    """
    random = Random(f"{seed}/{epoch}")
    order = list(range(len(lengths)))
    random.shuffle(order)
    pool = layout.step * _POOL_STEPS
    grouped = [
        index
        for start in range(0, len(order), pool)
        for index in sorted(order[start : start + pool], key=lambda each: -lengths[each])
    ]
    missing = -len(grouped) % layout.step
    filled = grouped + [order[place % len(order)] for place in range(missing)]
    planned = [
        _step(filled[start : start + layout.step], layout)
        for start in range(0, len(filled), layout.step)
    ]
    random.shuffle(planned)
    return planned


def _step(indices: Sequence[int], layout: Layout) -> Step:
    """Deal a step's samples so that the micro-batches that run at one time are of like length."""
    size = layout.per_device
    parts = [tuple(indices[start : start + size]) for start in range(0, len(indices), size)]
    return Step(tuple(tuple(parts[rank :: layout.ranks]) for rank in range(layout.ranks)))


def collate(examples: Sequence[Example], *, padding: int) -> Batch:
    """Several examples as one micro-batch; `padding` is the id that fills rows up."""
    import torch

    longest = max(len(each.ids) for each in examples)

    def rows(values: Sequence[Sequence[int]], fill: int) -> Any:
        return torch.tensor([[*row, *[fill] * (longest - len(row))] for row in values])

    return Batch(
        samples=tuple(each.sample for each in examples),
        ids=rows([each.ids for each in examples], padding),
        labels=rows([each.labels for each in examples], IGNORED),
        attention=rows([[1] * len(each.ids) for each in examples], 0),
        pixels=tuple(each.pixels for each in examples),
        learnt=sum(each.learnt for each in examples),
    )
