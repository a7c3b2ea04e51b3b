"""A small live picture of one crop, drawn from the smallest sufficient level of the photo."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.services.picture import Picture
from app.theme.apply import current_tokens
from engine.geometry import ratio_of
from engine.vocabulary import Crop, Size


def crop_pixmap(picture: Picture, crop: Crop, bounds: QSize, scale: float = 1.0) -> QPixmap:
    """The crop as it would be exported, as large as fits `bounds` (logical pixels), at `scale`
    device pixels to a logical one.
    """
    target = fitted(ratio_of(crop.box, picture.size), bounds) * scale
    width, height = max(1, round(target.width())), max(1, round(target.height()))
    level = picture.level_for(width / (crop.box.width * picture.size.width))
    # Drawing into RGB32 is the raster engine's fastest path; a pixmap of it is free.
    canvas = QImage(width, height, QImage.Format.Format_RGB32)
    canvas.fill(Qt.GlobalColor.black)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    shown = Size(level.width(), level.height())
    painter.scale(width / (crop.box.width * shown.width), height / (crop.box.height * shown.height))
    painter.translate(-crop.box.left * shown.width, -crop.box.top * shown.height)
    painter.translate(shown.width / 2, shown.height / 2)
    painter.rotate(crop.angle)
    painter.translate(-shown.width / 2, -shown.height / 2)
    painter.drawImage(0, 0, level)
    painter.end()
    result = QPixmap.fromImage(canvas)
    result.setDevicePixelRatio(scale)
    return result


def fitted(ratio: float, bounds: QSize) -> QSizeF:
    """The largest width and height of this ratio inside `bounds`."""
    width = min(bounds.width(), bounds.height() * ratio)
    return QSizeF(width, width / ratio)


class CropPreview(QWidget):
    """Shows a crop of a picture, and draws it anew only when one of the two has changed."""

    def __init__(self, bounds: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bounds = bounds
        self._picture: Picture | None = None
        self._crop: Crop | None = None
        self._drawn: QPixmap | None = None
        self.setFixedSize(bounds)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Preview of the crop"))

    def show_picture(self, picture: Picture | None) -> None:
        """Draw from this picture from now on."""
        if picture is not self._picture:
            self._picture = picture
            self._forget()

    def show_crop(self, crop: Crop | None) -> None:
        """Draw this crop from now on."""
        same = (
            crop is not None
            and self._crop is not None
            and (crop.box, crop.angle) == (self._crop.box, self._crop.angle)
        )
        self._crop = crop
        if not same:
            self._forget()

    def _forget(self) -> None:
        self._drawn = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(current_tokens().surround))
        if self._picture is None or self._crop is None:
            return
        if self._drawn is None:
            scale = self.devicePixelRatioF()
            self._drawn = crop_pixmap(self._picture, self._crop, self._bounds, scale)
        area = QRectF(0, 0, *self._drawn.deviceIndependentSize().toTuple())  # pyright: ignore
        area.moveCenter(QRectF(self.rect()).center())
        painter.drawPixmap(area.topLeft(), self._drawn)
