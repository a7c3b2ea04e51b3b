"""Where the photographer writes a question about the photo."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.theme.apply import keep_room, set_role
from app.theme.icons import IconButton


class AskBox(QWidget):
    """One line and a button; Return sends."""

    asked = Signal(str)
    """The question, without blanks around it; never empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "foot")
        keep_room(self)
        self._words = QLineEdit()
        self._words.setPlaceholderText(self.tr("Ask about this photo…"))
        self._words.setAccessibleName(self.tr("Your question about this photo"))
        self._words.setMaxLength(1000)
        self._send = IconButton("send", self.tr("Ask"))
        self._send.setEnabled(False)
        self._answerable = True
        self._words.textChanged.connect(self._show_sendable)
        self._words.returnPressed.connect(self._ask)
        self._send.clicked.connect(self._ask)
        self.setFocusProxy(self._words)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(4)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._send)

    def set_answerable(self, answerable: bool) -> None:
        """Whether there is a photo, and an engine to ask."""
        self._answerable = answerable
        self._words.setEnabled(answerable)
        self._show_sendable()

    def _show_sendable(self) -> None:
        self._send.setEnabled(self._answerable and bool(self._words.text().strip()))

    def _ask(self) -> None:
        words = self._words.text().strip()
        if words and self._answerable:
            self._words.clear()
            self.asked.emit(words)
