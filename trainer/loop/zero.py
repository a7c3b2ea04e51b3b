"""A model in parts as the authors had it: DeepSpeed's ZeRO-3. Nothing here is imported without it.

DeepSpeed is not among Venus's dependencies: FSDP2 does the same with PyTorch alone. It is for labs
that compare with runs of the released scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim import AdamW

from trainer.data.batches import Layout
from trainer.loop.optimising import set_rate

_TAG: Final = "zero"
LEARNT_BYTES: Final = 20
"""Of a number that learns: itself twice, its gradient and AdamW's two moments, all in fp32."""
_IN_USE: Final = 3 * 10**8
"""Numbers that are whole at a time at most, beside the module that runs; more, and DeepSpeed
fetches ahead.
"""
_AT_A_TIME: Final = 10**8
"""Numbers whose gradients are joined, or that the optimiser moves, at a time."""
BESIDES: Final = 4 * (_IN_USE + 3 * _AT_A_TIME)
"""Bytes of all these buffers, in fp32."""
_LIMITS: Final = {
    "stage3_max_live_parameters": _IN_USE,
    "stage3_prefetch_bucket_size": _IN_USE // 4,
    "reduce_bucket_size": _AT_A_TIME,
    "sub_group_size": _AT_A_TIME,
}
_MIXED: Final = {
    # It would round the weights, and tables of angles, before it makes the masters of them.
    "bf16": {"enabled": False},
    # Its own list of modules would have the gradients of linear layers joined in bf16.
    "torch_autocast": {
        "enabled": True,
        "dtype": "bfloat16",
        "lower_precision_safe_modules": [],
    },
}


class _Engine(Protocol):
    """What is used of DeepSpeed's engine, which has no types."""

    optimizer: Any
    device: torch.device

    def torch_autocast_enabled(self) -> bool: ...
    def torch_autocast_dtype(self) -> torch.dtype: ...
    def set_gradient_accumulation_boundary(self, is_boundary: bool) -> None: ...
    def backward(self, loss: Tensor, *, scale_wrt_gas: bool) -> object: ...
    def step(self) -> None: ...
    def get_global_grad_norm(self) -> Tensor | float | None: ...
    def save_checkpoint(
        self, save_dir: str, tag: str, *, exclude_frozen_parameters: bool
    ) -> object: ...
    def load_checkpoint(
        self, load_dir: str, tag: str, *, load_module_strict: bool
    ) -> tuple[str | None, object]: ...


@dataclass(frozen=True, slots=True)
class Zero:
    """A `Strategy`: the engine joins gradients as they come, clips them and moves the weights.

    Weights without a part in the loss have gradients of zero here instead of none, and decay.
    """

    model: nn.Module
    name: str = "DeepSpeed"

    @property
    def _engine(self) -> _Engine:
        return cast(_Engine, self.model)

    @contextmanager
    def micro_batch(self, *, last: bool) -> Iterator[None]:
        # The engine casts by itself on the way forward.
        self._engine.set_gradient_accumulation_boundary(last)
        yield

    def back(self, loss: Tensor) -> None:
        self._engine.backward(loss, scale_wrt_gas=False)

    def step(self, rate: float) -> float:
        set_rate(self._engine.optimizer, rate)
        self._engine.step()
        norm = self._engine.get_global_grad_norm()
        return 0.0 if norm is None else float(norm)

    def forget(self) -> None:
        self._engine.optimizer.zero_grad(set_to_none=True)

    def save(self, folder: Path) -> None:
        self._engine.save_checkpoint(str(folder), _TAG, exclude_frozen_parameters=True)

    def restore(self, folder: Path) -> None:
        self._engine.load_checkpoint(str(folder), _TAG, load_module_strict=False)


def zero(
    model: nn.Module,
    optimiser: AdamW,
    accelerator: Accelerator,
    layout: Layout,
    *,
    clip_norm: float,
) -> Zero:
    """Part a model and its optimiser over the processes. Batches and clipping are the recipe's;
    where the launcher said bf16, computing is in it and all else in fp32.
    """
    plugin = accelerator.state.deepspeed_plugin
    assert plugin is not None
    if accelerator.mixed_precision == "bf16":
        plugin.deepspeed_config |= _MIXED
    plugin.deepspeed_config |= {
        "train_micro_batch_size_per_gpu": layout.per_device,
        "gradient_accumulation_steps": layout.accumulation,
        "gradient_clipping": clip_norm,
    }
    plugin.deepspeed_config["zero_optimization"] |= _LIMITS
    accelerator.gradient_accumulation_steps = layout.accumulation
    _part(model, plugin.deepspeed_config)
    engine, _ = accelerator.prepare(model, optimiser)
    # transformers would part each model that is built from here on, as the one that is written is.
    plugin.dschf = None
    return Zero(engine)


def _part(model: nn.Module, config: dict[str, Any]) -> None:
    """Give each process its parts, one weight after the other; DeepSpeed's engine would have the
    whole model on each card first. Those that the first process has count.
    """
    from deepspeed.runtime.zero import Init

    # What accelerate fills in later is none of its matter.
    known = {name: each for name, each in config["zero_optimization"].items() if each != "auto"}
    batch = config["train_micro_batch_size_per_gpu"]
    Init(
        module=model,
        config_dict_or_path={"zero_optimization": known, "train_micro_batch_size_per_gpu": batch},
    )


def is_parted(model: nn.Module) -> bool:
    """Whether DeepSpeed keeps parts of this model's weights on each process."""
    return any(hasattr(each, "ds_id") for each in model.parameters())


def computing(model: nn.Module) -> AbstractContextManager[object]:
    """For parts of a parted model that are called without it: it casts only when it is called."""
    engine = cast(_Engine, model)
    if not engine.torch_autocast_enabled():
        return nullcontext()
    return torch.autocast(engine.device.type, engine.torch_autocast_dtype())


def whole_weights(model: nn.Module, *, learning: bool, keep: bool) -> dict[str, Tensor]:
    """A parted model's weights by name, or those that learn: whole and on the CPU, in fp32 where
    they learn. Every process must call it at the same place; those that do not `keep` get nothing.
    """
    from deepspeed.runtime.zero import GatheredParameters
    from deepspeed.utils import safe_get_full_fp32_param

    found: dict[str, Tensor] = {}
    for name, each in model.named_parameters():
        if each.requires_grad:
            whole = safe_get_full_fp32_param(each)
            assert whole is not None
            if keep:
                found[name] = whole.detach().cpu()
        elif not learning:
            with GatheredParameters([each]):
                if keep:
                    found[name] = each.detach().cpu().clone()
    return found
