"""A scroll area for one column of wrapped text, which follows text that arrives at its end."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.theme.apply import set_role


class ColumnScroll(QScrollArea):
    """As wide as its room, as high as its content wants at that width.

    It stays at the end while the content grows if it is there already, and nowhere else. (Qt's
    own resizable mode takes the height that wrapped text would need at its least width.)
    """

    shifted = Signal()
    """What it shows has moved: by scrolling, or because it grew."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self._following = False
        self._fitting = False
        self._wanted = 0
        set_role(self, "panel")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.installEventFilter(self)
        self.verticalScrollBar().valueChanged.connect(self._heed_scrolling)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._content and event.type() is QEvent.Type.LayoutRequest:
            self._measure()
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._content_width() != self._content.width():
            self._measure()
        self._fit()

    def follow(self) -> None:
        """Go to the end, and stay there until somebody scrolls."""
        self._following = True
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    def to_top(self) -> None:
        """Go to the beginning, and stay there."""
        self._following = False
        self.verticalScrollBar().setValue(0)

    def _heed_scrolling(self, value: int) -> None:
        if not self._fitting:
            # At 0 of 0 nobody has scrolled anywhere yet: reading starts at the top.
            self._following = 0 < value == self.verticalScrollBar().maximum()
        self.shifted.emit()

    def _content_width(self) -> int:
        """The same with the bar and without it: text is not wrapped anew when the bar comes."""
        return max(1, self.width() - self.verticalScrollBar().sizeHint().width())

    def _measure(self) -> None:
        self._wanted = self._content.heightForWidth(self._content_width())

    def _fit(self) -> None:
        self._fitting = True
        height = max(self._wanted, self.viewport().height())
        self._content.resize(self._content_width(), height)
        if self._following:
            bar = self.verticalScrollBar()
            bar.setValue(bar.maximum())
        self._fitting = False
        self.shifted.emit()
