"""Cutting a crop out of a stored picture: upright, turned by the crop's angle, at native depth.

Pixel (i, j) covers the square from (i, j) to (i + 1, j + 1); its value belongs to the centre. The
geometry is `engine.geometry`'s, so that a crop shows what the canvas shows.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Final

import cv2
import numpy as np

from app.files.pixels import Pixels
from engine import geometry
from engine.photo.shape import turned_upright, upright_size
from engine.stop import Stop
from engine.vocabulary import Box, Crop, Size

TILE: Final = 1024
"""Side of the squares in which a turned crop is made: small enough to stop between two of them,
and for OpenCV, which takes no more than 32,766 pixels a side."""

REACH: Final = 5
"""Pixels around a tile's footprint that the 8 × 8 kernel may want."""


class StoppedError(Exception):
    """The work was told to stop."""


def size_of(pixels: Pixels) -> Size:
    """Width and height of an array of pixels."""
    return Size(pixels.shape[1], pixels.shape[0])


def output_size(crop: Crop, size: Size) -> Size:
    """The pixels that the exported crop has, of a photo of `size`."""
    if crop.angle == 0:
        left, top, right, bottom = geometry.pixel_bounds(crop.box, size)
        return Size(right - left, bottom - top)
    return geometry.pixel_size(crop.box, size)


def cut(stored: Pixels, orientation: int, crop: Crop, *, has_alpha: bool, stop: Stop) -> Pixels:
    """The crop of a stored photo, upright and contiguous, in the photo's own dtype.

    At angle 0 the very pixels of `geometry.pixel_bounds`; otherwise one Lanczos resampling, with
    values beyond the photo's edge (by rounding at most) taken from the edge. Raises StoppedError.
    """
    size = upright_size(stored.shape[1], stored.shape[0], orientation)
    to_stored = stored_map(orientation, size_of(stored))
    if crop.angle == 0:
        return np.ascontiguousarray(_straight(stored, orientation, to_stored, crop, size))
    out = output_size(crop, size)
    result = np.empty((out.height, out.width, *stored.shape[2:]), stored.dtype)
    # Straight from the stored pixels: turning them upright first would only cost time.
    whole = to_stored @ np.vstack((pixel_map(crop, out, size), (0, 0, 1)))
    for top in range(0, out.height, TILE):
        for left in range(0, out.width, TILE):
            if stop():
                raise StoppedError
            tile = result[top : top + TILE, left : left + TILE]
            tile[...] = _turned_tile(stored, whole, left, top, size_of(tile), has_alpha=has_alpha)
    return result


def stored_map(orientation: int, stored: Size) -> np.ndarray:
    """2 × 3: from a pixel's index in the upright photo to its index in the stored one, for EXIF
    orientation 1..8 (EXIF 2.32, tag 274).
    """
    right, bottom = stored.width - 1, stored.height - 1
    column = {1: (1, 0, 0), 2: (-1, 0, right), 3: (-1, 0, right), 4: (1, 0, 0)}
    column |= {5: (0, 1, 0), 6: (0, 1, 0), 7: (0, -1, right), 8: (0, -1, right)}
    row = {1: (0, 1, 0), 2: (0, 1, 0), 3: (0, -1, bottom), 4: (0, -1, bottom)}
    row |= {5: (1, 0, 0), 6: (-1, 0, bottom), 7: (-1, 0, bottom), 8: (1, 0, 0)}
    return np.array((column[orientation], row[orientation]))


def _straight(
    stored: Pixels, orientation: int, to_stored: np.ndarray, crop: Crop, size: Size
) -> Pixels:
    """Cut first, turn upright then: less to turn."""
    left, top, right, bottom = geometry.pixel_bounds(crop.box, size)
    x, y = to_stored @ np.array([(left, right - 1), (top, bottom - 1), (1, 1)])
    part = stored[min(y) : max(y) + 1, min(x) : max(x) + 1]
    return turned_upright(part, orientation)


def pixel_map(crop: Crop, out: Size, size: Size) -> np.ndarray:
    """2 × 3: from an exported pixel's index to the index in the photo that lies under its centre.

    Three points through `geometry.to_photo` fix it: the map is affine. The crop's box is spread
    over the whole exported picture, so that no exported pixel looks outside the box.
    """

    def index(column: float, row: float) -> np.ndarray:
        box: Box = crop.box
        place = (
            box.left + (column + 0.5) / out.width * box.width,
            box.top + (row + 0.5) / out.height * box.height,
        )
        x, y = geometry.to_photo(place, crop.angle, size)
        return np.array((x * size.width - 0.5, y * size.height - 0.5))

    origin = index(0, 0)
    # Over the whole width and height rather than over one pixel: no digits lost in the difference.
    right = (index(out.width, 0) - origin) / out.width
    down = (index(0, out.height) - origin) / out.height
    return np.column_stack((right, down, origin))


def _turned_tile(
    stored: Pixels, to_stored: np.ndarray, left: int, top: int, tile: Size, *, has_alpha: bool
) -> Pixels:
    moved = to_stored.copy()
    moved[:, 2] += to_stored[:, :2] @ (left, top)
    ends = moved[:, :2] @ np.array(
        [(0, tile.width - 1, 0, tile.width - 1), (0, 0, tile.height - 1, tile.height - 1)]
    )
    first, last = ends.min(axis=1) + moved[:, 2], ends.max(axis=1) + moved[:, 2]
    x1, y1 = (max(floor(value) - REACH, 0) for value in first)
    x2 = min(ceil(last[0]) + REACH + 1, stored.shape[1])
    y2 = min(ceil(last[1]) + REACH + 1, stored.shape[0])
    moved[:, 2] -= (x1, y1)
    part = stored[y1:y2, x1:x2]
    return _warped_alpha(part, moved, tile) if has_alpha else _warped(part, moved, tile)


def _warped(part: Pixels, to_part: np.ndarray, tile: Size) -> Pixels:
    return cv2.warpAffine(
        part,
        to_part,
        (tile.width, tile.height),
        flags=cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _warped_alpha(part: Pixels, to_part: np.ndarray, tile: Size) -> Pixels:
    """Colours weighted by alpha, so that what is transparent does not bleed into what is seen."""
    highest = float(np.iinfo(part.dtype).max)
    weighted = part.astype(np.float32)
    weighted[:, :, :-1] *= weighted[:, :, -1:] / highest
    warped = _warped(weighted, to_part, tile)
    alpha = np.clip(warped[:, :, -1:], 0, highest)
    warped[:, :, :-1] *= highest / np.maximum(alpha, 1.0)
    return np.rint(np.clip(warped, 0, highest)).astype(part.dtype)
