"""The canvas: shows the photo and its crops, and hands pointer and keys to those who know them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from app.canvas.camera import Area, Camera, turned_area
from app.canvas.cursors import cursor_for
from app.canvas.hand import Hand, Under
from app.canvas.keyboard import Keyboard
from app.canvas.lens import Lens, Pane, filled_with
from app.canvas.paint_photo import PhotoLayer
from app.canvas.paint_stage import Look, label_of, paint_stage
from app.canvas.stage import Stage, crop_area
from app.domain.session import Framing, Session
from app.domain.settings import Guide, Settings
from app.services.picture import Picture
from app.services.session_controller import SessionController
from app.theme.tokens import tokens_of
from engine.geometry import Point
from engine.vocabulary import Where

_STEP: Final = 1.25
_WHEEL_NOTCH: Final = 120
_NO_CROPS: Final = Framing()
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CONTROL: Final = Qt.KeyboardModifier.ControlModifier
_ALT: Final = Qt.KeyboardModifier.AltModifier


class PhotoView(QWidget):
    """The photo with its crops. All that changes a crop goes through the controller."""

    zoom_changed = Signal(float)
    """Device pixels per photo pixel: 1.0 is 1:1."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._picture: Picture | None = None
        self._session: Session | None = None
        self._settings: Settings = controller.settings
        self._lens = Lens()
        self._layer, self._alone = PhotoLayer(), PhotoLayer()
        self._ratio: float | None = None
        self._previewed: int | None = None
        self._evidence: Where | None = None
        self._comparing = False
        self._space = False
        self._panning: Point | None = None
        self._pointer: Point = (0.0, 0.0)
        self._under = Under()
        self._hand = Hand(controller, self._stage)
        self._keyboard = Keyboard(controller, self._stage)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 180)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setAccessibleName(self.tr("Photo and crops"))
        controller.session_changed.connect(self._take_session)
        controller.picture_changed.connect(self._take_picture)
        controller.settings_changed.connect(self._take_settings)
        self._take_picture(controller.picture)
        self._take_session(controller.session)

    # ── what the window asks ─────────────────────────────────────────────────────────────────────

    @property
    def zoom(self) -> float:
        """Device pixels per photo pixel."""
        return self.camera.scale * self.devicePixelRatioF()

    @property
    def camera(self) -> Camera:
        return self._lens.camera

    @Slot(object)
    def lock_ratio(self, ratio: float | None) -> None:
        """The ratio (width to height in pixels) that gestures keep from now on; None: free."""
        self._ratio = ratio

    @Slot(object)
    def show_evidence(self, where: Where | None) -> None:
        """Show where a finding holds, instead of the crops; None goes back."""
        self._evidence = where
        self.update()

    @Slot(object)
    def preview_crop(self, index: int | None) -> None:
        """Show one of the crops as if it were current, without handles; None goes back."""
        if index != self._previewed:
            self._previewed = index
            self._follow()

    @Slot(bool)
    def set_comparing(self, comparing: bool) -> None:
        """Show the current crop alone, as large as the view allows; False goes back."""
        if comparing != self._comparing:
            self._hand.cancel()
            self._comparing = comparing
            self._alone.forget()
            self._hover()
            self.update()

    @Slot()
    def fit(self) -> None:
        """Show the whole photo, and keep showing it whole."""
        if (area := self._area()) is not None:
            self._lens.fit(area, self._pane())
            self._view_moved()

    @Slot()
    def zoom_to_actual(self) -> None:
        """One pixel of the photo to one of the screen."""
        self._zoom_to(1 / self.devicePixelRatioF(), self._pane().middle)

    @Slot()
    def zoom_in(self) -> None:
        self._zoom_to(self.camera.scale * _STEP, self._pane().middle)

    @Slot()
    def zoom_out(self) -> None:
        self._zoom_to(self.camera.scale / _STEP, self._pane().middle)

    # ── what the controller tells ────────────────────────────────────────────────────────────────

    @Slot(object)
    def _take_picture(self, picture: Picture | None) -> None:
        before, self._picture = self._picture, picture
        if picture is None or before is None or before.photo != picture.photo:
            self._let_go()
            self._layer.forget()
            self._lens = Lens()
            self._panning = self._evidence = self._previewed = None
            self._comparing = False
        self._alone.forget()
        self._follow()

    @Slot(object)
    def _take_session(self, session: Session | None) -> None:
        before = self._stage()
        self._session = session
        if session is None:
            self._let_go()
        stage = self._stage()
        if before == stage:
            return  # text streams: nothing here has changed
        self._follow()
        self._describe(stage)

    @Slot(object)
    def _take_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.update()

    def _let_go(self) -> None:
        """The photo is leaving: its gestures ended with it."""
        self._hand.drop()
        self._keyboard.drop()

    def _framing(self) -> Framing:
        picture, session = self._picture, self._session
        if picture is None or session is None or picture.photo != session.photo:
            return _NO_CROPS
        return session.framing

    def _stage(self) -> Stage | None:
        if self._picture is None:
            return None
        framing, previewed = self._framing(), self._previewed
        shown = previewed is not None and previewed < len(framing.crops)
        leading = previewed if shown else framing.current
        return Stage(self._picture.size, framing, leading, self.camera, self._ratio)

    def _describe(self, stage: Stage | None) -> None:
        """What a screen reader says of the current crop; not at each step of a drag."""
        if self._hand.dragging:
            return
        text = self.tr("No crop is in use")
        if stage is not None and stage.crop is not None:
            text = self.tr("Crop {label}").format(label=label_of(stage, stage.crop))
        self.setAccessibleDescription(text)

    # ── the part that is shown ───────────────────────────────────────────────────────────────────

    def _pane(self) -> Pane:
        return Pane(self.width(), self.height(), self.devicePixelRatioF())

    def _area(self) -> Area | None:
        stage = self._stage()
        return None if stage is None else turned_area(stage.size, stage.angle)

    def _follow(self) -> None:
        """Something else is shown, or the view has another size."""
        if (area := self._area()) is not None:
            self._lens.follow(area, self._pane())
        self.zoom_changed.emit(self.zoom)
        self._hover()
        self.update()

    def _zoom_to(self, scale: float, at: Point) -> None:
        if (area := self._area()) is not None:
            self._lens.zoom_to(scale, at, area, self._pane())
            self._view_moved()

    def _pan_by(self, dx: float, dy: float) -> None:
        if (area := self._area()) is not None:
            self._lens.pan_by(dx, dy, area, self._pane())
            self._view_moved()

    def _view_moved(self) -> None:
        """The photo has moved under the pointer, perhaps in the middle of a drag."""
        if self._hand.dragging:
            self._hand.move(self._pointer, keep_ratio=False)
        self.zoom_changed.emit(self.zoom)
        self._hover()
        self.update()

    def _hover(self) -> None:
        """Show what a press would do: by the pointer's shape and the crop that would be taken."""
        if self._panning is not None or self._space:
            held = self._panning is not None
            shape = Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.OpenHandCursor
        elif self._picture is None or self._comparing:
            shape = Qt.CursorShape.ArrowCursor
        elif self._hand.pressed:
            shape = cursor_for(self._hand.handle)
        else:
            under = self._hand.under(self._pointer) if self.underMouse() else Under()
            if under != self._under:
                self._under = under
                self.update()
            shape = cursor_for(under.handle)
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    # ── Qt's events ──────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        ground = tokens_of(self._settings.theme).surround
        painter = QPainter(self)
        stage, picture = self._stage(), self._picture
        if stage is None or picture is None:
            painter.fillRect(event.rect(), ground)
            return
        comparing = self._comparing and stage.crop is not None
        look = Look(
            ground=ground,
            device_ratio=self.devicePixelRatioF(),
            guide=Guide.NONE if self._previewed is not None else self._settings.guide,
            handles=stage.leading == stage.framing.current,
            evidence=self._evidence if self._settings.evidence else None,
            under=self._under,
            alone=comparing,
        )
        if comparing and stage.crop is not None:
            stage = replace(
                stage, camera=filled_with(crop_area(stage.crop, stage.size), self._pane())
            )
        paint_stage(painter, self._alone if comparing else self._layer, picture, stage, look)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._follow()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._keyboard.settle()
        self._pointer = _place(event.position())
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space):
            self._panning = self._pointer
        elif left and not self._comparing:
            self._hand.press(self._pointer, draw=bool(event.modifiers() & _ALT))
        self._hover()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = _place(event.position())
        if self._panning is not None:
            before, self._panning = self._panning, self._pointer
            self._pan_by(self._pointer[0] - before[0], self._pointer[1] - before[1])
        elif self._hand.pressed:
            self._hand.move(self._pointer, keep_ratio=bool(event.modifiers() & _SHIFT))
        else:
            self._hover()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer = _place(event.position())
        left = event.button() == Qt.MouseButton.LeftButton
        if self._panning is not None and (left or event.button() == Qt.MouseButton.MiddleButton):
            self._panning = None
        elif left:
            self._hand.release(self._pointer)
            self._describe(self._stage())
        self._hover()

    def leaveEvent(self, event: QEvent) -> None:
        self._under = Under()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel zooms at the pointer; a touchpad pans, and zooms with Ctrl."""
        turn, slide = event.angleDelta(), event.pixelDelta()
        if not slide.isNull() and not event.modifiers() & _CONTROL:
            self._pan_by(slide.x(), slide.y())
        elif turn.y():
            factor = _STEP ** (turn.y() / _WHEEL_NOTCH)
            self._zoom_to(self.camera.scale * factor, _place(event.position()))
        elif turn.x():
            self._pan_by(turn.x(), 0.0)
        event.accept()

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._wants(event):
                event.accept()
                return True
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._tab(event):
            return True
        elif isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                at = _place(event.position())
                self._zoom_to(self.camera.scale * max(1 + event.value(), 0.1), at)
                return True
        elif isinstance(event, QGestureEvent) and self._pinch(event):
            return True
        return super().event(event)

    def _pinch(self, event: QGestureEvent) -> bool:
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        at = _place(QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint())))
        self._zoom_to(self.camera.scale * pinch.scaleFactor(), at)
        return True

    def _wants(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            return self._hand.pressed
        return event.key() == Qt.Key.Key_Space or self._keyboard.wants(event)

    def _tab(self, event: QKeyEvent) -> bool:
        """Tab goes through the crops where there are any; F6 and Ctrl+Tab lead out of the view."""
        if event.key() not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return False
        if event.modifiers() & ~_SHIFT or not self._framing().crops or self._hand.dragging:
            return False
        self._keyboard.settle()
        back = event.key() == Qt.Key.Key_Backtab or event.modifiers() & _SHIFT
        (self._controller.previous_crop if back else self._controller.next_crop)()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape and self._hand.pressed:
            self._hand.cancel()
            self._hover()
        elif key == Qt.Key.Key_Space:
            self._space = True
            self._hover()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self.zoom_out()
        elif self._hand.pressed or not self._keyboard.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._hover()
        self._keyboard.release(event)
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QEvent) -> None:
        self._keyboard.settle()
        self._space = False
        self._hover()


def _place(point: QPointF) -> Point:
    return point.x(), point.y()
