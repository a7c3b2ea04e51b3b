"""A frame that says when it is pointed at, by the pointer or by the keyboard's focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QCursor, QEnterEvent, QFocusEvent
from PySide6.QtWidgets import QFrame, QWidget


class Pointable(QFrame):
    """Emits `entered` and `left` in turn."""

    entered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pointed = False

    def settle(self) -> None:
        """After the frame may have moved from under a pointer at rest: Qt says nothing then."""
        here = self.rect().contains(self.mapFromGlobal(QCursor.pos()))
        if self._pointed and not here and not self.hasFocus():
            self._leave()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._enter()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._leave()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._enter()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._leave()

    def _enter(self) -> None:
        if not self._pointed:
            self._pointed = True
            self.entered.emit()

    def _leave(self) -> None:
        if self._pointed:
            self._pointed = False
            self.left.emit()
