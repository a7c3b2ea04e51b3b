"""How likely a model finds texts that might answer a prompt, many at a time on one prefix."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.stop import Stop
from engine.venus.decode.prefix import Sight


def log_likelihoods(
    sight: Sight,
    prompt: Sequence[int],
    texts: Sequence[Sequence[int]],
    *,
    width: int,
    stop: Stop,
) -> list[float] | None:
    """The sum of log-probabilities (nats) of the ids of each text after the prompt.

    `width` texts at a time, or fewer where memory is short. None when stopped, asked before each
    batch.
    """
    # By length: rows are filled up to the longest beside them.
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    found = [0.0] * len(texts)
    start = 0
    while start < len(order):
        first = sight.logits(prompt, stop=stop)
        if first is None or stop():
            return None
        longest = len(texts[order[min(start + width, len(order)) - 1]])
        batch = order[start : start + sight.widest(width, longest)]
        values = _of_batch(sight, first, [texts[place] for place in batch])
        for place, value in zip(batch, values, strict=True):
            found[place] = value
        start += len(batch)
    return found


@torch.inference_mode()
def _of_batch(sight: Sight, first: Tensor, texts: Sequence[Sequence[int]]) -> list[float]:
    longest = max(len(text) for text in texts)
    if longest == 0:
        return [0.0] * len(texts)
    # What fills a row up comes after its end, where nothing before it can see it.
    filled = [[*text, *[0] * (longest - len(text))] for text in texts]
    ids = torch.tensor(filled, device=first.device)
    counts = torch.tensor([len(text) for text in texts], device=first.device)
    found = _chosen(first.expand(len(texts), -1), ids[:, 0]).where(counts > 0, 0.0)
    if longest > 1:
        cache = sight.fork(len(texts), longest - 1)
        later = sight.row_logits(ids[:, :-1], cache, last_only=False)
        each = _chosen(later, ids[:, 1:])
        counted = torch.arange(1, longest, device=first.device) < counts[:, None]
        found = found + each.where(counted, 0.0).sum(-1)
    return found.tolist()


def _chosen(logits: Tensor, ids: Tensor) -> Tensor:
    """Log-probabilities of ids (rows, …) under logits (rows, …, vocabulary).

    Row by row, because sums of exponentials copy all that they read.
    """
    sums = torch.stack([row.logsumexp(-1) for row in logits])
    return logits.gather(-1, ids[..., None])[..., 0] - sums
