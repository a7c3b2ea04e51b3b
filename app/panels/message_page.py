"""The page for a photo that cannot be shown: its name, the reason, the way out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.flow import FlowLayout
from app.panels.parts import Prose, button
from app.panels.scroll import ColumnScroll
from app.services.status import Notice
from app.theme.apply import current_tokens, keep_room, set_role
from app.theme.fonts import Step
from app.theme.icons import pixmap

_WIDTH = 560


class MessagePage(ColumnScroll):
    """Stands where the photo would be."""

    open_asked = Signal()
    start_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        page = QWidget()
        super().__init__(page, parent)
        set_role(page, "panel")
        keep_room(page)
        self._sign = QLabel()
        self._text = Prose("", Step.TITLE)
        self._remedy = Prose("")
        another = button(self.tr("Open another photo…"), role="primary")
        back = button(self.tr("Back to the start"))
        another.clicked.connect(self.open_asked)
        back.clicked.connect(self.start_asked)
        self.setFocusProxy(another)
        buttons = FlowLayout(spacing=8)
        buttons.addWidget(another)
        buttons.addWidget(back)
        column = QWidget()
        column.setMaximumWidth(_WIDTH)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(32, 32, 32, 32)
        inner.setSpacing(12)
        for part in (self._sign, self._text, self._remedy):
            inner.addWidget(part)
        inner.addSpacing(8)
        inner.addLayout(buttons)
        down = QVBoxLayout()
        down.addStretch(1)
        down.addWidget(column)
        down.addStretch(2)
        across = QHBoxLayout(page)
        across.addStretch(1)
        across.addLayout(down, 1000)
        across.addStretch(1)

    def show_notice(self, notice: Notice) -> None:
        """Show what went wrong, and the way out."""
        self._sign.setPixmap(pixmap("caution", current_tokens().bad, 40, self.devicePixelRatioF()))
        self._text.show_text(notice.text)
        self._remedy.show_text(notice.remedy)
        self.setAccessibleName(f"{notice.text} {notice.remedy}".strip())
