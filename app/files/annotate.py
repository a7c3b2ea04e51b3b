"""A picture of the critique: the photo with its crops, horizon and findings drawn on it.

For `venus critique --annotate`, where there is no window. Colours are the window's: the current
crop amber, other crops white, findings red-orange.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.files import atomic, writers
from app.files.pixels import Layout
from engine import geometry
from engine.stop import Stop, never
from engine.vocabulary import WHOLE, Box, Crop, Finding, Line, Mask, Size

Picture = NDArray[np.uint8]
"""height × width × 3, RGB."""

Colour = tuple[int, int, int]

AMBER: Final[Colour] = (0xF2, 0xB1, 0x34)
WHITE: Final[Colour] = (0xFF, 0xFF, 0xFF)
RED_ORANGE: Final[Colour] = (0xFF, 0x6B, 0x4A)
DARK: Final[Colour] = (0x16, 0x18, 0x1C)

LONG_SIDE: Final = 1600
OUTSIDE: Final = 0.55
"""How bright the photo stays outside the current crop."""

MASK_STRENGTH: Final = 0.55
BADGE_PENS: Final = 8
"""A badge's radius, in widths of the pen."""

SHIFT: Final = 4
"""OpenCV draws in sixteenths of a pixel."""


def annotated(
    photo: Picture,
    crops: Sequence[Crop],
    findings: Sequence[Finding],
    *,
    current: int | None = 0,
    long_side: int = LONG_SIDE,
) -> Picture:
    """The upright sRGB photo, reduced to `long_side`, with everything drawn on it.

    Crops are numbered from 1; `current` is the index of the one in amber, None for none.
    """
    picture = _reduced(photo, long_side)
    size = Size(picture.shape[1], picture.shape[0])
    pen = max(2, round(max(size.width, size.height) / 530))
    chosen = crops[current] if current is not None and current < len(crops) else None
    if chosen is not None:
        _dim_outside(picture, _points(chosen, size))
    for finding in findings:
        _draw_finding(picture, finding, pen)
    for crop in crops:
        if crop is not chosen:
            _outline(picture, _points(crop, size), WHITE, pen)
    if chosen is not None:
        _outline(picture, _points(chosen, size), AMBER, pen + 1)
    _number(picture, crops, chosen, size, pen)
    return picture


def write_annotated(picture: Picture, target: Path, *, stop: Stop = never) -> Path:
    """Write the picture as a new PNG; where the name is taken, "name (2).png". Gives its path.

    Raises ExportError.
    """
    sheet = writers.Sheet(picture, Layout.RGB, None, None)
    return atomic.write_new(target, writers.png(sheet), exact=False, stop=stop)


def _reduced(photo: Picture, long_side: int) -> Picture:
    height, width = photo.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return photo.copy()
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def _points(crop: Crop, size: Size) -> NDArray[np.float64]:
    """The crop's four corners in pixels of the picture: a turned crop is a turned rectangle."""
    corners = geometry.photo_corners(crop, size)
    return np.array([(x * size.width, y * size.height) for x, y in corners])


def _fixed(points: NDArray[np.float64]) -> NDArray[np.int32]:
    # OpenCV counts from a pixel's centre, the vocabulary from the photo's edge.
    return np.rint((points - 0.5) * 2**SHIFT).astype(np.int32).reshape(-1, 1, 2)


def _dim_outside(picture: Picture, points: NDArray[np.float64]) -> None:
    inside = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(inside, [_fixed(points)], (255,), cv2.LINE_AA, SHIFT)
    light = OUTSIDE + (1 - OUTSIDE) * (inside[:, :, None].astype(np.float32) / 255)
    picture[...] = np.rint(picture * light).astype(np.uint8)


