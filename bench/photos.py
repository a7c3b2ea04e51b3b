"""Large photos for the benchmarks, made from the bundled sample: enlarged, with grain of their own.

Enlarging alone would make a file that compresses, and so decodes, unlike a camera's.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bench.icc import DISPLAY_P3, matrix_profile
from resources.samples import RACCOON

ORIENTATION = 0x0112


def write_jpeg(
    path: Path,
    *,
    megapixels: float,
    seed: int = 0,
    display_p3: bool = False,
    orientation: int = 1,
) -> Path:
    """Write a 3:2 JPEG of about `megapixels` at quality 92, 4:2:2, as cameras do."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5 / 8) * 8
    width = height * 3 // 2
    rng = np.random.default_rng(seed)
    base = np.asarray(Image.open(RACCOON).convert("RGB"))[: 1024 * 2 // 3]
    base = np.roll(base, seed * 37, axis=1)
    large = cv2.resize(base, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, 5, (height // 2, width // 2)).astype(np.int8)
    grain = np.tile(grain, (2, 2))[:, :, None]
    large = np.clip(large.astype(np.int16) + grain, 0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    profile = matrix_profile(DISPLAY_P3) if display_p3 else None
    picture = Image.fromarray(large)
    picture.save(path, quality=92, subsampling=1, exif=exif, icc_profile=profile)
    return path
