"""How the random model begins: with an eye that hides nothing, so that minutes are enough to learn.

One that begins at random had learnt no place after 2,200 steps: it said the mean box. This one
begins as the plainest of eyes: each patch by its principal components, with its place beside them,
handed on unchanged. All of it learns from there.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.venus.qwen_vl.vision import TRAINED_GRID, Resampler, VisionTower

_PLACES: Final = 32
"""Features of a patch that say where it is; the others say how it looks."""
_STEADY: Final = 100.0
"""How much larger than one the features are before the first norm, which takes it away again: one
step of the optimiser then turns a patch's components by little. With small weights it would be
another eye after every step."""
_SLOW: Final = 0.6
"""Radians a place of the tower's table, at most: the whole picture is about one wave and a half."""
_LEAST: Final = 1e-3
"""A component weaker than this share of the strongest is not brought up to its strength."""


@torch.no_grad()
def begin(tower: VisionTower, pictures: Tensor) -> None:
    """Set the weights of a tower that is as wide as what it hands on.

    `pictures` (pictures, 3, side, side), normalised, are some that it will learn from.
    """
    width = tower.conv1.out_channels
    looks = width - _PLACES
    tower.conv1.weight.zero_()
    tower.conv1.weight[:looks] = _STEADY * principal_components(
        pictures, tower.conv1.kernel_size[0], looks
    )
    tower.positional_embedding.zero_()
    tower.positional_embedding[:, looks:] = (
        _STEADY / 2 * sine_table(TRAINED_GRID**2, _PLACES, quickest=_SLOW)
    )
    for block in tower.transformer.resblocks:
        # A residual branch that adds nothing yet.
        for last in (block.get_submodule("attn.out_proj"), block.get_submodule("mlp.c_proj")):
            nn.init.zeros_(last.get_parameter("weight"))
    _hand_on(tower.attn_pool)
    nn.init.eye_(tower.proj)


def principal_components(pictures: Tensor, patch: int, count: int) -> Tensor:
    """The `count` strongest principal components of the pictures' patches as the kernels of a
    convolution (count, 3, patch, patch), each with a response of variance one (whitening: LeCun et
    al., Efficient BackProp, 1998).
    """
    patches = functional.unfold(pictures, patch, stride=patch).transpose(1, 2).flatten(0, 1)
    centred = (patches - patches.mean(0)).double()
    strengths, directions = torch.linalg.eigh(centred.T @ centred / len(centred))
    strengths, directions = strengths.flip(0)[:count], directions.flip(1)[:, :count]
    whitened = directions / (strengths + _LEAST * strengths[0]).sqrt()
    return whitened.T.float().reshape(count, 3, patch, patch)


def sine_table(count: int, width: int, *, quickest: float) -> Tensor:
    """(count, width): sines and cosines of the columns and rows of a square of `count` places.

    Frequencies go down from `quickest` radians a place to a tenth of it.
    """
    side = round(count**0.5)
    frequencies = quickest * 10 ** -np.linspace(0, 1, width // 4)
    angles = np.outer(np.arange(side), frequencies)
    line = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    rows, columns = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    table = np.concatenate([line[columns.ravel()], line[rows.ravel()]], axis=1)
    return torch.from_numpy(table.astype(np.float32))


def _hand_on(pool: Resampler) -> None:
    """Each query looks at its own place, by the table of sines that the original has too, and
    takes over what is there.
    """
    count, width = pool.pos_embed.shape
    pool.pos_embed.copy_(sine_table(count, width, quickest=1.5))
    # Of what a query has learnt, little beside its place.
    nn.init.constant_(pool.ln_q.weight, 0.1)
    query, key, value = pool.attn.in_proj_weight.chunk(3)
    for weight, strength in (
        (query, 2.0),
        (key, 2.0),
        (value, 1.0),
        (pool.kv_proj.weight, 1.0),
        (pool.attn.out_proj.weight, 1.0),
    ):
        weight.copy_(strength * torch.eye(width))