def _outline(
    picture: Picture,
    points: NDArray[np.float64],
    colour: Colour,
    pen: int,
    *,
    closed: bool = True,
) -> None:
    """A line with a dark edge, so that it shows on light and dark alike; kept inside the picture
    where it runs along its border.
    """
    height, width = picture.shape[:2]
    margin = pen / 2 + 1
    inside = np.clip(points, margin, (width - margin, height - margin))
    for shade, thickness in ((DARK, pen + 2), (colour, pen)):
        cv2.polylines(picture, [_fixed(inside)], closed, shade, thickness, cv2.LINE_AA, SHIFT)


def _draw_finding(picture: Picture, finding: Finding, pen: int) -> None:
    where = finding.where
    if where.mask is not None:
        _tint(picture, where.mask)
    for box in where.boxes:
        if box != WHOLE:  # a fault of the whole photo needs no box around it
            _dashed(picture, box, pen)
    if where.line is not None:
        _draw_line(picture, where.line, pen)


def _draw_line(picture: Picture, line: Line, pen: int) -> None:
    height, width = picture.shape[:2]
    ends = np.array([(line.x1 * width, line.y1 * height), (line.x2 * width, line.y2 * height)])
    _outline(picture, ends, RED_ORANGE, pen, closed=False)


def bitmap(mask: Mask) -> NDArray[np.bool_]:
    """The mask's runs as an array of height × width."""
    values = np.arange(len(mask.runs)) % 2 == 1
    return np.repeat(values, mask.runs).reshape(mask.height, mask.width)


def _tint(picture: Picture, mask: Mask) -> None:
    height, width = picture.shape[:2]
    cover = cv2.resize(
        bitmap(mask).astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR
    )
    weight = cover[:, :, None] * MASK_STRENGTH
    picture[...] = np.rint(picture * (1 - weight) + np.array(RED_ORANGE) * weight).astype(np.uint8)


def _dashed(picture: Picture, box: Box, pen: int) -> None:
    """A broken outline: what is observed looks unlike what is proposed."""
    height, width = picture.shape[:2]
    corners = np.array([(x * width, y * height) for x, y in geometry.corners(box)])
    dash = 7.0 * pen
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        length = float(np.hypot(*(end - start)))
        count = max(1, round(length / (2 * dash)))
        for index in range(count):
            first = start + (end - start) * (index / count)
            last = start + (end - start) * ((index + 0.55) / count)
            _outline(picture, np.array([first, last]), RED_ORANGE, pen, closed=False)


def _number(
    picture: Picture, crops: Sequence[Crop], chosen: Crop | None, size: Size, pen: int
) -> None:
    radius = BADGE_PENS * pen
    for number, (crop, centre) in enumerate(
        zip(crops, badge_centres(crops, size, radius), strict=True), start=1
    ):
        _badge(picture, centre, radius, str(number), AMBER if crop is chosen else WHITE)


def badge_centres(
    crops: Sequence[Crop], size: Size, radius: int
) -> tuple[NDArray[np.float64], ...]:
    """Where each crop's number goes: inside its first corner; where two would meet, the later one
    moves on along the crop's upper side.
    """
    taken: list[NDArray[np.float64]] = []
    for crop in crops:
        points = _points(crop, size)
        along = _unit(points[1] - points[0])
        centre = points[0] + (along + _unit(points[3] - points[0])) * (radius * 1.5)
        while any(np.hypot(*(centre - other)) < radius * 2.3 for other in taken):
            centre = centre + along * radius * 0.5
        taken.append(centre)
    return tuple(taken)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return vector / max(float(np.hypot(*vector)), 1e-9)


def _badge(
    picture: Picture, centre: NDArray[np.float64], radius: int, text: str, colour: Colour
) -> None:
    x, y = (int(value) for value in _fixed(centre[None]).reshape(2))
    for shade, r in ((DARK, radius + max(1, radius // 8)), (colour, radius)):
        cv2.circle(picture, (x, y), r << SHIFT, shade, -1, cv2.LINE_AA, SHIFT)
    scale, weight = radius / 22, max(2, radius // 7)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, weight)
    at = (round(centre[0] - width / 2), round(centre[1] + height / 2))
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_DUPLEX, scale, DARK, weight, cv2.LINE_AA)
