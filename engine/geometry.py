"""The only geometry of boxes, angles, ratios and overlap: engines, canvas and export share it.

A crop's frame is the photo turned about its centre by `angle` degrees, clockwise positive on the
screen (y runs down). Pure functions; nothing here reads a picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, cos, floor, radians, sin
from typing import Final

from engine.vocabulary import Aspect, Box, Crop, Size

Point = tuple[float, float]

TOLERANCE: Final = 1e-9
"""Fractions closer than this are the same place: a thousandth of a pixel at 1,000,000 pixels."""

MIN_SIDE_PX: Final = 8
"""The smallest side of a crop that a gesture can leave, in pixels of the photo."""


# ── overlap ──────────────────────────────────────────────────────────────────────────────────────


def intersection(a: Box, b: Box) -> float:
    """The area that two boxes share, as a fraction of the photo; 0 when they are apart."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(width, 0.0) * max(height, 0.0)


def iou(a: Box, b: Box) -> float:
    """Intersection over union, 0..1."""
    shared = intersection(a, b)
    return shared / (a.area + b.area - shared)


def kept(part: Box, crop: Box) -> float:
    """The share of `part` that lies inside `crop`, 0..1."""
    return intersection(part, crop) / part.area


def sides_cut(part: Box, crop: Box, *, tolerance: float = 1e-6) -> tuple[str, ...]:
    """The sides of the crop that pass through `part`, of "left", "top", "right", "bottom"."""
    if intersection(part, crop) <= 0:
        return ()
    through = {
        "left": part.left + tolerance < crop.left < part.right - tolerance,
        "top": part.top + tolerance < crop.top < part.bottom - tolerance,
        "right": part.left + tolerance < crop.right < part.right - tolerance,
        "bottom": part.top + tolerance < crop.bottom < part.bottom - tolerance,
    }
    return tuple(side for side, cut in through.items() if cut)


# ── turning ──────────────────────────────────────────────────────────────────────────────────────


def rotate(point: Point, angle: float) -> Point:
    """Turn a point about the origin by `angle` degrees, clockwise with y running down."""
    x, y = point
    c, s = cos(radians(angle)), sin(radians(angle))
    return x * c - y * s, x * s + y * c


def to_photo(point: Point, angle: float, size: Size) -> Point:
    """From fractions of the turned frame to fractions of the upright photo."""
    return _turn(point, -angle, size)


def to_turned(point: Point, angle: float, size: Size) -> Point:
    """From fractions of the upright photo to fractions of the frame turned by `angle`."""
    return _turn(point, angle, size)


def _turn(point: Point, angle: float, size: Size) -> Point:
    if angle == 0:
        return point
    x, y = rotate(((point[0] - 0.5) * size.width, (point[1] - 0.5) * size.height), angle)
    return x / size.width + 0.5, y / size.height + 0.5


def corners(box: Box) -> tuple[Point, Point, Point, Point]:
    """Left-top, right-top, right-bottom, left-bottom."""
    return (
        (box.left, box.top),
        (box.right, box.top),
        (box.right, box.bottom),
        (box.left, box.bottom),
    )


def photo_corners(crop: Crop, size: Size) -> tuple[Point, ...]:
    """The crop's corners as fractions of the upright photo."""
    return tuple(to_photo(corner, crop.angle, size) for corner in corners(crop.box))


def footprint(crop: Crop, size: Size) -> Box:
    """The smallest box of the upright photo that holds the whole crop."""
    return bounding(photo_corners(crop, size))


def bounding(points: Iterable[Point]) -> Box:
    """The smallest box around the points."""
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def fits(box: Box, angle: float, size: Size, *, tolerance: float = 1e-6) -> bool:
    """Whether all four corners lie inside the turned photo."""
    return all(
        -tolerance <= x <= 1 + tolerance and -tolerance <= y <= 1 + tolerance
        for x, y in (to_photo(corner, angle, size) for corner in corners(box))
    )


def _turned_extent(width: float, height: float, angle: float, size: Size) -> Point:
    """Width and height, in fractions of the photo, of the smallest upright box around a
    `width` × `height` box of the turned frame.
    """
    c, s = abs(cos(radians(angle))), abs(sin(radians(angle)))
    across, down = width * size.width, height * size.height
    return (across * c + down * s) / size.width, (across * s + down * c) / size.height


# ── keeping a box inside ─────────────────────────────────────────────────────────────────────────


