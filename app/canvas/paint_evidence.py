"""Evidence on the photo: the boxes, the line or the mask of a finding, turned with the photo."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.canvas.camera import Camera
from app.canvas.paint_photo import turn_to_photo
from engine.geometry import Point, corners, to_turned
from engine.vocabulary import Line, Mask, Size, Where

COLOUR: Final = QColor(255, 176, 46)
_FILL: Final = QColor(255, 176, 46, 34)
_HALO: Final = QColor(0, 0, 0, 130)
_MASK_ALPHA: Final = 150


def paint_evidence(
    painter: QPainter, where: Where, *, size: Size, camera: Camera, angle: float
) -> None:
    """Draw where an observation holds on a photo turned by `angle`."""

    def on_screen(points: Iterable[Point]) -> list[QPointF]:
        turned = (to_turned(point, angle, size) for point in points)
        return [QPointF(*camera.to_screen((x * size.width, y * size.height))) for x, y in turned]

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if where.mask is not None:
        painter.save()
        turn_to_photo(painter, size, camera, angle)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(0, 0, size.width, size.height), mask_image(where.mask))
        painter.restore()
    for box in where.boxes:
        _paint_box(painter, QPolygonF(on_screen(corners(box))))
    if where.line is not None:
        _paint_line(painter, *on_screen(_ends(where.line)))
    painter.restore()


def _ends(line: Line) -> tuple[Point, Point]:
    return (line.x1, line.y1), (line.x2, line.y2)


def _paint_box(painter: QPainter, polygon: QPolygonF) -> None:
    for colour, width, fill in ((_HALO, 4.0, _FILL), (COLOUR, 2.0, None)):
        pen = QPen(colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)
        painter.drawPolygon(polygon)


def _paint_line(painter: QPainter, start: QPointF, end: QPointF) -> None:
    for colour, width in ((_HALO, 5.0), (COLOUR, 2.5)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(start, end)
    painter.setPen(QPen(_HALO, 1.0))
    painter.setBrush(COLOUR)
    for point in (start, end):
        painter.drawEllipse(point, 4.5, 4.5)


@lru_cache(maxsize=4)
def mask_image(mask: Mask) -> QImage:
    """The mask in the evidence's colour, see-through where it is not set."""
    values = np.arange(len(mask.runs)) % 2 == 1
    flat = np.repeat(values, mask.runs).reshape(mask.height, mask.width)
    tint = QColor(COLOUR)
    tint.setAlpha(_MASK_ALPHA)
    image = QImage(mask.width, mask.height, QImage.Format.Format_ARGB32_Premultiplied)
    target = np.frombuffer(image.bits(), np.uint32).reshape(mask.height, mask.width)
    target[:] = np.where(flat, _premultiplied(tint), 0)
    return image


def _premultiplied(colour: QColor) -> int:
    alpha = colour.alpha()
    parts = (value * alpha // 255 for value in (colour.red(), colour.green(), colour.blue()))
    red, green, blue = parts
    return alpha << 24 | red << 16 | green << 8 | blue
