"""A sheet of keys: columns of what the keyboard does, each under its title."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.panels.parts import Prose, button, line_of_text
from app.panels.scroll import ColumnScroll
from app.theme.apply import keep_room, set_role
from app.theme.fonts import Step

Rows = Sequence[tuple[str, str]]
"""Keys, and what they do."""


class KeysSheet(QDialog):
    """Shows what a window's own subclass gathers from its actions."""

    def __init__(self, columns: Sequence[tuple[str, Rows]], size: QSize, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        content = QWidget()
        set_role(content, "panel")
        keep_room(content)
        beside = QHBoxLayout(content)
        beside.setContentsMargins(24, 24, 24, 8)
        beside.setSpacing(32)
        for title, rows in columns:
            beside.addLayout(_column(title, rows))
        scroll = ColumnScroll(content)
        scroll.setAccessibleName(self.tr("List of keys"))
        close = button(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 16)
        layout.setSpacing(12)
        layout.addWidget(scroll, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignCenter)
        self.resize(size)


def _column(title: str, rows: Rows) -> QVBoxLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    for row, (keys, words) in enumerate(rows):
        grid.addWidget(line_of_text(keys, Step.STRONG), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(Prose(words), row, 1, Qt.AlignmentFlag.AlignTop)
    column = QVBoxLayout()
    column.setSpacing(12)
    column.addWidget(Prose(title, Step.TITLE))
    column.addLayout(grid)
    column.addStretch(1)
    return column
