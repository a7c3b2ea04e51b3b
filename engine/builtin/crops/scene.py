"""What the built-in engine sees of one photo's composition, from its reduced copy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.builtin.crops.posterior import Posterior, posterior
from engine.builtin.crops.saliency import small_copy
from engine.builtin.crops.standout import StandOut, standout
from engine.vocabulary import Size


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo of `size` pixels: a copy with a long side of 256, the crops that people would
    draw, and the area that stands out most, if any does.
    """

    size: Size
    rgb: NDArray[np.uint8]
    posterior: Posterior
    stand: StandOut | None


def scene(rgb: NDArray[np.uint8], size: Size) -> Scene:
    """From an upright 8-bit sRGB copy, height × width × 3, of a photo of `size`."""
    found = posterior(rgb)
    return Scene(size, small_copy(rgb), found, standout(found, rgb))
