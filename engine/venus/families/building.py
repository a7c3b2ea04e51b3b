"""Models without their weights, and the simplest way to give them their weights."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from engine.venus.family import Family, Source
from engine.venus.qwen_vl.errors import CheckpointError


def build(model_class: type[PreTrainedModel], config: Any) -> PreTrainedModel:
    """A model of the config's dtype in eval mode, all that a checkpoint carries on meta.

    Tables that are worked out and never saved (rotary frequencies) are filled on the CPU, in the
    way that transformers itself fills them after loading.
    """
    with torch.device("meta"):
        model = model_class._from_config(config)
    for module in model.modules():
        unsaved = [
            (name, buffer)
            for name, buffer in module.named_buffers(recurse=False)
            if name in module._non_persistent_buffers_set
        ]
        for name, buffer in unsaved:
            module.register_buffer(name, torch.empty_like(buffer, device="cpu"), persistent=False)
        if unsaved:
            # Weights are still on meta, where filling them costs and changes nothing.
            _owner(model, module)._init_weights(module)
    return model.eval()


def load(
    family: Family,
    source: Source,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> PreTrainedModel:
    """The whole model on one device in one dtype, nothing quantised.

    Raises CheckpointError naming every weight that is missing, left over or of another shape.
    """
    model = family.build(source.config)
    nn.Module.to(model, dtype=dtype)
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    state: dict[str, Tensor] = {}
    for name, tensor in family.tensors(source):
        state[name] = tensor.to(device=device, dtype=dtype)
    check_names(source, {name: tuple(each.shape) for name, each in state.items()}, expected, model)
    model.load_state_dict(state, assign=True, strict=False)
    model.tie_weights()
    nn.Module.to(model, device)
    model.generation_config = source.generation
    return model


def check_names(
    source: Source,
    found: dict[str, tuple[int, ...]],
    expected: dict[str, tuple[int, ...]],
    model: PreTrainedModel,
) -> None:
    """Compare the shapes that a checkpoint has by name with those that its model wants.

    Raises CheckpointError naming all that is missing, left over or of another shape; one of two
    tied weights may be absent.
    """
    tied = tied_names(model)
    missing = sorted(
        name
        for name in expected.keys() - found.keys()
        if not any(name in pair and pair - {name} <= found.keys() for pair in tied)
    )
    left_over = sorted(found.keys() - expected.keys())
    misshapen = sorted(
        f"{name} is {found[name]}, not {expected[name]}"
        for name in found.keys() & expected.keys()
        if found[name] != expected[name]
    )
    wrong = {"missing": missing, "left over": left_over, "of another shape": misshapen}
    told = [f"{what}: {', '.join(names)}" for what, names in wrong.items() if names]
    if told:
        raise CheckpointError(
            f"the weights in {source.folder} are not those of its config. {'; '.join(told)}"
        )


def tied_names(model: PreTrainedModel) -> list[set[str]]:
    """Pairs of names that stand for one and the same weight."""
    tied = getattr(model, "all_tied_weights_keys", None) or {}
    return [{one, other} for one, other in tied.items()]


def _owner(model: PreTrainedModel, module: nn.Module) -> PreTrainedModel:
    """The innermost transformers model that a module lies in: it knows how to fill its tables."""
    owner = model
    for candidate in model.modules():
        if isinstance(candidate, PreTrainedModel) and any(
            each is module for each in candidate.modules()
        ):
            owner = candidate
    return owner
