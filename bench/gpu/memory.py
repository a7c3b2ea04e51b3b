"""How many bytes of a device are taken, by its driver's own count, at the most."""

from __future__ import annotations

import threading
from types import TracebackType

import torch

PAUSE = 0.01


def taken(device: str) -> int:
    """Bytes of a card that are not free now, whoever has them; 0 for a CPU, which has no driver."""
    if torch.device(device).type != "cuda":
        return 0
    free, total = torch.cuda.mem_get_info(device)
    return total - free


class Most:
    """Watches a device from a thread of its own: `taken` is the most that was seen inside."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)
        self.taken = 0

    def __enter__(self) -> Most:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(PAUSE):
            self._look()

    def _look(self) -> None:
        self.taken = max(self.taken, taken(self._device))
