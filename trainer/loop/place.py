"""Where a run takes place: its processes and devices, as the launcher said."""

from __future__ import annotations

import os
from typing import Final

import torch
from accelerate import PartialState

OutOfMemory: Final = torch.OutOfMemoryError
"""What ends a run whose card is too small."""
_IN_PARTS: Final = ("ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED")


class PlaceError(Exception):
    """A run cannot take place here; the message says why and what would work."""


def processes() -> PartialState:
    """Join the other processes. Alone: the first card with bf16, or the CPU with fp32; what a
    launcher said in the environment goes before. PlaceError where it asks for what takes cards.
    """
    card = torch.cuda.is_available()
    if parted() and not card:
        # accelerate would not say a word.
        raise PlaceError(
            "The launcher asks for a model in parts (FSDP or ZeRO), and there is no card here: each"
            " process would get a whole copy. Launch where the cards are, or with torchrun."
        )
    os.environ.setdefault("ACCELERATE_MIXED_PRECISION", "bf16" if card else "no")
    if not card:
        os.environ.setdefault("ACCELERATE_USE_CPU", "true")
    return PartialState(cpu=not card)


def parted() -> bool:
    """Whether the launcher asked for a model that is parted over the processes."""
    return any(os.environ.get(name, "").lower() in ("1", "true") for name in _IN_PARTS)


def loading_device() -> torch.device:
    """Where the model is loaded: on the own device, or the CPU before it is parted."""
    device = PartialState().device
    return torch.device("cpu") if parted() or device is None else device


def card_memory() -> int | None:
    """Bytes of this process's card, None without one."""
    return torch.cuda.mem_get_info()[1] if torch.cuda.is_available() else None
