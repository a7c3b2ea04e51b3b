"""One model over many cards: each block's weights are whole only while the block runs (FSDP2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, FullyShardedDataParallelPlugin
from peft import PeftModel
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy

from engine.venus.family import Parts
from trainer.loop import zero
from trainer.loop.learning import part_of
from trainer.recipe import Part


def blocks(model: nn.Module, parts: Parts) -> list[nn.Module]:
    """The blocks of the language model and of the vision tower: the members of their outermost
    lists of modules. The model may be wrapped for adapters.
    """
    found: list[nn.Module] = []
    inside: list[str] = []
    for name, module in bare(model).named_modules():
        if any(name.startswith(f"{each}.") for each in inside):
            continue
        part = part_of(name, parts)
        if isinstance(module, nn.ModuleList) and part in (Part.LANGUAGE, Part.VISION):
            inside.append(name)
            found.extend(module)
    if not found:
        raise ValueError("this model has no lists of blocks where its family says they lie")
    return found


def policy(compute: torch.dtype | None) -> MixedPrecisionPolicy:
    """Weights run in `compute` (None: as they are kept), gradients are summed up in fp32.

    What goes into a block is left as it is: positions' angles are in fp32 for a reason.
    """
    reduced = None if compute is None else torch.float32
    return MixedPrecisionPolicy(
        param_dtype=compute, reduce_dtype=reduced, cast_forward_inputs=False
    )


def is_sharded(model: nn.Module) -> bool:
    """Whether processes keep parts of this model instead of copies of it."""
    return isinstance(model, FSDPModule)


def accelerator_for(model: nn.Module, parts: Parts, *, cpu: bool = False) -> Accelerator:
    """The Accelerator that the launcher asked for (on the CPU if told so), set right for a model
    whose weights are learning or frozen already.

    Under FSDP the model's own blocks are its units (accelerate's default names classes that some
    models do not have), and gradients are summed up in fp32 (its default is bf16). Under DDP a
    parameter may have no part in the loss, as the last layer of LLaVA's tower.
    """
    accelerator = Accelerator(
        cpu=cpu,
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=_some_idle(model))],
    )
    plugin = getattr(accelerator.state, "fsdp_plugin", None)
    if isinstance(plugin, FullyShardedDataParallelPlugin):
        set_right(plugin, model, parts, mixed=accelerator.mixed_precision == "bf16")
    return accelerator


def set_right(
    plugin: FullyShardedDataParallelPlugin, model: nn.Module, parts: Parts, *, mixed: bool
) -> None:
    """Give accelerate's FSDP the classes of a model's blocks and our precision."""
    names = {type(block).__name__ for block in blocks(model, parts)}
    plugin.transformer_cls_names_to_wrap = sorted(names)
    plugin.mixed_precision_policy = policy(torch.bfloat16 if mixed else None)


def bare(model: nn.Module) -> nn.Module:
    """The model without what the strategy put around it, and without what holds its adapters."""
    # Copies (DDP) and DeepSpeed's engine have it as `module`; accelerate's own way to ask would
    # import DeepSpeed wherever it is installed.
    while isinstance(inner := getattr(model, "module", None), nn.Module):
        model = inner
    return model.get_base_model() if isinstance(model, PeftModel) else model


def in_step(model: nn.Module) -> bool:
    """Whether all processes must call this model at the same moments: each has parts of it."""
    return is_sharded(model) or zero.is_parted(model)


@contextmanager
def parts_callable(model: nn.Module) -> Iterator[None]:
    """In here the modules of a model in parts may be called one by one: blocks gather their own
    weights, what belongs to none of them is whole, and computing is in the dtype of the whole's.
    """
    if zero.is_parted(model):
        # Its modules gather their own, each of them.
        with zero.computing(model):
            yield
    elif isinstance(model, FSDPModule):
        model.unshard()
        try:
            yield
        finally:
            model.reshard()
    else:
        yield


def whole_weights(model: nn.Module, *, learning: bool = False) -> dict[str, Tensor]:
    """The weights by name, or those that learn: whole, on the CPU, on the first process, and
    nothing on the others. Every process must call it at the same place.
    """
    first = not dist.is_initialized() or dist.get_rank() == 0
    if zero.is_parted(model):
        return zero.whole_weights(model, learning=learning, keep=first)
    options = StateDictOptions(
        full_state_dict=True,
        cpu_offload=True,
        ignore_frozen_params=learning,
        strict=not learning,
    )
    found = get_model_state_dict(model, options=options)
    return {name: each for name, each in found.items() if first and isinstance(each, Tensor)}


def _some_idle(model: nn.Module) -> bool:
    """Whether weights that learn may have no part in the loss: those of a tower that learns."""
    inner = getattr(model, "config", None)
    tower = getattr(inner, "vision_feature_layer", None)
    return tower is not None and any(
        each.requires_grad and "vision" in name for name, each in model.named_parameters()
    )
