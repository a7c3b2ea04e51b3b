"""The eye: a vision transformer, and the resampler that makes 256 features of its patches."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.modeling_layers import GradientCheckpointingLayer

from engine.venus.qwen_vl.configuration import VisionConfig

EPS: Final = 1e-6
TRAINED_GRID: Final = 16
"""Side of the table of positions that every checkpoint carries, whatever its image size."""
RESAMPLER_HEAD: Final = 128
"""Width of one head of the resampler."""


def stretch_table(table: Tensor, *, grid: int) -> Tensor:
    """A square table of positions (side², width) at another side, bicubically, in its dtype."""
    side = round(table.shape[0] ** 0.5)
    if side == grid:
        return table
    plane = table.float().reshape(1, side, side, -1).permute(0, 3, 1, 2)
    plane = functional.interpolate(plane, size=(grid, grid), mode="bicubic", align_corners=False)
    return plane.permute(0, 2, 3, 1).flatten(0, 2).to(table.dtype)


class VisionAttention(nn.Module):
    """Self-attention of the patches; its projection holds q, k and v side by side in each head."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.in_proj = nn.Linear(config.width, 3 * config.width)
        self.out_proj = nn.Linear(config.width, config.width)

    def forward(self, patches: Tensor) -> Tensor:
        """(images, patches, width) → the same shape."""
        images, count, width = patches.shape
        mixed = self.in_proj(patches).view(images, count, self.heads, -1).transpose(1, 2)
        query, key, value = mixed.chunk(3, dim=-1)
        seen = functional.scaled_dot_product_attention(query, key, value)
        return self.out_proj(seen.transpose(1, 2).reshape(images, count, width))


class VisionMLP(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        inner = int(config.width * config.mlp_ratio)
        self.c_fc = nn.Linear(config.width, inner)
        self.c_proj = nn.Linear(inner, config.width)

    def forward(self, patches: Tensor) -> Tensor:
        return self.c_proj(functional.gelu(self.c_fc(patches)))


class VisionBlock(GradientCheckpointingLayer):
    """One pre-norm block of the tower."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.width, eps=EPS)
        self.ln_2 = nn.LayerNorm(config.width, eps=EPS)
        self.attn = VisionAttention(config)
        self.mlp = VisionMLP(config)

    def forward(self, patches: Tensor) -> Tensor:
        patches = patches + self.attn(self.ln_1(patches))
        return patches + self.mlp(self.ln_2(patches))


class VisionBlocks(nn.Module):
    """The tower's blocks, under the release's name for them."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(VisionBlock(config) for _ in range(config.layers))

    def forward(self, patches: Tensor) -> Tensor:
        for block in self.resblocks:
            patches = block(patches)
        return patches


class CrossAttention(nn.Module):
    """Queries look at keys and values; the weights carry torch's names, q, k and v in thirds.

    It reads its own weights directly, which is why it must never be quantised.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = max(width // RESAMPLER_HEAD, 1)
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """(images, tokens, width) each → (images, queries, width)."""
        weights = self.in_proj_weight.chunk(3)
        biases = self.in_proj_bias.chunk(3)
        query, key, value = (
            functional.linear(states, weight, bias)
            .view(*states.shape[:2], self.heads, -1)
            .transpose(1, 2)
            for states, weight, bias in zip((query, key, value), weights, biases, strict=True)
        )
        seen = functional.scaled_dot_product_attention(query, key, value)
        return self.out_proj(seen.transpose(1, 2).flatten(2))


class Resampler(nn.Module):
    """Gathers any number of patches into a fixed square of features."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        width = config.output_dim
        self.grid = config.grid
        # A fixed table of sines in the original; it is in the checkpoint and is never trained.
        self.pos_embed = nn.Parameter(torch.empty(config.n_queries, width), requires_grad=False)
        self.query = nn.Parameter(torch.empty(config.n_queries, width))
        self.kv_proj = nn.Linear(config.width, width, bias=False)
        self.attn = CrossAttention(width)
        self.ln_q = nn.LayerNorm(width, eps=EPS)
        self.ln_kv = nn.LayerNorm(width, eps=EPS)

    def forward(self, patches: Tensor) -> Tensor:
        """(images, patches, tower width) → (images, queries, output width)."""
        seen = self.ln_kv(self.kv_proj(patches))
        query = (self.ln_q(self.query) + self.pos_embed).expand(seen.shape[0], -1, -1)
        key = seen + stretch_table(self.pos_embed, grid=self.grid)
        return self.attn(query, key, seen)


class VisionTower(nn.Module):
    """From pixels to the features that stand in for 256 tokens."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.grid = config.grid
        self.conv1 = nn.Conv2d(
            3, config.width, kernel_size=config.patch_size, stride=config.patch_size, bias=False
        )
        self.positional_embedding = nn.Parameter(torch.empty(TRAINED_GRID**2, config.width))
        self.ln_pre = nn.LayerNorm(config.width, eps=EPS)
        self.transformer = VisionBlocks(config)
        self.attn_pool = Resampler(config)
        self.ln_post = nn.LayerNorm(config.output_dim, eps=EPS)
        self.proj = nn.Parameter(torch.empty(config.output_dim, config.output_dim))

    def forward(self, pixel_values: Tensor) -> Tensor:
        """(images, 3, size, size) → (images, queries, hidden size), in the tower's dtype."""
        patches = self.conv1(pixel_values.to(self.conv1.weight.dtype)).flatten(2).transpose(1, 2)
        patches = patches + stretch_table(self.positional_embedding, grid=self.grid)
        patches = self.transformer(self.ln_pre(patches))
        return self.ln_post(self.attn_pool(patches)) @ self.proj
