"""What can be told of this machine without loading a library for it."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_LIBRARIES: Final = ("torch", "transformers", "safetensors")


def has_graphics_card() -> bool:
    """Whether there seems to be a graphics processor that a model can run on: the driver of an
    NVIDIA card, the compute driver of an AMD card, or one of Apple's own processors.
    """
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    nodes = (Path("/dev/nvidiactl"), Path("/dev/kfd"), Path("/dev/dxg"))
    return shutil.which("nvidia-smi") is not None or any(node.exists() for node in nodes)


def has_model_libraries() -> bool:
    """Whether the libraries that a local model needs are installed; they are not loaded."""
    return all(find_spec(name) is not None for name in _LIBRARIES)
