"""The photo under review, with the crop that a rationale is about; it is only ever read."""

from __future__ import annotations

from os.path import normpath
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.canvas.camera import Area, turned_area
from app.canvas.lens import Lens, Pane
from app.canvas.motions import Zoom, of_wheel, place
from app.canvas.paint_crops import paint_focus, paint_frame
from app.canvas.paint_photo import PhotoLayer
from app.panels.parts import announce
from app.services.picture import PhotoFailure, Picture
from app.theme.apply import current_tokens
from engine.geometry import Point
from engine.vocabulary import Box

_TEXT_WIDTH: Final = 480
_BY_TAB: Final = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
_DIM: Final = QColor(0, 0, 0, 110)


class PhotoPane(QWidget):
    """Shows one photo whole; the wheel enlarges it, the pointer moves it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: Picture | None = None
        self._message = ""
        self._box: Box | None = None
        self._layer, self._lens = PhotoLayer(), Lens()
        self._held: Point | None = None
        self._focus_shown = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(280, 200)
        self.setAccessibleName(self.tr("The photo under review"))

    @property
    def message(self) -> str:
        """What stands in the photo's place; empty where there is a photo."""
        return self._message

    @property
    def picture(self) -> Picture | None:
        return self._picture

    @Slot()
    def clear(self) -> None:
        """Another photo is on its way."""
        self._picture, self._message = None, self.tr("Reading the photo…")
        self._layer.forget()
        self.update()

    @Slot(object)
    def show_picture(self, result: Picture | PhotoFailure) -> None:
        """Show a photo, or why there is none and what to do."""
        if isinstance(result, PhotoFailure):
            self._picture = None
            way_out = self.tr(
                "The record can still be judged by its words, or be left open until the photo is"
                " back."
            )
            photo = normpath(result.photo)
            self._message = f"{photo}\n\n{result.reason} {result.remedy}\n\n{way_out}"
            announce(self, self._message)
        else:
            first = self._picture is None
            self._picture, self._message = result, ""
            if first:
                self._lens.fit(self._area(result), self._pane())
        self.setAccessibleDescription(self._message)
        self.update()

    @Slot(object)
    def show_box(self, box: Box | None) -> None:
        """Mark a part of the photo; None: nothing."""
        self._box = box
        self.update()

    @Slot()
    def fit(self) -> None:
        """Show the whole photo."""
        if self._picture is not None:
            self._lens.fit(self._area(self._picture), self._pane())
            self.update()

    def _pane(self) -> Pane:
        return Pane(self.width(), self.height(), self.devicePixelRatioF())

    def _area(self, picture: Picture) -> Area:
        return turned_area(picture.size, 0)

    # ── Qt's events ──────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = current_tokens()
        painter = QPainter(self)
        if self._picture is None:
            painter.fillRect(self.rect(), QColor(tokens.surround))
            self._paint_message(painter, QColor(tokens.text))
        else:
            camera = self._lens.camera
            image = self._layer.bright(
                self._picture,
                camera=camera,
                angle=0,
                device_ratio=self.devicePixelRatioF(),
                ground=tokens.surround,
            )
            painter.drawImage(0, 0, image)
            self._paint_box(painter)
        if self._focus_shown:
            paint_focus(painter, QRectF(self.rect()), QColor(tokens.focus))

    def _paint_message(self, painter: QPainter, colour: QColor) -> None:
        width = min(_TEXT_WIDTH, self.width() - 48)
        room = QRectF((self.width() - width) / 2, 24, width, self.height() - 48)
        painter.setPen(colour)
        painter.setFont(self.font())
        option = QTextOption(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        if painter.fontMetrics().horizontalAdvance(self._message) < width:
            option.setAlignment(Qt.AlignmentFlag.AlignCenter)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # for long paths
        painter.drawText(room, self._message, option)

    def _paint_box(self, painter: QPainter) -> None:
        if self._box is None or self._picture is None:
            return
        size, camera = self._picture.size, self._lens.camera

        def on_screen(x: float, y: float) -> QPointF:
            return QPointF(*camera.to_screen((x * size.width, y * size.height)))

        photo = QRectF(on_screen(0, 0), on_screen(1, 1))
        box = QRectF(
            on_screen(self._box.left, self._box.top), on_screen(self._box.right, self._box.bottom)
        )
        for shade in (
            QRectF(photo.topLeft(), QPointF(photo.right(), box.top())),
            QRectF(QPointF(photo.left(), box.bottom()), photo.bottomRight()),
            QRectF(QPointF(photo.left(), box.top()), box.bottomLeft()),
            QRectF(box.topRight(), QPointF(photo.right(), box.bottom())),
        ):
            painter.fillRect(shade, _DIM)
        paint_frame(painter, box, handles=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._picture is not None:
            self._lens.follow(self._area(self._picture), self._pane())

    def wheelEvent(self, event: QWheelEvent) -> None:
        motion = of_wheel(event)
        if self._picture is not None and motion is not None:
            area, pane = self._area(self._picture), self._pane()
            if isinstance(motion, Zoom):
                scale = self._lens.camera.scale * motion.factor
                self._lens.zoom_to(scale, motion.at, area, pane)
            else:
                self._lens.pan_by(motion.dx, motion.dy, area, pane)
            self.update()
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        # Judging a photo's tones goes without a tinted frame, unless somebody looks for the focus.
        self._focus_shown = event.reason() in _BY_TAB
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus_shown = False
        super().focusOutEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = place(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None or self._picture is None:
            return
        before, self._held = self._held, place(event.position())
        self._lens.pan_by(
            self._held[0] - before[0],
            self._held[1] - before[1],
            self._area(self._picture),
            self._pane(),
        )
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
