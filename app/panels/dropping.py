"""What is dragged over the window, as a path."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QDropEvent


def dropped_path(event: QDropEvent) -> Path | None:
    """The first file or folder of this machine that is dragged; None for anything else."""
    local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    return Path(local[0]) if local else None
