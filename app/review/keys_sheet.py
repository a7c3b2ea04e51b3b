"""The sheet of the desk's keys, read from its actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from app.panels.parts import Prose, button, line_of_text
from app.panels.scroll import ColumnScroll
from app.review.actions import DeskActions, keys_of
from app.theme.apply import keep_room, set_role
from app.theme.fonts import Step


class KeysSheet(QDialog):
    """What the keyboard does at the desk."""

    def __init__(self, actions: DeskActions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        content = QWidget()
        set_role(content, "panel")
        keep_room(content)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows = [(keys_of(each), each.toolTip()) for each in actions.all]
        rows.append((self.tr("Up, Down"), self.tr("Scroll the words")))
        rows.append((self.tr("Wheel, drag"), self.tr("Enlarge the photo, move it")))
        for row, (keys, words) in enumerate(rows):
            grid.addWidget(line_of_text(keys, Step.STRONG), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Prose(words), row, 1, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(content)
        column.setContentsMargins(24, 24, 24, 8)
        column.setSpacing(12)
        column.addWidget(Prose(self.tr("At the review desk"), Step.TITLE))
        column.addLayout(grid)
        column.addStretch(1)
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
        self.resize(480, 580)
