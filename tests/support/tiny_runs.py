"""Tiny checkpoints loaded in fp32, a runner that counts, and answers computed the plainest way."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tiny_checkpoints
import torch
from torch import Tensor
from transformers import DynamicCache

from engine.stop import never
from engine.venus.families.building import load
from engine.venus.families.registry import recognise
from engine.venus.family import Encoded, Family, Pixels, Processor, Rgb, Runner


@dataclass
class CountingRunner:
    """A runner that also notes how many tokens each call of the language model computed, and
    calls `after` then.
    """

    inner: Runner
    computed: list[int] = field(default_factory=list)
    photos: int = 0
    after: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def encode_image(self, pixels: Pixels, stop: Callable[[], bool]) -> Encoded | None:
        self.photos += 1
        return self.inner.encode_image(pixels, stop)

    def logits(self, inputs: Any, cache: Any, **settings: Any) -> Tensor:
        found = self.inner.logits(inputs, cache, **settings)
        self.computed.append(inputs.embeddings.shape[1])
        self.after()
        return found


@dataclass(frozen=True)
class Tiny:
    """One family's tiny checkpoint, ready to run."""

    family: Family
    source: Any
    processor: Processor
    model: Any

    def runner(self) -> CountingRunner:
        return CountingRunner(self.family.runner(self.model, self.processor))

    def plain_logits(self, rgb: Rgb, prompt: Sequence[int], answer: Sequence[int]) -> Tensor:
        """Logits (tokens of the answer + 1, vocabulary) of a run that shares nothing."""
        run = self._plain_run(rgb, prompt)
        return torch.cat([next(run), *(run.send(token) for token in answer)])

    def plain_answer(self, rgb: Rgb, prompt: Sequence[int], *, tokens: int) -> list[int]:
        """The likeliest tokens one after the other, in a run that shares nothing."""
        run = self._plain_run(rgb, prompt)
        answer = [int(next(run).argmax())]
        while len(answer) < tokens:
            answer.append(int(run.send(answer[-1]).argmax()))
        return answer

    def _plain_run(self, rgb: Rgb, prompt: Sequence[int]) -> Generator[Tensor, int, None]:
        """Logits (1, vocabulary) of what follows; the token that does is sent back each time."""
        runner = self.family.runner(self.model, self.processor)
        encoded = runner.encode_image(self.processor.pixels(rgb), never)
        cache = DynamicCache(config=self.model.config)
        place = len(prompt)
        inputs = runner.inputs(torch.tensor([list(prompt)]), encoded)
        while True:
            token = yield runner.logits(inputs, cache, total=len(prompt))[:, -1]
            inputs = runner.inputs(torch.tensor([[token]]), encoded, start=place)
            place += 1


def load_tiny(name: str, folder: Path) -> Tiny:
    """The checkpoint that `tiny_checkpoints` makes by this name."""
    family = recognise(tiny_checkpoints.make(name, folder))
    source = family.read(folder)
    return Tiny(family, source, family.processor(source), load(family, source))
