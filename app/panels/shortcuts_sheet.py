"""The sheet of keys: what the keyboard does, in the window and on the photo."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from app.panels.actions import Actions
from app.panels.keys_sheet import KeysSheet


class ShortcutsSheet(KeysSheet):
    """Reads the keys of the actions from the actions themselves."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        columns = (
            (self.tr("In the window"), self._of_window(actions)),
            (self.tr("On the photo"), self._of_photo()),
        )
        super().__init__(columns, QSize(760, 600), parent)

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


def _keys(sequences: list[QKeySequence]) -> str:
    return ", ".join(
        sequence.toString(QKeySequence.SequenceFormat.NativeText) for sequence in sequences
    )
