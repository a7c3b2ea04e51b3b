"""Boxes that a benchmark compares an engine with: no look at the photo, and smartcrop's."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from PIL import Image

from engine.geometry import iou
from engine.photo import read
from engine.vocabulary import Box
from trainer.benchmarks.rule import FULL, Edges

CENTRE: Final[Edges] = (0.05, 0.05, 0.95, 0.95)
"""90 % of the width and the height, about the centre."""
FIXED: Final[dict[str, tuple[str, Edges]]] = {
    "full_frame": ("full frame", FULL),
    "centre_90": ("centre, 90 %", CENTRE),
}
"""Key → title and box."""
SMARTCROP: Final = "smartcrop"

_LONG_SIDE: Final = 1024


def has_smartcrop() -> bool:
    """Whether the package `smartcrop` is installed."""
    return find_spec(SMARTCROP) is not None


def smartcrop_box(photo: Path) -> Edges:
    """What smartcrop takes where any size is fine: the photo's own ratio, scale 0.9 to 1.

    Raises PhotoError, and ModuleNotFoundError without the package.
    """
    from smartcrop import SmartCrop

    rgb = read(photo, long_side=_LONG_SIDE)
    height, width = rgb.shape[:2]
    found = SmartCrop().crop(Image.fromarray(rgb), width, height)["top_crop"]
    left, top = found["x"] / width, found["y"] / height
    return (
        left,
        top,
        min(1.0, left + found["width"] / width),
        min(1.0, top + found["height"] / height),
    )


def scores_by(box: Edges, rated: tuple[Edges, ...]) -> tuple[float, ...]:
    """Scores for rated crops from a cropper that only gives one box: their overlap with it."""
    one = Box(*box)
    return tuple(iou(one, Box(*each)) for each in rated)
