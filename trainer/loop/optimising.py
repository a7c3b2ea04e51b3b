"""AdamW as a recipe has it, and the learning rate of each step."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, cos, pi

from torch import nn
from torch.optim import AdamW

from trainer.recipe import Optimiser


def adamw(
    parameters: Iterable[tuple[str, nn.Parameter]], settings: Optimiser, *, fused: bool = False
) -> AdamW:
    """AdamW over the parameters that learn; norms and biases, which are vectors, do not decay."""
    learning = [(name, each) for name, each in parameters if each.requires_grad]
    decaying = [each for _, each in learning if each.ndim > 1]
    steady = [each for _, each in learning if each.ndim <= 1]
    groups = [
        {"params": decaying, "weight_decay": settings.weight_decay},
        {"params": steady, "weight_decay": 0.0},
    ]
    return AdamW(
        [group for group in groups if group["params"]],
        lr=settings.learning_rate,
        betas=(settings.beta1, settings.beta2),
        eps=settings.epsilon,
        fused=fused,
    )


def learning_rate(step: int, total: int, settings: Optimiser) -> float:
    """The rate of step 0..total − 1: a line up over the warm-up, then half a cosine down to 0."""
    warmup = ceil(total * settings.warmup)
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    through = (step - warmup) / max(1, total - warmup)
    return settings.learning_rate * 0.5 * (1 + cos(pi * through))


def set_rate(optimiser: AdamW, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
