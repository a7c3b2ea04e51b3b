"""All that the desk can be told to do, with its keys, and buttons that show them."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from app.panels.parts import button, set_tip

_NATIVE = QKeySequence.SequenceFormat.NativeText


class DeskActions(QObject):
    """The desk's actions; each key works wherever nobody is typing."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.accept = self._add(self.tr("Accept"), "A")
        self.edit = self._add(self.tr("Edit"), "E")
        self.reject = self._add(self.tr("Reject"), "R")
        self.score = self._add(self.tr("Score"), "S")
        self.previous = self._add(self.tr("Previous"), "P", "Left", "PgUp")
        self.next = self._add(self.tr("Next"), "N", "Right", "PgDown")
        self.next_open = self._add(self.tr("Next open"), "O")
        self.undo = self._add(self.tr("Undo"), "Ctrl+Z", "U")
        self.finish = self._add(self.tr("Accept with these words"), "Ctrl+Return", "Ctrl+Enter")
        self.give = self._add(self.tr("Reject for this reason"), "Return", "Enter")
        self.anew = self._add(self.tr("The record's own words"), "Ctrl+R")
        self.leave = self._add(self.tr("Back to reading"), "Esc")
        self.fit = self._add(self.tr("Show the whole photo"), "F")
        self.light = self._add(self.tr("Light theme"), "L")
        self.light.setCheckable(True)
        self.keys = self._add(self.tr("Keys"), "F1", "?")
        self.close = self._add(self.tr("Close the desk"), "Ctrl+Q", "Ctrl+W")

    @property
    def all(self) -> tuple[QAction, ...]:
        """In the order in which they are told."""
        return (
            *(self.accept, self.edit, self.reject, self.score, self.undo),
            *(self.next, self.previous, self.next_open),
            *(self.finish, self.anew, self.give, self.leave),
            *(self.fit, self.light, self.keys, self.close),
        )

    def _add(self, text: str, *keys: str) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(each) for each in keys])
        action.setToolTip(f"{text} ({keys_of(action)})")
        self._window.addAction(action)
        return action


def keys_of(action: QAction, *, first: bool = False) -> str:
    """An action's keys for people."""
    shown = action.shortcuts()[:1] if first else action.shortcuts()
    return ", ".join(each.toString(_NATIVE) for each in shown)


def key_button(action: QAction, *, role: str = "") -> QPushButton:
    """A button that does what the action does, and shows its first key."""
    key = keys_of(action, first=True)
    made = button(f"{action.text()}  {key}", f"{action.text()}, {key}", role=role)
    set_tip(made, action.toolTip())
    made.clicked.connect(action.trigger)

    def follow() -> None:
        made.setEnabled(action.isEnabled())

    action.changed.connect(follow)
    follow()
    return made