def clamp(box: Box) -> Box:
    """Cut off what lies outside the photo; ValueError when nothing is left."""
    return Box(
        min(max(box.left, 0.0), 1.0),
        min(max(box.top, 0.0), 1.0),
        min(max(box.right, 0.0), 1.0),
        min(max(box.bottom, 0.0), 1.0),
    )


def shifted(box: Box, dx: float, dy: float) -> Box:
    """The box moved by fractions of the photo."""
    return Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy)


def scaled(box: Box, factor: float) -> Box:
    """The box made `factor` times as wide and high about its centre."""
    (x, y), half_w, half_h = box.centre, box.width * factor / 2, box.height * factor / 2
    return Box(x - half_w, y - half_h, x + half_w, y + half_h)


def moved_inside(box: Box, angle: float, size: Size) -> Box:
    """The same box, moved as little as possible so that it fits; shrunk first if it must be."""
    across, down = _turned_extent(box.width, box.height, angle, size)
    too_large = max(across, down)
    if too_large > 1:
        return moved_inside(scaled(box, (1 - TOLERANCE) / too_large), angle, size)
    x, y = to_photo(box.centre, angle, size)
    inside = (
        min(max(x, across / 2), 1 - across / 2),
        min(max(y, down / 2), 1 - down / 2),
    )
    if inside == (x, y):
        return box
    new_x, new_y = to_turned(inside, angle, size)
    old_x, old_y = box.centre
    return shifted(box, new_x - old_x, new_y - old_y)


def turned(box: Box, angle: float, size: Size) -> Box:
    """The box for a photo turned by `angle`: the same shape about the same place, smaller where
    its corners would leave the photo.
    """
    return moved_inside(box, angle, size)


# ── ratios and whole pixels ──────────────────────────────────────────────────────────────────────


def with_ratio(box: Box, ratio: float, angle: float, size: Size) -> Box:
    """The box of the same area and centre with `ratio` (width to height in pixels), inside."""
    area_px = box.area * size.width * size.height
    width, height = (area_px * ratio) ** 0.5, (area_px / ratio) ** 0.5
    return moved_inside(_around(box.centre, width / size.width, height / size.height), angle, size)


def largest_with_ratio(ratio: float, size: Size) -> Box:
    """The largest centred box of the unturned photo with `ratio` (width to height in pixels)."""
    width = min(1.0, size.height * ratio / size.width)
    height = min(1.0, size.width / ratio / size.height)
    return _around((0.5, 0.5), width, height)


def _around(centre: Point, width: float, height: float) -> Box:
    x, y = centre
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def ratio_of(box: Box, size: Size) -> float:
    """Width to height in pixels."""
    return box.width * size.width / (box.height * size.height)


def pixel_size(box: Box, size: Size) -> Size:
    """The whole pixels that a crop of this box has."""
    return Size(
        max(1, round(box.width * size.width)),
        max(1, round(box.height * size.height)),
    )


def pixel_bounds(box: Box, size: Size) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole pixels inside a photo of `size`; right and bottom are
    exclusive, and the extent is `pixel_size` wherever the photo has room for it.
    """
    extent = pixel_size(box, size)
    left = min(max(round(box.left * size.width), 0), size.width - min(extent.width, size.width))
    top = min(max(round(box.top * size.height), 0), size.height - min(extent.height, size.height))
    return (
        left,
        top,
        min(left + extent.width, size.width),
        min(top + extent.height, size.height),
    )


def snapped(box: Box, size: Size, aspect: Aspect | None = None) -> Box:
    """The box on whole pixels of the unturned photo; with `aspect`, the largest one inside it
    whose sides are as the ratio wants, within one pixel on the shorter side.
    """
    left, top, right, bottom = pixel_bounds(clamp(box), size)
    if aspect is not None:
        width, height = _whole_sides(right - left, bottom - top, aspect)
        left += (right - left - width) // 2
        top += (bottom - top - height) // 2
        right, bottom = left + width, top + height
    return Box(left / size.width, top / size.height, right / size.width, bottom / size.height)


def _whole_sides(width: int, height: int, aspect: Aspect) -> tuple[int, int]:
    if width * aspect.height > height * aspect.width:
        return max(1, min(width, _nearest(height * aspect.ratio))), height
    return width, max(1, min(height, _nearest(width / aspect.ratio)))


def _nearest(value: float) -> int:
    below, above = floor(value), ceil(value)
    return below if value - below <= above - value else above
