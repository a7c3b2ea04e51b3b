"""The canvas: shows the photo and its crops, and hands pointer and keys to those who know them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.canvas.camera import Camera
from app.canvas.cursors import cursor_for
from app.canvas.hand import Hand, Under
from app.canvas.keyboard import Keyboard
from app.canvas.lens import Pane, filled_with
from app.canvas.motions import STEP, Zoom, of_pinch, of_wheel, place
from app.canvas.paint_crops import paint_focus
from app.canvas.paint_photo import PhotoLayer
from app.canvas.paint_stage import Look, label_of, paint_stage
from app.canvas.scene import Scene
from app.canvas.stage import crop_area
from app.domain.session import Session
from app.domain.settings import Guide, Settings
from app.services.picture import Picture
from app.services.session_controller import SessionController
from app.theme.tokens import tokens_of
from engine.geometry import Point
from engine.vocabulary import Where

_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_ALT: Final = Qt.KeyboardModifier.AltModifier
_BY_KEYBOARD: Final = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class PhotoView(QWidget):
    """The photo with its crops. All that changes a crop goes through the controller."""

    zoom_changed = Signal(float)
    """Device pixels per photo pixel: 1.0 is 1:1."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._settings: Settings = controller.settings
        self._scene = Scene()
        self._layer, self._alone = PhotoLayer(), PhotoLayer()
        self._space = self._focus_shown = False
        self._panning: Point | None = None
        self._pointer: Point = (0.0, 0.0)
        self._under = Under()
        self._hand = Hand(controller, lambda: self._scene.stage)
        self._keyboard = Keyboard(controller, lambda: self._scene.stage)
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
        """Where the photo lies on the view."""
        return self._scene.camera

    @Slot(object)
    def lock_ratio(self, ratio: float | None) -> None:
        """The ratio (width to height in pixels) that gestures keep from now on; None: any."""
        self._scene.ratio = ratio

    @Slot(object)
    def show_evidence(self, where: Where | None) -> None:
        """Show where a finding holds, instead of the crops; None goes back."""
        self._scene.evidence = where
        self.update()

    @Slot(object)
    def preview_crop(self, index: int | None) -> None:
        """Show one of the crops as if it were current, without handles; None goes back."""
        if index != self._scene.previewed:
            self._scene.previewed = index
            self._follow()

    @Slot(bool)
    def set_comparing(self, comparing: bool) -> None:
        """Show the current crop alone, as large as the view allows; False goes back."""
        if comparing != self._scene.comparing:
            self._hand.cancel()
            self._scene.comparing = comparing
            self._alone.forget()
            self._hover()
            self.update()

    @Slot()
    def fit(self) -> None:
        """Show the whole photo, and keep showing it whole."""
        self._scene.fit(self._pane())
        self._view_moved()

    @Slot()
    def zoom_to_actual(self) -> None:
        """One pixel of the photo to one of the screen."""
        self._zoom_by(1 / self.zoom, self._pane().middle)

    @Slot()
    def zoom_in(self) -> None:
        self._zoom_by(STEP, self._pane().middle)

    @Slot()
    def zoom_out(self) -> None:
        self._zoom_by(1 / STEP, self._pane().middle)

    # ── what the controller tells ────────────────────────────────────────────────────────────────

    @Slot(object)
    def _take_picture(self, picture: Picture | None) -> None:
        if self._scene.take_picture(picture):
            self._let_go()
            self._layer.forget()
            self._panning = None
        self._alone.forget()
        self._follow()

    @Slot(object)
    def _take_session(self, session: Session | None) -> None:
        if session is None:
            self._let_go()
        if self._scene.take_session(session):
            self._follow()
            self._describe()

    @Slot(object)
    def _take_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.update()

    def _let_go(self) -> None:
        """The photo is leaving: its gestures ended with it."""
        self._hand.drop()
        self._keyboard.drop()

    def _describe(self) -> None:
        """What a screen reader says of the current crop; not at each step of a drag."""
        if self._hand.dragging:
            return
        stage = self._scene.stage
        text = self.tr("No crop is in use")
        if stage is not None and stage.crop is not None:
            text = self.tr("Crop {label}").format(label=label_of(stage, stage.crop))
        self.setAccessibleDescription(text)

    # ── the part that is shown ───────────────────────────────────────────────────────────────────

    def _pane(self) -> Pane:
        return Pane(self.width(), self.height(), self.devicePixelRatioF())

    def _follow(self) -> None:
        """Something else is shown, or the view has another size."""
        self._scene.follow(self._pane())
        self._shown()

    def _zoom_by(self, factor: float, at: Point) -> None:
        self._scene.zoom_to(self.camera.scale * factor, at, self._pane())
        self._view_moved()

    def _pan_by(self, dx: float, dy: float) -> None:
        self._scene.pan_by(dx, dy, self._pane())
        self._view_moved()

    def _view_moved(self) -> None:
        """The photo has moved under the pointer, perhaps in the middle of a drag."""
        self._hand.move_again()
        self._shown()

    def _shown(self) -> None:
        self.zoom_changed.emit(self.zoom)
        self._hover()
        self.update()

    def _hover(self) -> None:
        """Show what a press would do: by the pointer's shape and the crop that would be taken."""
        under = Under()
        if self._panning is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif self._scene.picture is None or self._scene.comparing:
            shape = Qt.CursorShape.ArrowCursor
        elif self._hand.pressed:
            shape = cursor_for(self._hand.handle)
        else:
            under = self._hand.under(self._pointer) if self.underMouse() else under
            shape = cursor_for(under.handle)
        if under != self._under:
            self._under = under
            self.update()
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    # ── Qt's events ──────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = tokens_of(self._settings.theme)
        painter = QPainter(self)
        scene, stage = self._scene, self._scene.stage
        if stage is None or scene.picture is None:
            painter.fillRect(event.rect(), QColor(tokens.surround))
            return
        look = Look(
            ground=tokens.surround,
            device_ratio=self.devicePixelRatioF(),
            guide=self._settings.guide if scene.previewed is None else Guide.NONE,
            handles=stage.leading == stage.framing.current,
            evidence=scene.evidence,
            under=self._under,
            alone=scene.comparing and stage.crop is not None,
        )
        if look.alone and stage.crop is not None:
            camera = filled_with(crop_area(stage.crop, stage.size), self._pane())
            stage = replace(stage, camera=camera)
        paint_stage(painter, self._alone if look.alone else self._layer, scene.picture, stage, look)
        if self._focus_shown:
            paint_focus(painter, QRectF(self.rect()), QColor(tokens.focus))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._follow()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._keyboard.settle()
        self._keyboard.take_up(True)
        self.preview_crop(None)
        self._focus_shown = False
        self._pointer = place(event.position())
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space):
            self._panning = self._pointer
        elif left and not self._scene.comparing:
            self._hand.press(self._pointer, draw=bool(event.modifiers() & _ALT))
        self._hover()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        before, self._pointer = self._pointer, place(event.position())
        if self._panning is not None:
            self._pan_by(self._pointer[0] - before[0], self._pointer[1] - before[1])
        elif self._hand.pressed:
            self._hand.move(self._pointer, keep_ratio=bool(event.modifiers() & _SHIFT))
        else:
            self._hover()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer = place(event.position())
        left = event.button() == Qt.MouseButton.LeftButton
        if self._panning is not None and (left or event.button() == Qt.MouseButton.MiddleButton):
            self._panning = None
        elif left:
            self._hand.release(self._pointer)
            self._describe()
        self._hover()

    def leaveEvent(self, event: QEvent) -> None:
        self._under = Under()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        motion = of_wheel(event)
        if isinstance(motion, Zoom):
            self._zoom_by(motion.factor, motion.at)
        elif motion is not None:
            self._pan_by(motion.dx, motion.dy)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and self._wants(event):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and self._tab(event):
                return True
        zoom = of_pinch(event, self)
        if zoom is not None:
            self._zoom_by(zoom.factor, zoom.at)
            return True
        return super().event(event)

    def _wants(self, event: QKeyEvent) -> bool:
        """Whether a key belongs here, whatever shortcut the window has for it."""
        if event.key() == Qt.Key.Key_Escape:
            return self._hand.pressed
        return event.key() == Qt.Key.Key_Space or self._keyboard.wants(event)

    def _tab(self, event: QKeyEvent) -> bool:
        """Tab goes through the crops where there are any; Ctrl+Tab leads out of the view."""
        if event.key() not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) or self._hand.dragging:
            return False
        back = event.key() == Qt.Key.Key_Backtab or bool(event.modifiers() & _SHIFT)
        others = event.modifiers() & ~_SHIFT
        if others == Qt.KeyboardModifier.ControlModifier:
            return self.focusNextPrevChild(not back)
        if others or not self._scene.framing.crops:
            return False
        self._keyboard.settle()
        self._keyboard.take_up(True)
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

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_shown = event.reason() in _BY_KEYBOARD
        if self._focus_shown:
            self._keyboard.take_up(True)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._keyboard.settle()
        self._space = self._focus_shown = False
        self._hover()
        super().focusOutEvent(event)
