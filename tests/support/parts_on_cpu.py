"""FSDP2 and ZeRO-3 on a CPU, where accelerate would turn to copies without a word.

What is only the launcher's matter is done by hand; parting, steps and checkpoints are accelerate's,
PyTorch's and DeepSpeed's own.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from accelerate import Accelerator
from accelerate.utils import (
    DeepSpeedPlugin,
    DistributedType,
    FullyShardedDataParallelPlugin,
)
from torch import nn

from engine.venus.family import Parts
from trainer.loop.sharding import set_right

CONFIG: Final[dict[str, Any]] = {
    "zero_optimization": {"stage": 3, "stage3_param_persistence_threshold": 0},
    "steps_per_print": 10**9,
}
"""Without a threshold below which weights stay whole: all weights of a tiny model are below it."""


def use_fsdp(
    accelerator: Accelerator, model: nn.Module, parts: Parts, *, mixed: bool = False
) -> None:
    """Make a CPU's accelerator one that was launched with a shipped FSDP2 configuration."""
    plugin = FullyShardedDataParallelPlugin(
        fsdp_version=2, auto_wrap_policy="transformer_based_wrap", cpu_ram_efficient_loading=True
    )
    set_right(plugin, model, parts, mixed=mixed)
    accelerator.state.fsdp_plugin = plugin
    accelerator.state.distributed_type = DistributedType.FSDP


def use_zero(accelerator: Accelerator, *, mixed_precision: str = "no") -> None:
    """Make a CPU's accelerator one that was launched with ZeRO-3."""
    import deepspeed

    # An operator for fast sums between processes on one CPU: it would be compiled at first use.
    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
    deepspeed.init_distributed(dist_backend="gloo", auto_mpi_discovery=False)
    plugin = DeepSpeedPlugin(hf_ds_config=dict(CONFIG), zero3_init_flag=False)
    plugin.set_mixed_precision(mixed_precision)
    plugin.select(_from_accelerator_state=True)
    accelerator.state.deepspeed_plugins = plugin
    accelerator.state.distributed_type = DistributedType.DEEPSPEED
    accelerator.deepspeed_engine_wrapped = None  # as its constructor does after such a launch


def kinds(model: nn.Module) -> dict[str, str]:
    """Of each of a parted model's parameters: "part" where the process keeps one of two equal
    halves and nothing else, and the half's dtype.
    """
    return {
        name: f"part in {each.ds_tensor.dtype}"
        if each.numel() == 0 and each.ds_tensor.numel() == (each.ds_numel + 1) // 2
        else "whole"
        for name, each in model.named_parameters()
    }


def gradients(model: nn.Module) -> dict[str, torch.Tensor]:
    """The whole gradients of a parted model, on every process."""
    from deepspeed.utils import safe_get_full_grad

    return {
        name: safe_get_full_grad(each).clone()
        for name, each in model.named_parameters()
        if each.requires_grad
    }
