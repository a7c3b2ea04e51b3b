"""Generated photos for tests of the built-in engine: sky, ground and one striking thing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
SHAPES = ((600, 400), (400, 600), (512, 512), (640, 360))


def striking(seed: int, *, size: tuple[int, int] | None = None) -> Picture:
    """(h, w, 3) RGB: a soft sky over darker ground, a coloured ellipse somewhere, some grain."""
    rng = np.random.default_rng(seed)
    width, height = size or SHAPES[seed % len(SHAPES)]
    line = int(height * rng.uniform(0.3, 0.7))
    picture = np.empty((height, width, 3), np.float64)
    picture[:line] = np.linspace(rng.uniform(140, 200), 220, line)[:, None, None]
    picture[line:] = rng.uniform(60, 110, 3)
    centre = int(width * rng.uniform(0.2, 0.8)), int(height * rng.uniform(0.25, 0.75))
    axes = int(width * rng.uniform(0.05, 0.14)), int(height * rng.uniform(0.06, 0.16))
    colour = [(220, 40, 30), (240, 210, 40), (30, 60, 200), (20, 20, 20)][seed % 4]
    cv2.ellipse(picture, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA)
    picture += rng.normal(0, 3, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def save(path: Path, picture: Picture, *, orientation: int | None = None) -> Path:
    """Write a picture; with `orientation`, turned as a camera stores it, with the EXIF tag."""
    image = Image.fromarray(picture)
    exif = Image.Exif()
    if orientation is not None:
        undo = {
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_90,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270,
        }
        if orientation in undo:
            image = image.transpose(undo[orientation])
        exif[0x0112] = orientation
    image.save(path, exif=exif)
    return path
