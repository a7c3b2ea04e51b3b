"""The sheet of keys: what the keyboard does, in the window and on the photo."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.panels.actions import Actions
from app.panels.parts import Prose, button, line_of_text
from app.panels.scroll import ColumnScroll
from app.theme.apply import keep_room, set_role
from app.theme.fonts import Step


class ShortcutsSheet(QDialog):
    """Reads the keys of the actions from the actions themselves."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        columns = QHBoxLayout()
        columns.setContentsMargins(24, 24, 24, 8)
        columns.setSpacing(32)
        columns.addLayout(self._column(self.tr("In the window"), self._of_window(actions)))
        columns.addLayout(self._column(self.tr("On the photo"), self._of_photo()))
        content = QWidget()
        set_role(content, "panel")
        keep_room(content)
        content.setLayout(columns)
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
        self.resize(760, 600)

    def _of_window(self, actions: Actions) -> tuple[tuple[str, str], ...]:
        shown = (
            *(actions.open, actions.open_folder, actions.close_photo),
            *(actions.previous_photo, actions.next_photo, actions.export),
            *(actions.undo, actions.redo, actions.fit, actions.actual, actions.next_guide),
            *(actions.why, actions.ask, actions.stop, actions.to_side, actions.shortcuts),
        )
        return tuple((_keys(action.shortcuts()), action.text().rstrip("…")) for action in shown)

    def _of_photo(self) -> tuple[tuple[str, str], ...]:
        return (
            (self.tr("Arrow keys"), self.tr("Move the crop by 1 pixel")),
            (self.tr("Shift + arrow keys"), self.tr("Move the crop by 10 pixels")),
            (self.tr("Ctrl + arrow keys"), self.tr("Resize the crop")),
            (self.tr("Tab, Shift + Tab"), self.tr("The next crop, the one before")),
            (self.tr("Delete"), self.tr("Delete the crop")),
            (self.tr("Alt + drag"), self.tr("Draw a new crop anywhere")),
            (self.tr("Shift + drag"), self.tr("Keep the ratio")),
            (self.tr("Hold \\"), self.tr("The crop alone, as it would be exported")),
            (self.tr("Wheel, + and −"), self.tr("Zoom")),
            (self.tr("Hold Space and drag"), self.tr("Move the photo in the window")),
            (self.tr("Esc"), self.tr("Take back the drag; else stop the engine")),
        )

    def _column(self, title: str, rows: tuple[tuple[str, str], ...]) -> QVBoxLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (keys, words) in enumerate(rows):
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(line_of_text(keys, Step.STRONG), row, 0, top)
            grid.addWidget(Prose(words), row, 1, top)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(Prose(title, Step.TITLE))
        column.addLayout(grid)
        column.addStretch(1)
        return column


def _keys(sequences: list[QKeySequence]) -> str:
    return ", ".join(
        sequence.toString(QKeySequence.SequenceFormat.NativeText) for sequence in sequences
    )
