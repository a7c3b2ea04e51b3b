"""Small picture files for tests that care about names and sizes, not about what is on them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


def picture(path: Path, *, width: int = 100, height: int = 50) -> Path:
    """A grey picture in a new file, its folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (128, 128, 128)).save(path)
    return path
