"""One optimiser step: micro-batches forward and back, gradients clipped, weights moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from engine.stop import Stop
from engine.venus.family import Processor
from trainer.data.batches import Batch, Layout, Step, collate
from trainer.data.encode import Example, See, encode
from trainer.data.problem import DataError, Problem
from trainer.data.sample import Sample
from trainer.loop.loss import negative_log_likelihood, require_finite, weight
from trainer.loop.ranks import Ranks
from trainer.loop.strategy import Strategy
from trainer.recipe import Recipe

Arguments = Callable[[Batch, torch.device], Mapping[str, Any]]
"""A family's way to hand a batch to its model: the model's own keyword arguments."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did: `loss` in nats a learnt token over all ranks, the gradients' norm before
    clipping, the tokens of all ranks without padding, and the seconds that it took.
    """

    loss: float
    norm: float
    tokens: int
    seconds: float


class Examples(Dataset[Example]):
    """Samples, encoded when they are asked for."""

    def __init__(
        self,
        samples: Sequence[Sample],
        processor: Processor,
        root: Path,
        *,
        max_length: int,
        see: See | None = None,
    ) -> None:
        self._samples = samples
        self._processor = processor
        self._root = root
        self._max_length = max_length
        self._see = see

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Example:
        sample = self._samples[index]
        found = encode(
            sample, self._processor, self._root, max_length=self._max_length, see=self._see
        )
        if isinstance(found, Problem):
            raise DataError(f"{found.where}: {found.reason}")
        return found


def windows(
    examples: Examples, plan: Sequence[Step], ranks: Ranks, *, padding: int, workers: int
) -> Iterator[list[Batch]]:
    """One rank's micro-batches of each step, encoded ahead by `workers` processes."""
    mine = [step.windows[ranks.index] for step in plan]
    loader = DataLoader(
        examples,
        batch_sampler=[list(batch) for window in mine for batch in window],
        collate_fn=lambda found: collate(found, padding=padding),
        num_workers=workers,
        # Its own, so that making a loader draws nothing that a step would have drawn.
        generator=torch.Generator(),
    )
    batches = iter(loader)
    for window in mine:
        yield [next(batches) for _ in window]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepper:
    """Takes a strategy's steps."""

    recipe: Recipe
    strategy: Strategy
    arguments: Arguments
    ranks: Ranks
    layout: Layout

    def step(self, window: Sequence[Batch], rate: float, stop: Stop) -> Done | None:
        """Take a step; None, with nothing changed, once any process was told to stop.

        Raises LossError, naming the samples, before a loss that is not finite changes anything.
        """
        started = perf_counter()
        self.strategy.model.train()
        learnt = self.ranks.total(sum(batch.learnt for batch in window))
        summed = 0.0
        for number, batch in enumerate(window):
            if self.ranks.any(stop()):
                self.strategy.forget()
                return None
            summed += self._back(batch, learnt=int(learnt), last=number == len(window) - 1)
        norm = self.strategy.step(rate)
        return Done(
            loss=self.ranks.total(summed) / learnt,
            norm=norm,
            tokens=int(self.ranks.total(sum(batch.tokens for batch in window))),
            seconds=perf_counter() - started,
        )

    def _back(self, batch: Batch, *, learnt: int, last: bool) -> float:
        """Forward and back through one micro-batch; its summed loss."""
        device = self.ranks.device
        with self.strategy.micro_batch(last=last):
            loss = negative_log_likelihood(
                self.strategy.model, self.arguments(batch, device), batch.labels.to(device)
            )
            require_finite(loss, batch)
            share = weight(
                self.recipe.normalisation,
                batch,
                learnt=learnt,
                accumulation=self.layout.accumulation,
                ranks=self.ranks.count,
            )
            self.strategy.back(loss * share)
        return float(loss.detach())
