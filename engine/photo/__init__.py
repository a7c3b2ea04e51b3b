"""Reading a picture file to 8-bit sRGB at any size, upright, whole, or with one clear error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.photo.errors import PhotoError, Stopped
from engine.photo.info import MAX_PIXELS, PhotoInfo
from engine.photo.photo_file import PhotoFile, inspect, open_photo
from engine.photo.source import OPENABLE_SUFFIXES, RAW_SUFFIXES
from engine.stop import Stop, never

__all__ = [
    "MAX_PIXELS",
    "OPENABLE_SUFFIXES",
    "RAW_SUFFIXES",
    "PhotoError",
    "PhotoFile",
    "PhotoInfo",
    "Stopped",
    "inspect",
    "open_photo",
    "read",
]


def read(
    path: Path | str, *, long_side: int | None = None, stop: Stop = never
) -> NDArray[np.uint8]:
    """(h, w, 3) sRGB, upright, with exactly `long_side` pixels on the longer side where the photo
    has more; never enlarged. Raises PhotoError; Stopped if `stop` became true.
    """
    return open_photo(path).rgb(long_side=long_side, stop=stop)
