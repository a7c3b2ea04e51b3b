"""A batch as the keyword arguments of a model's own forward."""

from __future__ import annotations

from typing import Any

import torch

from engine.venus.family import Family
from trainer.data.batches import Batch
from trainer.loop.stepping import Arguments


def arguments_of(family: Family, config: Any) -> Arguments:
    """How batches are handed to models of this family and config: ids, the attention mask, and
    the photos with what else the family's forward wants of them.
    """

    def arguments(batch: Batch, device: torch.device) -> dict[str, Any]:
        inputs = family.forward_inputs(config, batch.ids, batch.pixels)
        return {
            "input_ids": batch.ids.to(device),
            "attention_mask": batch.attention.to(device),
            **{name: each.to(device) for name, each in inputs.items()},
        }

    return arguments
