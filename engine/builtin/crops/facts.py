"""What can be measured of one crop: what it keeps, cuts and gives up, and where the eye lands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.crops.posterior import as_array, crop_score
from engine.builtin.crops.saliency import Map, Shares, shares
from engine.builtin.crops.scene import Scene
from engine.geometry import photo_corners, pixel_size, sides_cut, to_turned
from engine.vocabulary import Box, Crop, Size

SIDES: Final = ("left", "top", "right", "bottom")

_STRIP: Final = 0.2
"""The part of a crop at one side that counts as its edge strip."""


@dataclass(frozen=True, slots=True)
class CropFacts:
    """Quantities of one crop; all shares are 0..1.

    area           of the photo that the crop keeps
    trimmed        of the photo's width or height taken off at the left, top, right and bottom
    contrast       of all that stands out, in light and colour, that the crop keeps
    score          expected overlap with the crop that people would draw
    stand_kept     of the area that stands out most; None where nothing stands out
    stand_cut      the crop's sides that pass through that area
    stand_fill     of the crop that the area takes
    stand_centre   where the area's centre lies in the crop, as fractions of it; may lie outside
    strips         of the crop's contrast in the fifth at its left, top, right and bottom
    removed        for each side, the share of the photo's contrast in what is taken off there
    brighter_ev    how many stops brighter the inside is than the outside; None without an outside
    megapixels     that the crop has
    wide           whether the crop is wider than high
    """

    area: float
    trimmed: tuple[float, float, float, float]
    contrast: float
    score: float
    stand_kept: float | None
    stand_cut: tuple[str, ...]
    stand_fill: float
    stand_centre: tuple[float, float] | None
    strips: tuple[float, float, float, float]
    removed: tuple[float, float, float, float]
    brighter_ev: float | None
    megapixels: float
    wide: bool


def crop_facts(scene: Scene, crop: Crop) -> CropFacts:
    """Measure any crop of the photo, turned or not."""
    box, size = crop.box, scene.size
    contrast = turned_shares(scene, crop.angle)
    whole_edges = as_array(_outside_strips(box))
    inside = max(float(contrast.inside(as_array([box]))[0]), 1e-9)
    within = contrast.inside(as_array(_inside_strips(box))) / inside
    removed = contrast.inside(whole_edges)
    pixels = pixel_size(box, size)
    return CropFacts(
        area=box.area,
        trimmed=(box.left, box.top, 1 - box.right, 1 - box.bottom),
        contrast=inside,
        score=crop_score(scene.posterior, crop, size),
        stand_kept=_stand_kept(scene, crop),
        stand_cut=_stand_cut(scene, crop),
        stand_fill=_stand_fill(scene, crop),
        stand_centre=_stand_centre(scene, crop),
        strips=_four(within),
        removed=_four(removed),
        brighter_ev=brighter_inside(scene, crop),
        megapixels=pixels.width * pixels.height / 1e6,
        wide=pixels.width > pixels.height,
    )


def turned_shares(scene: Scene, angle: float) -> Shares:
    """The contrast map of the photo turned by `angle`, to ask what share a box of it holds."""
    if angle == 0:
        return scene.posterior.contrast
    return shares(_turned_map(scene.posterior.maps.contrast, angle))


def _turned_map(values: Map, angle: float) -> Map:
    rows, columns = values.shape
    # OpenCV counts angles anticlockwise.
    matrix = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), -angle, 1.0)
    out = cv2.warpAffine(values, matrix, (columns, rows), flags=cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(out, dtype=np.float32)


def _outside_strips(box: Box) -> tuple[Box, ...]:
    """What is taken off at each side, over the photo's whole width or height."""
    left, top, right, bottom = box
    tiny = 1e-9
    return (
        Box(-tiny, 0.0, max(left, 0.0), 1.0),
        Box(0.0, -tiny, 1.0, max(top, 0.0)),
        Box(min(right, 1.0), 0.0, 1.0 + tiny, 1.0),
        Box(0.0, min(bottom, 1.0), 1.0, 1.0 + tiny),
    )


def _inside_strips(box: Box) -> tuple[Box, ...]:
    left, top, right, bottom = box
    wide, high = box.width * _STRIP, box.height * _STRIP
    return (
        Box(left, top, left + wide, bottom),
        Box(left, top, right, top + high),
        Box(right - wide, top, right, bottom),
        Box(left, bottom - high, right, bottom),
    )


