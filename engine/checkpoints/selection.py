"""Which files of a repository a checkpoint needs: weights once, no code, no pictures."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch
from typing import Final

from engine.checkpoints.hub import HubFile

NEEDLESS: Final = (
    # What training leaves behind.
    *("training_args.bin", "optimizer*", "scheduler*", "rng_state*", "scaler.pt"),
    *("trainer_state.json", "latest", "events.out.tfevents*"),
    # Code: Venus has its own, and runs nobody else's.
    *("*.py", "*.sh", "*.ipynb"),
    # Weights for other programs.
    *("*.h5", "*.msgpack", "*.onnx", "*.gguf", "*.pt", "*.pth", "*.ckpt", "*.npz", "*.tflite"),
    # Pictures and fonts of the page.
    *("*.png", "*.jpg", "*.jpeg", "*.gif", "*.webp", "*.svg", "*.mp4", "*.ttf", "*.pdf"),
    # Names that are ours.
    *("venus.json", "*.part"),
)
TWICE: Final = ("pytorch_model*.bin", "pytorch_model.bin.index.json")
"""Not needed where the same weights are there as safetensors."""


def wanted(files: Sequence[HubFile]) -> tuple[HubFile, ...]:
    """The files to fetch, the small ones first: what is wrong with a repository shows early.

    Only files at the top, under plain names: nothing a hub says can lead out of the folder.
    """
    plain = [each for each in files if _is_plain(each.name)]
    twice = TWICE if any(fnmatch(each.name, "model*.safetensors") for each in plain) else ()
    needed = [
        each
        for each in plain
        if not any(fnmatch(each.name.lower(), pattern) for pattern in (*NEEDLESS, *twice))
    ]
    return tuple(sorted(needed, key=lambda each: (each.size, each.name)))


def _is_plain(name: str) -> bool:
    return bool(name) and not name.startswith(".") and not set(name) & set('/\\:*?"<>|\0')
