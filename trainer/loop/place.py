"""Where a run takes place: its processes and devices, as the launcher said."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Final

import torch
from accelerate import PartialState

from trainer.recipe import Method, Recipe

OutOfMemory: Final = torch.OutOfMemoryError
"""What ends a run whose card is too small."""
_FSDP: Final = "ACCELERATE_USE_FSDP"
_ZERO: Final = "ACCELERATE_USE_DEEPSPEED"
_PATIENCE: Final = timedelta(hours=1)
"""That processes wait for one another: the first one reads a checkpoint of any size."""


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
    return PartialState(cpu=not card, timeout=_PATIENCE)


def parted() -> bool:
    """Whether the launcher asked for a model that is parted over the processes."""
    return _asked(_FSDP) or by_zero()


def by_zero() -> bool:
    """Whether it is DeepSpeed that parts it."""
    return _asked(_ZERO)


def require_possible(recipe: Recipe) -> None:
    """PlaceError for a recipe that a model in parts cannot be trained by."""
    if parted() and recipe.method is Method.QLORA:
        raise PlaceError(
            f"“{recipe.title}” keeps weights in 4 bits, which FSDP and ZeRO cannot part: launch it"
            " with torchrun, and each card has a copy of its own."
        )


def frozen_dtype() -> torch.dtype | None:
    """Of what does not learn, where the model is loaded on the CPU only on its way to cards."""
    narrow = parted() and os.environ.get("ACCELERATE_MIXED_PRECISION") == "bf16"
    return torch.bfloat16 if narrow else None


def loading_device() -> torch.device:
    """Where the model is loaded: on the own device, or the CPU before it is parted."""
    device = PartialState().device
    return torch.device("cpu") if parted() or device is None else device


def card_memory() -> int | None:
    """Bytes of this process's card, None without one."""
    return torch.cuda.mem_get_info()[1] if torch.cuda.is_available() else None


def _asked(variable: str) -> bool:
    return os.environ.get(variable, "").lower() in ("1", "true")
