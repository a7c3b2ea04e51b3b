"""The photo as it lies on the screen, painted once for each view and kept: dragging only copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from app.canvas.camera import Camera
from app.services.picture import Picture
from engine.geometry import to_turned
from engine.vocabulary import Size

_DIM: Final = QColor(0, 0, 0, 150)
_HINTS: Final = QPainter.RenderHint


@dataclass(frozen=True, slots=True)
class _View:
    """What a kept image was painted for."""

    level: int
    camera: Camera
    angle: float
    device_ratio: float
    ground: str


class PhotoLayer:
    """Two images of the view's size: the photo on its ground, and the same with the photo dimmed.

    Both are made when they are first asked for and kept until the view changes.
    """

    def __init__(self) -> None:
        self._picture: Picture | None = None
        self._view: _View | None = None
        self._bright: QImage | None = None
        self._dimmed: QImage | None = None

    def bright(
        self, picture: Picture, *, camera: Camera, angle: float, device_ratio: float, ground: str
    ) -> QImage:
        """The photo turned by `angle`, as the camera sees it."""
        level = picture.level_for(camera.scale * device_ratio)
        view = _View(level.cacheKey(), camera, angle, device_ratio, ground)
        if self._bright is None or view != self._view:
            self._picture, self._view, self._dimmed = picture, view, None
            self._bright = _blank(self._bright, camera, device_ratio, ground)
            painter = QPainter(self._bright)
            paint_photo(painter, picture.size, level, camera, angle, device_ratio)
            painter.end()
        return self._bright

    def dimmed(self) -> QImage:
        """The last bright image with the photo, not its ground, darkened."""
        if self._dimmed is None:
            if self._picture is None or self._bright is None or self._view is None:
                raise RuntimeError("the bright image comes first")
            self._dimmed = self._bright.copy()
            painter = QPainter(self._dimmed)
            painter.setRenderHint(_HINTS.Antialiasing, self._view.angle != 0)
            painter.setBrush(_DIM)
            painter.setPen(QColor(0, 0, 0, 0))
            painter.drawPolygon(
                photo_outline(self._picture.size, self._view.camera, self._view.angle)
            )
            painter.end()
        return self._dimmed

    def forget(self) -> None:
        """Free the images and the picture."""
        self._picture = self._view = self._bright = self._dimmed = None


def _blank(last: QImage | None, camera: Camera, device_ratio: float, ground: str) -> QImage:
    width, height = round(camera.width * device_ratio), round(camera.height * device_ratio)
    reusable = last is not None and (last.width(), last.height()) == (width, height)
    image = last if last is not None and reusable else None
    if image is None:
        image = QImage(max(width, 1), max(height, 1), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(device_ratio)
    image.fill(QColor(ground))
    return image


def paint_photo(
    painter: QPainter,
    size: Size,
    level: QImage,
    camera: Camera,
    angle: float,
    device_ratio: float,
) -> None:
    """The photo's level turned and scaled; below 1:1 and when turned it is smoothed, at 1:1 its
    pixels are copied, and from 2:1 on they show as squares. A preview is always smoothed.
    """
    zoom = camera.scale * device_ratio
    whole = level.width() == size.width
    plain = whole and angle == 0 and (abs(zoom - 1) < 1e-9 or zoom >= 2)
    painter.setRenderHint(_HINTS.SmoothPixmapTransform, not plain)
    painter.setRenderHint(_HINTS.Antialiasing, angle != 0)
    turn_to_photo(painter, size, camera, angle)
    painter.drawImage(QRectF(0, 0, size.width, size.height), level)


def turn_to_photo(painter: QPainter, size: Size, camera: Camera, angle: float) -> None:
    """Let the painter speak in pixels of the upright photo."""
    x, y = camera.to_screen((size.width / 2, size.height / 2))
    painter.translate(x, y)
    painter.rotate(angle)
    painter.scale(camera.scale, camera.scale)
    painter.translate(-size.width / 2, -size.height / 2)


def photo_outline(size: Size, camera: Camera, angle: float) -> QPolygonF:
    """The turned photo's corners on the screen."""
    corners = (to_turned(p, angle, size) for p in ((0, 0), (1, 0), (1, 1), (0, 1)))
    return QPolygonF(
        [QPointF(*camera.to_screen((x * size.width, y * size.height))) for x, y in corners]
    )
