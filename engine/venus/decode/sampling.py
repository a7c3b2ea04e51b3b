"""Draws the next token as a checkpoint's generation config says, or takes the likeliest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import (
    GenerationConfig,
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn. Not at all (`sample` False): the likeliest is taken.

    `top_k` 0, `top_p` 1 and `repetition_penalty` 1 change nothing.
    """

    sample: bool = True
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    repetition_penalty: float = 1.0

    @classmethod
    def of(cls, config: GenerationConfig) -> Sampling:
        """What a checkpoint asks for; where it says nothing, what transformers does then."""
        temperature = 1.0 if config.temperature is None else float(config.temperature)
        return cls(
            # Some releases write greedy decoding as a temperature of 0.
            sample=bool(config.do_sample) and temperature > 0,
            temperature=temperature,
            top_k=50 if config.top_k is None else int(config.top_k),
            top_p=1.0 if config.top_p is None else float(config.top_p),
            repetition_penalty=float(config.repetition_penalty or 1.0),
        )

    def processors(self) -> LogitsProcessorList:
        """Transformers' own, in its order: a text is the same as `generate`'s for one seed."""
        found = LogitsProcessorList()
        if self.repetition_penalty != 1.0:
            found.append(RepetitionPenaltyLogitsProcessor(self.repetition_penalty))
        if self.sample and self.temperature != 1.0:
            found.append(TemperatureLogitsWarper(self.temperature))
        if self.sample and self.top_k > 0:
            found.append(TopKLogitsWarper(self.top_k))
        if self.sample and self.top_p < 1.0:
            found.append(TopPLogitsWarper(self.top_p))
        return found


class Sampler:
    """Draws token after token; one seed gives one row of draws on one device."""

    def __init__(self, sampling: Sampling, *, seed: int) -> None:
        self._sampling = sampling
        self._processors = sampling.processors()
        self._seed = seed
        self._generator: torch.Generator | None = None

    @torch.inference_mode()
    def draw(self, logits: Tensor, before: Sequence[int]) -> int:
        """The next token for logits (1, vocabulary) after the ids `before`, prompt and all."""
        # Only the repetition penalty reads the ids.
        read = before if self._sampling.repetition_penalty != 1.0 else ()
        ids = torch.tensor([list(read)], dtype=torch.long, device=logits.device)
        scores = self._processors(ids, logits.float().clone())  # pyright: ignore[reportArgumentType]
        if not self._sampling.sample:
            return int(scores.argmax(-1))
        if self._generator is None:
            self._generator = seeded(self._seed, logits.device)
        return int(torch.multinomial(scores.softmax(-1), 1, generator=self._generator))


def seeded(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator for draws on a device."""
    return torch.Generator(device=device).manual_seed(seed)
