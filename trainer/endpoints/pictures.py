"""What a model is shown of a photo: a small JPEG of its pixels alone, with a crop drawn in red."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from engine.photo import open_photo
from engine.vocabulary import Box
from trainer.endpoints.asking import Shown

RED: Final = (255, 0, 0)
_QUALITY: Final = 92
_STROKE: Final = 1 / 200
"""Of the longer side: to be seen by a model that looks at small patches."""


def jpeg(shown: Shown) -> bytes:
    """The picture's file. PhotoError where the photo cannot be read."""
    rgb = open_photo(shown.path).rgb(long_side=shown.long_side)
    if shown.box is not None:
        rgb = with_box(rgb, shown.box)
    return simplejpeg.encode_jpeg(np.ascontiguousarray(rgb), quality=_QUALITY)


def blank(side: int = 224) -> bytes:
    """A grey picture, for models that cannot be asked without one."""
    return simplejpeg.encode_jpeg(np.full((side, side, 3), 128, np.uint8), quality=_QUALITY)


def with_box(rgb: NDArray[Any], box: Box) -> NDArray[np.uint8]:
    """(h, w, 3) with a red frame whose outer edge is the box's; it covers none of what is left
    out, so that a box along the photo's edge is seen whole.
    """
    drawn = np.array(rgb, dtype=np.uint8)
    high, wide = drawn.shape[:2]
    left, right = (_pixel(edge, wide) for edge in (box.left, box.right))
    top, bottom = (_pixel(edge, high) for edge in (box.top, box.bottom))
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    stroke = max(2, round(max(wide, high) * _STROKE))
    drawn[top : min(top + stroke, bottom), left:right] = RED
    drawn[max(bottom - stroke, top) : bottom, left:right] = RED
    drawn[top:bottom, left : min(left + stroke, right)] = RED
    drawn[top:bottom, max(right - stroke, left) : right] = RED
    return drawn


def _pixel(edge: float, length: int) -> int:
    return min(max(round(edge * length), 0), length)
