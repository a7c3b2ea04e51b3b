"""What figures and their times are called, on pages and in model cards."""

from __future__ import annotations

from typing import Final

NAMES: Final = {
    "loss": "Loss, nats a learnt token",
    "crop_iou": "IoU of the model's crop with the nearest good one",
    "crops_read": "Share of answers in which a crop can be read",
}


def when(epoch: int) -> str:
    """Before the first step (epoch 0), or after an epoch."""
    return f"after epoch {epoch}" if epoch else "before"
