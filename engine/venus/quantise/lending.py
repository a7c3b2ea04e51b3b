"""Parts that lie in the computer's own memory: used there, or lent to the device while they run."""

from __future__ import annotations

from typing import Any, Final

import torch
from accelerate.hooks import ModelHook, add_hook_to_module
from accelerate.utils import send_to_device
from torch import nn


class Hosted(ModelHook):
    """Runs a module in the computer's own memory and hands its result to the device.

    For embeddings: one row of a large table for each token is less than the table.
    """

    def __init__(self, device: torch.device) -> None:
        self.execution_device: Final = device

    def pre_forward(self, module: nn.Module, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        return send_to_device(args, "cpu"), send_to_device(kwargs, "cpu")

    def post_forward(self, module: nn.Module, output: Any) -> Any:
        return send_to_device(output, self.execution_device)


class Lent(ModelHook):
    """Copies a module's parameters to the device when it runs, and drops the copies after it."""

    def __init__(self, device: torch.device) -> None:
        self.execution_device: Final = device
        self._own: list[tuple[nn.Module, str, nn.Parameter]] = []

    def init_hook(self, module: nn.Module) -> nn.Module:
        self._own = [
            (owner, leaf, parameter)
            for owner in module.modules()
            for leaf, parameter in owner.named_parameters(recurse=False)
        ]
        return module

    def pre_forward(self, module: nn.Module, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        for owner, leaf, own in self._own:
            lent = own.to(self.execution_device, copy=True)
            owner._parameters[leaf] = nn.Parameter(lent, requires_grad=False)
        return args, kwargs

    def post_forward(self, module: nn.Module, output: Any) -> Any:
        for owner, leaf, own in self._own:
            owner._parameters[leaf] = own
        return output


def use_on_host(module: nn.Module, device: torch.device) -> None:
    """Let a module whose weights are on the CPU serve a model on `device`."""
    add_hook_to_module(module, Hosted(device))


def lend(block: nn.Module, device: torch.device) -> None:
    """Let a block whose weights are on the CPU run on `device`."""
    add_hook_to_module(block, Lent(device))
