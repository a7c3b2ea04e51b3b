"""What a step needs to know of the other processes, whether there are any or not."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.distributed as dist


@dataclass(frozen=True, slots=True)
class Ranks:
    """One process among `count`; index 0 writes files and draws."""

    index: int
    count: int
    device: torch.device

    @property
    def first(self) -> bool:
        return self.index == 0

    def wait(self) -> None:
        """Until every process has come here."""
        if self.count > 1:
            dist.barrier()

    def total(self, value: float) -> float:
        """The sum over all processes."""
        if self.count == 1:
            return value
        summed = torch.tensor(value, dtype=torch.float64, device=self.device)
        dist.all_reduce(summed)
        return float(summed)

    def any(self, told: bool) -> bool:
        """Whether any process was told: all of them learn it at the same place."""
        return told if self.count == 1 else self.total(float(told)) > 0
