"""A linear layer whose matrix is held in 8 bits: plain torch, so on every device.

Only the matrix is rounded, not what goes through it (as LLM.int8 does): that keeps the outlying
features that large language models have, and it needs no library.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

CACHE_NUMBERS: Final = 2**20
"""Numbers that are widened at once on a CPU: they stay in its cache."""
CARD_NUMBERS: Final = 2**26
"""The same elsewhere, where few large steps are quicker."""
FILLED_NUMBERS: Final = 2**24
"""Numbers that are rounded at once."""
LEVELS: Final = 127


class Int8Linear(nn.Module):
    """y = x Wᵀ + b; W in 8 bits with a scale a row. Made on the meta device, filled afterwards."""

    weight: Tensor
    scale: Tensor
    bias: Tensor | None

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.in_features: Final = linear.in_features
        self.out_features: Final = linear.out_features
        shape = (linear.out_features, linear.in_features)
        self.register_buffer("weight", torch.empty(shape, dtype=torch.int8, device="meta"))
        self.register_buffer("scale", torch.empty(shape[0], dtype=torch.float32, device="meta"))
        self.register_parameter("bias", linear.bias)

    def forward(self, states: Tensor) -> Tensor:
        """(…, in features) → (…, out features), in the dtype of `states`."""
        most = CACHE_NUMBERS if states.device.type == "cpu" else CARD_NUMBERS
        rows = max(most // self.in_features, 1)
        wide = [
            functional.linear(states, part.to(states.dtype)) for part in self.weight.split(rows)
        ]
        out = torch.cat(wide, -1) * self.scale.to(states.dtype)
        return out if self.bias is None else out + self.bias.to(states.dtype)

    def fill(self, weight: Tensor, device: torch.device) -> None:
        """Take a matrix (out features, in features) of any floating dtype, rounding it."""
        rounded = torch.empty(weight.shape, dtype=torch.int8, device=device)
        scale = torch.empty(self.out_features, dtype=torch.float32, device=device)
        rows = max(FILLED_NUMBERS // self.in_features, 1)
        for start in range(0, self.out_features, rows):
            part = slice(start, start + rows)
            wide = weight[part].to(device).float()
            # A row of zeros has no largest number to divide by.
            largest = wide.abs().amax(-1)
            scale[part] = torch.where(largest > 0, largest / LEVELS, torch.ones_like(largest))
            rounded[part] = (wide / scale[part, None]).round_().to(torch.int8)
        self.weight, self.scale = rounded, scale

    def raw(self) -> dict[str, Tensor]:
        """Every tensor that `restore` needs."""
        return {"weight": self.weight, "scale": self.scale}

    def restore(self, raw: dict[str, Tensor], device: torch.device) -> None:
        """Take what `raw` gave. KeyError where something is missing."""
        self.weight, self.scale = raw["weight"].to(device), raw["scale"].to(device)
