"""What lies under the pointer: a handle, the inside of the current crop, another crop. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.geometry import TOLERANCE, Point, photo_corners, pixel_size, to_photo, to_turned
from engine.vocabulary import Crop, Size

REACH: Final = 10.0
"""Screen pixels around a corner or an edge that count as its handle, whatever the zoom."""


class Handle(StrEnum):
    """The eight handles of the current crop and its inside."""

    LEFT = "left"
    TOP = "top"
    RIGHT = "right"
    BOTTOM = "bottom"
    TOP_LEFT = "top_left"
    TOP_RIGHT = "top_right"
    BOTTOM_RIGHT = "bottom_right"
    BOTTOM_LEFT = "bottom_left"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Side:
    """-1, 0 or 1 across and down: which edges a handle moves."""

    across: int
    down: int


SIDES: Final = {
    Handle.LEFT: Side(-1, 0),
    Handle.TOP: Side(0, -1),
    Handle.RIGHT: Side(1, 0),
    Handle.BOTTOM: Side(0, 1),
    Handle.TOP_LEFT: Side(-1, -1),
    Handle.TOP_RIGHT: Side(1, -1),
    Handle.BOTTOM_RIGHT: Side(1, 1),
    Handle.BOTTOM_LEFT: Side(-1, 1),
    Handle.INSIDE: Side(0, 0),
}

_BY_SIDE: Final = {(side.across, side.down): handle for handle, side in SIDES.items()}


def handle_at(*, crop: Crop, at: Point, scale: float, size: Size) -> Handle | None:
    """The handle of the crop at a scene point, INSIDE within it, None outside.

    `at` is in pixels of the crop's turned frame, `scale` in screen pixels per photo pixel. Inside
    the crop a handle reaches at most a quarter of the way, so that a small crop can still be moved.
    A crop of the whole photo has nowhere to go: its inside is free ground, to draw a new one.
    """
    box = crop.box
    across = _side_at(at[0], box.left * size.width, box.right * size.width, REACH / scale)
    down = _side_at(at[1], box.top * size.height, box.bottom * size.height, REACH / scale)
    if across is None or down is None:
        return None
    handle = _BY_SIDE[across, down]
    return (
        None if handle is Handle.INSIDE and min(box.width, box.height) >= 1 - TOLERANCE else handle
    )


def _side_at(value: float, low: float, high: float, reach: float) -> int | None:
    if not low - reach <= value <= high + reach:
        return None
    inner = min(reach, (high - low) / 4)
    if value <= low + inner:
        return -1
    return 1 if value >= high - inner else 0


def crop_at(
    *, crops: Sequence[Crop], at: Point, angle: float, size: Size, spare: int | None = None
) -> int | None:
    """The smallest crop that holds a scene point of the frame turned by `angle`.

    `spare` is left out of the choice.
    """
    on_photo = to_photo((at[0] / size.width, at[1] / size.height), angle, size)
    under = [
        (_area(crop, size), index)
        for index, crop in enumerate(crops)
        if index != spare and _holds(crop, on_photo, size)
    ]
    return min(under)[1] if under else None


def _holds(crop: Crop, on_photo: Point, size: Size) -> bool:
    x, y = to_turned(on_photo, crop.angle, size)
    return crop.box.left <= x <= crop.box.right and crop.box.top <= y <= crop.box.bottom


def _area(crop: Crop, size: Size) -> int:
    extent = pixel_size(crop.box, size)
    return extent.width * extent.height


def outline(crop: Crop, *, angle: float, size: Size) -> tuple[Point, ...]:
    """The crop's four corners as scene points of the frame turned by `angle`."""
    if crop.angle == angle:
        box = crop.box
        corners: Sequence[Point] = (
            (box.left, box.top),
            (box.right, box.top),
            (box.right, box.bottom),
            (box.left, box.bottom),
        )
    else:
        corners = [to_turned(p, angle, size) for p in photo_corners(crop, size)]
    return tuple((x * size.width, y * size.height) for x, y in corners)
