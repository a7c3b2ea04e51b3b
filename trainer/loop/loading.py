"""A checkpoint as a recipe trains it: fp32 where it learns, narrow where it is frozen."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from engine.venus.families.building import check_names
from engine.venus.families.registry import recognise
from engine.venus.family import Family, Parts, Processor, Source
from engine.venus.quantise.holding import Held, Holding, Place
from engine.venus.quantise.holding import Part as HeldPart
from engine.venus.quantise.load import Ready
from engine.venus.quantise.load import load as load_by_plan
from engine.venus.quantise.memory import Room
from engine.venus.quantise.plan import Plan, Width
from engine.venus.quantise.planner import weights
from engine.venus.quantise.sizes import measure
from trainer.loop.learning import never_learnt, part_of
from trainer.recipe import Method, Recipe

DTYPES: Final = {torch.float32: Held.FP32, torch.bfloat16: Held.BF16, torch.float16: Held.FP16}


class Loaded(NamedTuple):
    """A checkpoint in memory. `model` is in eval mode; nothing of it learns yet."""

    model: PreTrainedModel
    family: Family
    processor: Processor
    source: Source

    @property
    def parts(self) -> Parts:
        return self.family.parts(self.source.config)


def load_for(
    recipe: Recipe,
    folder: Path,
    device: torch.device | str,
    *,
    base: Path | None = None,
    frozen: torch.dtype | None = None,
    hollow: bool = False,
) -> Loaded:
    """The model of a checkpoint folder (an adapter's with its `base`) on a device.

    What the recipe trains whole is fp32; the rest is `frozen`, bf16 unless said otherwise (fp32 on
    a CPU, which computes in it); for QLoRA the language model is in 4 bits. A `hollow` model's
    weights have their shapes and dtypes but no values and take no memory: another process has them,
    and gives this one its parts. Raises CheckpointError where the folder is none, EngineError where
    memory ends.
    """
    device = torch.device(device)
    frozen = frozen or (torch.float32 if device.type == "cpu" else torch.bfloat16)
    family = recognise(folder, base=base)
    source = family.read(folder, base=base)
    if recipe.method is Method.QLORA:
        model = _in_four_bits(family, source, device, frozen)
    else:
        model = _wide(family, source, recipe, device, frozen, hollow=hollow)
    return Loaded(model, family, family.processor(source), source)


def _wide(
    family: Family,
    source: Source,
    recipe: Recipe,
    device: torch.device,
    frozen: torch.dtype,
    *,
    hollow: bool,
) -> PreTrainedModel:
    model = family.build(deepcopy(source.config))
    parts = family.parts(source.config)
    whole = recipe.parts if recipe.method is Method.FULL else ()
    fixed = never_learnt(model)
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    state: dict[str, Tensor] = {}
    for name, tensor in model.state_dict().items() if hollow else family.tensors(source):
        learns = part_of(name, parts) in whole and name not in fixed
        wanted = torch.float32 if learns else frozen
        dtype = wanted if tensor.is_floating_point() else tensor.dtype
        state[name] = (
            torch.empty_like(tensor, device=device, dtype=dtype)
            if hollow
            else tensor.to(device, dtype)
        )
    check_names(source, {name: tuple(each.shape) for name, each in state.items()}, expected, model)
    model.load_state_dict(state, assign=True, strict=False)
    model.tie_weights()
    nn.Module.to(model, device)
    model.generation_config = deepcopy(source.generation)
    return model


def _in_four_bits(
    family: Family, source: Source, device: torch.device, compute: torch.dtype
) -> PreTrainedModel:
    """The language model in NF4, all else in the dtype of computing, everything on one device."""
    held = DTYPES[compute]
    holdings = dict.fromkeys(HeldPart, Holding(held, Place.DEVICE))
    holdings[HeldPart.LANGUAGE] = Holding(Held.NF4, Place.DEVICE)
    found = weights(measure(family, source.config), holdings, compute=held, packed=False)
    total = sum(on_device for on_device, _ in found.values())
    plan = Plan(
        device=str(device),
        compute=held,
        # bitsandbytes' layout for CPUs cannot be gone back through.
        packed=False,
        holdings=holdings,
        weights=found,
        width=Width(),
        cache=0,
        working=0,
        room=Room(device=str(device), free=total, total=total, host_free=total, compute=held),
    )
    ready = list(load_by_plan(family, source, plan, stop=lambda: False))[-1]
    assert isinstance(ready, Ready)
    return ready.model
