"""Ends an answer at words of one's own, beside the ids that end every answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import StoppingCriteria


class StopSequences(StoppingCriteria):
    """Ends a row once it ends with one of several sequences of ids, in what was generated."""

    def __init__(self, sequences: Sequence[Sequence[int]], *, prompt_length: int) -> None:
        self._sequences = [list(sequence) for sequence in sequences if len(sequence)]
        self._prompt_length = prompt_length

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """True for each row (rows, tokens) that is at an end."""
        done = torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)
        for sequence in self._sequences:
            if input_ids.shape[1] - self._prompt_length >= len(sequence):
                wanted = torch.tensor(sequence, device=input_ids.device)
                done |= (input_ids[:, -len(sequence) :] == wanted).all(-1)
        return done
