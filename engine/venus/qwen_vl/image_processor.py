"""From pictures to the numbers that the vision tower reads, with Pillow and numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
STD: Final = (0.26862954, 0.26130258, 0.27577711)
"""CLIP's mean and standard deviation of red, green and blue, 0..1."""


@dataclass(frozen=True, slots=True)
class ImageProcessor:
    """Stretches pictures to the model's square and normalises them; keeps no aspect ratio."""

    image_size: int = 448

    def resize(self, picture: Image.Image) -> np.ndarray:
        """The picture as the model sees it: (size, size, 3) of uint8, alpha dropped."""
        square = (self.image_size, self.image_size)
        return np.asarray(picture.convert("RGB").resize(square, Image.Resampling.BICUBIC))

    def normalise(self, pixels: np.ndarray) -> np.ndarray:
        """(height, width, 3) of uint8 → (3, height, width) of float32."""
        scaled = pixels.astype(np.float32) / np.float32(255)
        centred = (scaled - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
        return np.ascontiguousarray(centred.transpose(2, 0, 1))

    def __call__(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """Upright pictures → (pictures, 3, size, size) of float32."""
        side = self.image_size
        if not pictures:
            return np.zeros((0, 3, side, side), dtype=np.float32)
        return np.stack([self.normalise(self.resize(picture)) for picture in pictures])
