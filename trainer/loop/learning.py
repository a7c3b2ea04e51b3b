"""Which weights of a model learn: the recipe's parts, whole or through low-rank adapters."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import partial

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import Linear as LoraLinear
from torch import nn
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel
from transformers.modeling_layers import GradientCheckpointingLayer

from engine.venus.family import Parts
from trainer.recipe import Method, Part, Recipe


@dataclass(frozen=True, slots=True)
class Learning:
    """Names of parameters that learn and that stay, as the model names them."""

    learns: frozenset[str]
    stays: frozenset[str]


def let_learn(
    model: PreTrainedModel, parts: Parts, recipe: Recipe
) -> tuple[PreTrainedModel | PeftModel, Learning]:
    """The model with exactly the recipe's parts learning, in fp32; the rest keeps its dtype.

    With LoRA the model comes back wrapped and nothing but the adapters learns. Where the recipe
    says so, blocks run again on the way back instead of keeping all that they worked out.
    ValueError where a part of the recipe has no weights in this model.
    """
    model.requires_grad_(False)
    if recipe.method is Method.FULL:
        _unfreeze(model, parts, recipe)
        learner: PreTrainedModel | PeftModel = model
    else:
        learner = _with_adapters(model, parts, recipe)
    for parameter in learner.parameters():
        if parameter.requires_grad and parameter.dtype != torch.float32:
            # A step of 1e-6 is lost in bf16's eight bits: what learns is kept in fp32.
            parameter.data = parameter.data.float()
    named = dict(learner.named_parameters())
    learns = frozenset(name for name, each in named.items() if each.requires_grad)
    if recipe.checkpointing:
        spare_activations(learner)
    return learner, Learning(learns, frozenset(named) - learns)


def spare_activations(model: nn.Module) -> None:
    """While training, keep what goes into each block alone, and run the block again to go back."""
    for block in model.modules():
        if isinstance(block, GradientCheckpointingLayer):
            # transformers' own way to switch this on also makes the embeddings' output ask for
            # gradients, which nobody here wants.
            block.gradient_checkpointing = True
            again = partial(checkpoint, use_reentrant=False)
            block._gradient_checkpointing_func = again  # pyright: ignore[reportArgumentType]


def belongs(name: str, modules: tuple[str, ...]) -> bool:
    """Whether a parameter or module of this name lies in one of the modules."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def part_of(name: str, parts: Parts) -> Part | None:
    """The part that a parameter belongs to: where parts are nested, the innermost."""
    homes = [(module, part) for part in Part for module in modules_of(parts, part)]
    inside = [(len(module), part) for module, part in homes if belongs(name, (module,))]
    return max(inside, key=lambda each: each[0])[1] if inside else None


def modules_of(parts: Parts, part: Part) -> tuple[str, ...]:
    """The modules of one part."""
    return getattr(parts, part.value)


def never_learnt(model: PreTrainedModel) -> frozenset[str]:
    """What the model's own class never trains: in Qwen-VL a table of sines in the resampler."""
    with torch.device("meta"):
        fresh = type(model)._from_config(deepcopy(model.config))
    return frozenset(n for n, each in fresh.named_parameters() if not each.requires_grad)


def _unfreeze(model: PreTrainedModel, parts: Parts, recipe: Recipe) -> None:
    fixed = never_learnt(model)
    for part in recipe.parts:
        found = [
            each
            for name, each in model.named_parameters()
            if part_of(name, parts) is part and name not in fixed
        ]
        for each in found:
            each.requires_grad_(True)
        # A tied head has its weights under the embeddings' name.
        if not found and part not in (Part.HEAD, Part.EMBEDDINGS):
            raise ValueError(f"the recipe trains {part}, but this model has no weights there")


def _with_adapters(model: PreTrainedModel, parts: Parts, recipe: Recipe) -> PeftModel:
    assert recipe.lora is not None
    modules = tuple(name for part in recipe.parts for name in modules_of(parts, part))
    split = _split_matrices() if recipe.method is Method.QLORA else ()
    targets: list[str] = []
    for name, module in model.named_modules():
        whole = isinstance(module, (nn.Linear, *split)) and not belongs(name, tuple(targets))
        if belongs(name, modules) and whole and not _left_out(name, model):
            targets.append(name)
    if not targets:
        raise ValueError("this model has no linear layers where the recipe puts adapters")
    settings = LoraConfig(
        r=recipe.lora.rank,
        lora_alpha=recipe.lora.alpha,
        lora_dropout=recipe.lora.dropout,
        target_modules=targets,
        task_type="CAUSAL_LM",
    )
    if recipe.method is Method.QLORA:
        # peft asks this of a model before it looks at its layers.
        setattr(model, "is_loaded_in_4bit", True)  # noqa: B010  (no attribute of the class)
        settings._register_custom_module(dict.fromkeys(split, LoraLinear))
    with torch.random.fork_rng(devices=[]):
        # The adapters' first weights are the recipe's, whatever was drawn before.
        torch.manual_seed(recipe.seed)
        learner = get_peft_model(model, settings)
    assert isinstance(learner, PeftModel)
    home = next(model.parameters()).device
    for parameter in learner.parameters():
        if parameter.requires_grad:
            # peft leaves them where they were made if a layer has no weight of its own.
            parameter.data = parameter.data.to(home)
    return learner


def _split_matrices() -> tuple[type[nn.Module], ...]:
    """The layers that hold one matrix in several pieces; only where bitsandbytes is."""
    from engine.venus.quantise.nf4 import Nf4Rows

    return (Nf4Rows,)


def _left_out(name: str, model: PreTrainedModel) -> bool:
    """Qwen-VL's released adapters are on c_attn, attn.c_proj, w1 and w2: not on mlp.c_proj."""
    return model.config.model_type == "qwen" and name.endswith("mlp.c_proj")
