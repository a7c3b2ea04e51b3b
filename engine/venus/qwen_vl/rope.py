"""Where a token stands: rotary angles, their dynamic stretching (NTK), and the logn factor.

All of it is worked out anew from the positions at every call: nothing is kept in buffers, so
nothing is lost when a model is built on the meta device.
"""

from __future__ import annotations

from math import ceil, log, log2

import torch
from torch import Tensor

Alphas = tuple[float, ...]
"""One NTK alpha for every row of a batch, or a single one for all rows."""


def ntk_alpha(length: int, *, seq_length: int) -> float:
    """The stretch of a context of `length` tokens: 1 up to `seq_length`, then 3, 7, 15, …"""
    return float(max(2 ** ceil(log2(length / seq_length) + 1) - 1, 1))


def positions_from_mask(attention_mask: Tensor) -> Tensor:
    """Positions that skip padding: (rows, tokens) of 0 and 1 → (rows, tokens), padding at 0."""
    return (attention_mask.long().cumsum(-1) - 1).clamp(min=0)


def rotary_angles(
    positions: Tensor, *, dim: int, base: float, alphas: Alphas
) -> tuple[Tensor, Tensor]:
    """Cosines and sines in fp32, each (rows or 1, 1, tokens, dim), for positions (rows, tokens).

    Raises ValueError when the alphas fit neither one row nor every row.
    """
    if len(alphas) not in (1, positions.shape[0]) and positions.shape[0] != 1:
        raise ValueError(f"{len(alphas)} NTK alphas do not fit {positions.shape[0]} rows")
    steps = torch.arange(0, dim, 2, device=positions.device).float() / dim
    frequencies = torch.stack(
        [1.0 / (base * alpha ** (dim / (dim - 2))) ** steps for alpha in alphas]
    )
    angles = positions.float()[:, :, None] * frequencies[:, None, :]
    angles = torch.cat((angles, angles), dim=-1)[:, None]
    return angles.cos(), angles.sin()


def rotate(states: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Turn queries or keys (rows, heads, tokens, dim) by their angles, in fp32."""
    wide = states.float()
    first, second = wide.chunk(2, dim=-1)
    turned = wide * cosines + torch.cat((-second, first), dim=-1) * sines
    return turned.to(states.dtype)


def logn_factors(positions: Tensor, *, seq_length: int) -> Tensor:
    """Factors for queries, (rows, 1, tokens, 1): log of the 1-based position, at least 1."""
    factors = torch.log(positions.float() + 1.0) / log(seq_length)
    return factors.clamp(min=1.0)[:, None, :, None]
