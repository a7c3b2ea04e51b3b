"""The blocks of the language model: norm, attention, gated MLP."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.cache_utils import Cache
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from engine.venus.qwen_vl.configuration import QwenVLConfig
from engine.venus.qwen_vl.rope import rotate


class Placing(NamedTuple):
    """What every block needs to know of the positions; worked out once a call.

    A tuple, so that accelerate can carry it to the device of a block.

    `cosines` and `sines` are (rows or 1, 1, tokens, kv_channels) in fp32; `query_factors` is
    (rows or 1, 1, tokens, 1), or None where logn is not in use.
    """

    cosines: Tensor
    sines: Tensor
    query_factors: Tensor | None


class RMSNorm(nn.Module):
    """Root-mean-square norm: the mean in fp32, the weight in the model's dtype."""

    def __init__(self, width: int, *, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, states: Tensor) -> Tensor:
        wide = states.float()
        wide = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return wide.to(states.dtype) * self.weight


class Attention(nn.Module):
    """Causal self-attention over the cache; runs the function that the config names."""

    is_causal = True
    num_key_value_groups = 1

    def __init__(self, config: QwenVLConfig, layer_index: int) -> None:
        super().__init__()
        self.config = config
        self.layer_index = layer_index
        self.head_dim = config.kv_channels
        self.c_attn = nn.Linear(config.hidden_size, 3 * config.projection_size)
        self.c_proj = nn.Linear(config.projection_size, config.hidden_size, bias=False)

    def forward(
        self, states: Tensor, *, placing: Placing, mask: Tensor | None, cache: Cache | None
    ) -> Tensor:
        """(rows, tokens, hidden) → the same shape; adds keys and values to the cache."""
        rows, tokens, _ = states.shape
        query, key, value = (
            part.view(rows, tokens, -1, self.head_dim).transpose(1, 2)
            for part in self.c_attn(states).chunk(3, dim=-1)
        )
        query = rotate(query, placing.cosines, placing.sines)
        key = rotate(key, placing.cosines, placing.sines)
        if placing.query_factors is not None:
            query = query * placing.query_factors.to(query.dtype)
        if cache is not None:
            key, value = cache.update(key, value, self.layer_index)
        attend = ALL_ATTENTION_FUNCTIONS.get_interface(
            self.config._attn_implementation or "sdpa", sdpa_attention_forward
        )
        seen, _ = attend(self, query, key, value, mask, dropout=0.0, scaling=self.head_dim**-0.5)
        return self.c_proj(seen.reshape(rows, tokens, -1))


class MLP(nn.Module):
    """A gated MLP; the gate is w2."""

    def __init__(self, config: QwenVLConfig) -> None:
        super().__init__()
        inner = config.intermediate_size // 2
        self.w1 = nn.Linear(config.hidden_size, inner, bias=False)
        self.w2 = nn.Linear(config.hidden_size, inner, bias=False)
        self.c_proj = nn.Linear(inner, config.hidden_size, bias=False)

    def forward(self, states: Tensor) -> Tensor:
        return self.c_proj(self.w1(states) * functional.silu(self.w2(states)))


class Block(GradientCheckpointingLayer):
    """One pre-norm block of the language model."""

    def __init__(self, config: QwenVLConfig, layer_index: int) -> None:
        super().__init__()
        self.ln_1 = RMSNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.attn = Attention(config, layer_index)
        self.ln_2 = RMSNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.mlp = MLP(config)

    def forward(
        self, states: Tensor, *, placing: Placing, mask: Tensor | None, cache: Cache | None
    ) -> Tensor:
        states = states + self.attn(self.ln_1(states), placing=placing, mask=mask, cache=cache)
        return states + self.mlp(self.ln_2(states))