def _four(values: np.ndarray) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(value) for value in values)
    return left, top, right, bottom


def _stand_kept(scene: Scene, crop: Crop) -> float | None:
    if scene.stand is None:
        return None
    return min(_shared(scene.stand.box, crop, scene.size) / scene.stand.box.area, 1.0)


def _stand_fill(scene: Scene, crop: Crop) -> float:
    if scene.stand is None:
        return 0.0
    return min(_shared(scene.stand.box, crop, scene.size) / crop.box.area, 1.0)


def _shared(part: Box, crop: Crop, size: Size) -> float:
    """The area that a part of the photo shares with a crop, as a fraction of the photo."""
    shared, _ = cv2.intersectConvexConvex(
        _polygon(Crop(part), size), _polygon(crop, size), handleNested=True
    )
    return float(shared) / (size.width * size.height)


def _polygon(crop: Crop, size: Size) -> np.ndarray:
    points = photo_corners(crop, size)
    return np.array([(x * size.width, y * size.height) for x, y in points], dtype=np.float32)


def _stand_cut(scene: Scene, crop: Crop) -> tuple[str, ...]:
    """The sides of the crop that pass through the area that stands out."""
    if scene.stand is None:
        return ()
    if crop.angle == 0:
        return sides_cut(scene.stand.box, crop.box)
    left_top, right_top, right_bottom, left_bottom = photo_corners(crop, scene.size)
    segments = {
        "left": (left_top, left_bottom),
        "top": (left_top, right_top),
        "right": (right_top, right_bottom),
        "bottom": (left_bottom, right_bottom),
    }
    return tuple(side for side in SIDES if _passes(*segments[side], scene.stand.box))


def _passes(start: tuple[float, float], end: tuple[float, float], part: Box) -> bool:
    """Whether a segment runs through the inside of a box (Liang and Barsky, 1984)."""
    first, last = 0.0, 1.0
    for axis in (0, 1):
        low, high = (part.left, part.right) if axis == 0 else (part.top, part.bottom)
        run = end[axis] - start[axis]
        if abs(run) < 1e-12:
            if not low + 1e-6 < start[axis] < high - 1e-6:
                return False
            continue
        near, far = sorted(((low - start[axis]) / run, (high - start[axis]) / run))
        first, last = max(first, near), min(last, far)
    return last - first > 1e-6


def _stand_centre(scene: Scene, crop: Crop) -> tuple[float, float] | None:
    if scene.stand is None:
        return None
    x, y = to_turned(scene.stand.centre, crop.angle, scene.size)
    return (x - crop.box.left) / crop.box.width, (y - crop.box.top) / crop.box.height


def brighter_inside(scene: Scene, crop: Crop) -> float | None:
    """Stops between the mean linear luminance inside and outside; None without an outside."""
    inside = _inside(scene, crop)
    if inside.all() or not inside.any():
        return None
    luminance = cv2.cvtColor(scene.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    linear = luminance**2.2 + 1 / 1024
    return float(np.log2(linear[inside].mean() / linear[~inside].mean()))


def colour_inside(scene: Scene, box: Box) -> float:
    """Mean chroma C* inside a box less the mean outside; 0 without an outside."""
    inside = _inside(scene, Crop(box))
    if inside.all() or not inside.any():
        return 0.0
    lab = cv2.cvtColor(scene.rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    chroma = np.hypot(lab[:, :, 1] - 128, lab[:, :, 2] - 128)
    return float(chroma[inside].mean() - chroma[~inside].mean())


def _inside(scene: Scene, crop: Crop) -> NDArray[np.bool_]:
    """Which pixels of the small copy lie in the crop."""
    rows, columns = scene.rgb.shape[:2]
    photo = photo_corners(crop, scene.size)
    points = np.array([(x * columns, y * rows) for x, y in photo])
    mask = np.zeros((rows, columns), dtype=np.uint8)
    # Sixteenths of a pixel, whose centre lies at a half.
    cv2.fillConvexPoly(mask, np.rint(points * 16 - 8).astype(np.int32), 1, shift=4)
    return mask > 0
