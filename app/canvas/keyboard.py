"""What the keys do on the canvas: nudging and resizing by pixels, choosing, deleting, zooming."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.canvas.drag import grown, moved
from app.canvas.stage import Stage
from app.services.session_controller import SessionController

_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_LARGE_STEP: Final = 10
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CONTROL: Final = Qt.KeyboardModifier.ControlModifier
_OTHERS: Final = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class Keyboard:
    """The keys that change crops. An arrow held down is one gesture, from press to release."""

    def __init__(self, controller: SessionController, stage: Callable[[], Stage | None]) -> None:
        self._controller = controller
        self._stage = stage
        self._held: int | None = None
        self._taken_up = False

    def take_up(self, taken_up: bool) -> None:
        """Whether the photographer has turned to the crops, by pointer or by Tab. Until then the
        arrows go through the folder.
        """
        self._taken_up = taken_up

    def wants(self, event: QKeyEvent) -> bool:
        """Whether the key belongs to the crops here, whatever shortcut the window has for it."""
        stage = self._stage()
        if stage is None or stage.crop is None or event.modifiers() & _OTHERS:
            return False
        if event.key() in _ARROWS:
            return self._taken_up
        return event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not event.modifiers()

    def press(self, event: QKeyEvent) -> bool:
        """True if the key did something."""
        if not self.wants(event):
            return False
        if event.key() in _ARROWS:
            self._arrow(event)
        else:
            self.settle()
            self._controller.delete_crop()
        return True

    def release(self, event: QKeyEvent) -> None:
        if event.key() == self._held and not event.isAutoRepeat():
            self.settle()

    def settle(self) -> None:
        """End the gesture of a key whose release may never be seen."""
        if self._held is not None:
            self._held = None
            self._controller.end_gesture()

    def drop(self) -> None:
        """Another photo has come: the gesture ended with the old one."""
        self._held = None
        self._taken_up = False

    def _arrow(self, event: QKeyEvent) -> None:
        stage = self._stage()
        if stage is None or stage.crop is None:
            return
        if self._held != event.key():
            self.settle()
            self._held = event.key()
            self._controller.begin_gesture()
        crop, size, modifiers = stage.crop, stage.size, event.modifiers()
        step = _LARGE_STEP if modifiers & _SHIFT else 1
        across, down = _ARROWS[Qt.Key(event.key())]
        dx, dy = across * step, down * step
        if modifiers & _CONTROL:
            box = grown(box=crop.box, dx=dx, dy=dy, ratio=stage.ratio, angle=crop.angle, size=size)
        else:
            box = moved(box=crop.box, dx=dx, dy=dy, angle=crop.angle, size=size)
        self._controller.show_crop(replace(crop, box=box))
