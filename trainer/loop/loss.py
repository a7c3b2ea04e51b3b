"""Next-token negative log-likelihood over the labels, at no more positions than are learnt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from trainer.data.batches import Batch
from trainer.data.encode import IGNORED
from trainer.recipe import Normalisation


class LossError(Exception):
    """A loss is not finite; the message names the samples."""


def negative_log_likelihood(
    model: nn.Module, arguments: Mapping[str, Any], labels: Tensor
) -> Tensor:
    """The sum over the learnt tokens, in nats, fp32.

    `arguments` are the model's own for the batch; `labels` (rows, tokens) are -100 where nothing
    is learnt. Logits are made only for the positions where some row learns: with a vocabulary of
    150,000 they would outweigh everything else.
    """
    following = labels[:, 1:]
    columns = (following != IGNORED).any(0).nonzero().squeeze(-1)
    logits = model(**arguments, logits_to_keep=columns, use_cache=False).logits
    if logits.shape[1] != len(columns):
        # MiniCPM-V 4.6 makes them all, whatever is asked for.
        logits = logits[:, columns]
    return nn.functional.cross_entropy(
        logits.float().flatten(0, 1),
        following[:, columns].flatten(),
        ignore_index=IGNORED,
        reduction="sum",
    )


def weight(
    normalisation: Normalisation, batch: Batch, *, learnt: int, accumulation: int, ranks: int
) -> float:
    """What a micro-batch's summed loss is multiplied by, where gradients are averaged over ranks.

    `learnt` counts the learnt tokens of the whole step, over all ranks.
    """
    if normalisation is Normalisation.TOKEN_MEAN:
        return ranks / learnt
    return 1 / (batch.learnt * accumulation)


def require_finite(loss: Tensor, batch: Batch) -> None:
    """LossError names the samples of a micro-batch whose loss is not a number or infinite."""
    if not torch.isfinite(loss):
        raise LossError(
            f"The loss of {', '.join(batch.samples)} is {float(loss.detach())}: look at these"
            " samples, or lower the learning rate; the last checkpoint is whole."
        )
