"""The cases: every plan on the card as it is, and the automatic one on smaller cards."""

from __future__ import annotations

import torch

from bench.gpu.answering import Case
from engine.choice import MemoryPlan

GIB = 2**30
SMALL_CARDS = (8, 12, 16, 24)
"""GiB. The smallest is the goal: a card of 8 with a desktop on it."""


def cases(device: str) -> list[Case]:
    """Every case of a device. Smaller cards are only pretended where a card is there."""
    plans = [Case(name=f"{each}", memory=each, device=device) for each in MemoryPlan]
    if torch.device(device).type != "cuda":
        return plans
    smaller = [
        Case(name=f"auto, {gib} GiB card", memory=MemoryPlan.AUTO, device=device, card=gib * GIB)
        for gib in SMALL_CARDS
    ]
    return [*plans, *smaller]
