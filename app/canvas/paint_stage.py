"""One frame of the canvas, from the photo up to the labels."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.canvas.hand import Under
from app.canvas.paint_crops import paint_frame, paint_label, paint_ticks
from app.canvas.paint_evidence import paint_evidence
from app.canvas.paint_guides import paint_guides
from app.canvas.paint_photo import PhotoLayer
from app.canvas.ratios import size_text
from app.canvas.stage import Stage
from app.domain.settings import Guide
from app.services.picture import Picture
from engine.geometry import pixel_size
from engine.vocabulary import Crop, Where


@dataclass(frozen=True, slots=True)
class Look:
    """How the stage is to be shown: with `handles` on the leading crop and the others around it,
    or the leading one without both; with evidence instead of crops; with what lies `under` the
    pointer marked; or the leading crop `alone` with nothing around it.
    """

    ground: str
    device_ratio: float
    guide: Guide = Guide.NONE
    handles: bool = True
    evidence: Where | None = None
    under: Under = field(default_factory=Under)
    alone: bool = False


def paint_stage(
    painter: QPainter, layer: PhotoLayer, picture: Picture, stage: Stage, look: Look
) -> None:
    """Paint the photo and what lies on it."""
    camera = stage.camera
    bright = layer.bright(
        picture,
        camera=camera,
        angle=stage.angle,
        device_ratio=look.device_ratio,
        ground=look.ground,
    )
    view = QRectF(0, 0, camera.width, camera.height)
    crop = stage.crop
    rect = None if crop is None else crop_rect(stage, crop, look.device_ratio)
    if look.alone and rect is not None and crop is not None:
        painter.fillRect(view, QColor(look.ground))
        _copy(painter, bright, rect.intersected(view), look.device_ratio)
        return
    if look.evidence is not None:
        painter.drawImage(0, 0, bright)
        paint_evidence(painter, look.evidence, size=stage.size, camera=camera, angle=stage.angle)
        return
    if rect is None or crop is None:
        painter.drawImage(0, 0, bright)
        _paint_others(painter, stage, look)
        return
    for part in around(rect, view):
        _copy(painter, layer.dimmed(), part, look.device_ratio)
    _copy(painter, bright, rect.intersected(view), look.device_ratio)
    if look.handles:
        _paint_others(painter, stage, look)
    paint_guides(painter, look.guide, rect)
    paint_frame(painter, rect, handles=look.handles)
    paint_label(painter, label_of(stage, crop), rect, view)


def label_of(stage: Stage, crop: Crop) -> str:
    """The leading crop's number, where there are several, its pixels and its ratio."""
    text = size_text(pixel_size(crop.box, stage.size))
    number = 1 + (stage.leading or 0)
    return f"{number}   {text}" if len(stage.framing.crops) > 1 else text


def crop_rect(stage: Stage, crop: Crop, device_ratio: float) -> QRectF:
    """A crop of the frame on show as a rectangle of whole device pixels, in logical ones."""
    points = stage.outline_on_screen(crop)
    (left, top), (right, bottom) = (
        (round(x * device_ratio), round(y * device_ratio)) for x, y in (points[0], points[2])
    )
    return QRectF(
        left / device_ratio,
        top / device_ratio,
        max(right - left, 1) / device_ratio,
        max(bottom - top, 1) / device_ratio,
    )


def around(rect: QRectF, view: QRectF) -> list[QRectF]:
    """The view without the rectangle, as up to four rectangles."""
    inner = rect.intersected(view)
    if inner.isEmpty():
        return [view]
    parts = (
        QRectF(view.left(), view.top(), view.width(), inner.top() - view.top()),
        QRectF(view.left(), inner.bottom(), view.width(), view.bottom() - inner.bottom()),
        QRectF(view.left(), inner.top(), inner.left() - view.left(), inner.height()),
        QRectF(inner.right(), inner.top(), view.right() - inner.right(), inner.height()),
    )
    return [part for part in parts if not part.isEmpty()]


def _copy(painter: QPainter, image: QImage, rect: QRectF, device_ratio: float) -> None:
    """A part of an image of the view's size to its own place."""
    if not rect.isEmpty():
        source = QRectF(
            rect.left() * device_ratio,
            rect.top() * device_ratio,
            rect.width() * device_ratio,
            rect.height() * device_ratio,
        )
        painter.drawImage(rect, image, source)


def _paint_others(painter: QPainter, stage: Stage, look: Look) -> None:
    for index, crop in enumerate(stage.framing.crops):
        if index != stage.leading:
            paint_ticks(
                painter,
                stage.outline_on_screen(crop),
                index + 1,
                whole=crop.angle != stage.angle,
                hovered=look.under.crop == index,
            )
