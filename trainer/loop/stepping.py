"""One optimiser step: micro-batches forward and back, gradients clipped, weights moved."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import torch
from torch.utils.data import DataLoader, Dataset

from engine.interrupts import SIGNALS
from engine.photo import PhotoError
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
        try:
            found = encode(
                sample, self._processor, self._root, max_length=self._max_length, see=self._see
            )
        except PhotoError as error:
            raise DataError(
                f"{sample.id}: {self._root / sample.photo}: {error.reason} {_ALL_OF_THEM}"
            ) from error
        if isinstance(found, Problem):
            raise DataError(f"{found.where}: {found.reason}. {_ALL_OF_THEM}")
        return found


_ALL_OF_THEM: Final = "`venus-trainer data check FILE --checkpoint MODEL` names all such samples."


class _Told(Dataset["Example | DataError"]):
    """Examples, or what hinders one, as a value: a worker's exception loses its words."""

    def __init__(self, examples: Examples) -> None:
        self._examples = examples

    def __getitem__(self, index: int) -> Example | DataError:
        try:
            return self._examples[index]
        except DataError as error:
            return error


def _collated(found: Sequence[Example | DataError], *, padding: int) -> Batch | DataError:
    good = [each for each in found if isinstance(each, Example)]
    if len(good) < len(found):
        return next(each for each in found if isinstance(each, DataError))
    return collate(good, padding=padding)


def _undisturbed(_worker: int) -> None:
    """A stop is told to every process of a terminal or a batch system: workers leave it to the one
    that they work for.
    """
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)


def windows(
    examples: Examples, plan: Sequence[Step], ranks: Ranks, *, padding: int, workers: int
) -> Iterator[list[Batch]]:
    """One rank's micro-batches of each step, encoded ahead by `workers` processes. Raises DataError
    where a sample cannot be learnt from.
    """
    mine = [step.windows[ranks.index] for step in plan]
    loader = DataLoader(
        _Told(examples),
        batch_sampler=[list(batch) for window in mine for batch in window],
        collate_fn=partial(_collated, padding=padding),
        num_workers=workers,
        worker_init_fn=_undisturbed,
        # Its own, so that making a loader draws nothing that a step would have drawn.
        generator=torch.Generator(),
    )
    batches = iter(loader)
    for window in mine:
        found = [next(batches) for _ in window]
        for each in found:
            if isinstance(each, DataError):
                raise each
        yield found


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
