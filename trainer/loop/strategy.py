"""How a model and its optimiser lie on the processes, and what a step and a checkpoint ask of that.

strategy_of(model, accelerator, …) ─► Torch: one process, copies (DDP), parts (FSDP2)
                                   └► Zero: DeepSpeed's parts (`trainer.loop.zero`)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from accelerate import Accelerator
from accelerate.utils import DistributedType
from torch import Tensor, nn
from torch.distributed.checkpoint.default_planner import DefaultLoadPlanner
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_state_dict,
    set_state_dict,
)
from torch.distributed.checkpoint.state_dict_loader import load as load_parts
from torch.distributed.checkpoint.state_dict_saver import save as save_parts
from torch.distributed.tensor import DTensor
from torch.optim import AdamW

from trainer.data.batches import Layout
from trainer.loop.optimising import adamw, set_rate
from trainer.loop.sharding import is_sharded
from trainer.loop.zero import zero
from trainer.recipe import Optimiser


class Strategy(Protocol):
    """A model on its way through training, on this process."""

    @property
    def name(self) -> str:
        """Whose checkpoints it writes, for people."""
        ...

    @property
    def model(self) -> nn.Module:
        """What is called; the bare model is in it."""
        ...

    def micro_batch(self, *, last: bool) -> AbstractContextManager[None]:
        """Forward and back of one micro-batch happen in here, in the dtype of computing. The ranks'
        gradients have been joined, as their mean, when the step's `last` is over.
        """
        ...

    def back(self, loss: Tensor) -> None:
        """Add a loss's gradients to those of the step."""
        ...

    def step(self, rate: float) -> float:
        """Clip, move the weights, forget the gradients; their norm before clipping."""
        ...

    def forget(self) -> None:
        """Drop the gradients of a step that is not taken."""
        ...

    def save(self, folder: Path) -> None:
        """Write this process's part of what learns, and of its moments, into a new folder."""
        ...

    def restore(self, folder: Path) -> None:
        """Put back what `save` wrote, in place."""
        ...


def strategy_of(
    model: nn.Module, accelerator: Accelerator, settings: Optimiser, layout: Layout
) -> Strategy:
    """The strategy that the launcher asked for, with a new optimiser over what learns."""
    # On a card the fused optimiser needs no memory of its own.
    fused = accelerator.device.type == "cuda"
    optimiser = adamw(model.named_parameters(), settings, fused=fused)
    if accelerator.distributed_type is DistributedType.DEEPSPEED:
        return zero(model, optimiser, accelerator, layout, clip_norm=settings.clip_norm)
    model, wrapped = accelerator.prepare(model, optimiser)
    return Torch(model, wrapped.optimizer, accelerator, settings.clip_norm)


@dataclass(frozen=True, slots=True)
class Torch:
    """PyTorch's own ways: alone, as copies, in parts."""

    model: nn.Module
    optimiser: AdamW
    accelerator: Accelerator
    clip_norm: float
    name: str = "PyTorch"

    @contextmanager
    def micro_batch(self, *, last: bool) -> Iterator[None]:
        # Where ranks keep parts of the weights, whole gradients would outweigh all that joining
        # them once a step saves.
        if last or is_sharded(self.model):
            with self.accelerator.autocast():
                yield
        else:
            with self.accelerator.no_sync(self.model), self.accelerator.autocast():
                yield

    def back(self, loss: Tensor) -> None:
        self.accelerator.backward(loss)

    def step(self, rate: float) -> float:
        norm = self.accelerator.clip_grad_norm_(self.model.parameters(), self.clip_norm)
        set_rate(self.optimiser, rate)
        self.optimiser.step()
        self.forget()
        return _number(norm)

    def forget(self) -> None:
        self.optimiser.zero_grad(set_to_none=True)

    def save(self, folder: Path) -> None:
        weights, moments = get_state_dict(self.model, self.optimiser, options=_OPTIONS)
        save_parts({"model": weights, "optimiser": moments}, checkpoint_id=folder)

    def restore(self, folder: Path) -> None:
        weights, moments = get_state_dict(self.model, self.optimiser, options=_OPTIONS)
        state = {"model": weights, "optimiser": moments}
        # What has no part in the loss, as the last layer of LLaVA's tower, has no moments there.
        load_parts({"model": weights}, checkpoint_id=folder)
        load_parts(state, checkpoint_id=folder, planner=DefaultLoadPlanner(allow_partial_load=True))
        set_state_dict(
            self.model,
            self.optimiser,
            model_state_dict=state["model"],
            optim_state_dict=state["optimiser"],
            options=_OPTIONS,
        )


_OPTIONS: Final = StateDictOptions(ignore_frozen_params=True, strict=False)


def _number(norm: Tensor | None) -> float:
    """A norm that may be spread over the ranks."""
    if isinstance(norm, DTensor):
        norm = norm.full_tensor()
    return 0.0 if norm is None else float(norm)
