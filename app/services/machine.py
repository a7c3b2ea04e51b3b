"""What can be told of this machine without loading a library for it."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path


def has_graphics_card() -> bool:
    """Whether there seems to be a graphics processor that a model can run on: the driver of an
    NVIDIA card, the compute driver of an AMD card, or one of Apple's own processors.
    """
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    nodes = (Path("/dev/nvidiactl"), Path("/dev/kfd"), Path("/dev/dxg"))
    return shutil.which("nvidia-smi") is not None or any(node.exists() for node in nodes)
