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
        self.accept = self._add(self.tr("Accept"), self.tr("Let the record pass as it is"), "A")
        self.edit = self._add(self.tr("Edit"), self.tr("Write other words"), "E")
        self.reject = self._add(self.tr("Reject"), self.tr("Do not let it pass, for a reason"), "R")
        self.score = self._add(self.tr("Score"), self.tr("Write your score of the photo"), "S")
        self.undo = self._add(
            self.tr("Undo"), self.tr("Take your last decision back"), "Ctrl+Z", "U"
        )
        self.next = self._add(self.tr("Next"), self.tr("The next record"), "N", "Right", "PgDown")
        self.previous = self._add(
            self.tr("Previous"), self.tr("The record before"), "P", "Left", "PgUp"
        )
        self.next_open = self._add(
            self.tr("Next open"), self.tr("The next record that you have not judged"), "O"
        )
        self.finish = self._add(
            self.tr("Accept with these words"),
            self.tr("Let the record pass with your words"),
            *("Ctrl+Return", "Ctrl+Enter"),
        )
        self.anew = self._add(
            self.tr("The record's own words"),
            self.tr("Begin the edit anew with the record's words"),
            "Ctrl+R",
        )
        self.give = self._add(
            self.tr("Reject"), self.tr("Reject for the reason given"), "Return", "Enter"
        )
        self.leave = self._add(
            self.tr("Back to reading"),
            self.tr("Leave the field; what you wrote waits there"),
            "Esc",
        )
        self.fit = self._add(self.tr("Fit"), self.tr("Show the whole photo"), "F")
        self.light = self._add(
            self.tr("Light theme"), self.tr("The light theme, or the dark one"), "L"
        )
        self.light.setCheckable(True)
        self.keys = self._add(self.tr("Keys"), self.tr("This list of keys"), "F1", "?")
        self.close = self._add(
            self.tr("Close"), self.tr("Close the desk; all is kept"), "Ctrl+Q", "Ctrl+W"
        )

    @property
    def all(self) -> tuple[QAction, ...]:
        """In the order in which they are told."""
        return (
            *(self.accept, self.edit, self.reject, self.score, self.undo),
            *(self.next, self.previous, self.next_open),
            *(self.finish, self.anew, self.give, self.leave),
            *(self.fit, self.light, self.keys, self.close),
        )

    def _add(self, text: str, tip: str, *keys: str) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(each) for each in keys])
        action.setToolTip(tip)
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
    set_tip(made, f"{action.toolTip()} ({keys_of(action)})")
    made.clicked.connect(action.trigger)

    def follow() -> None:
        made.setEnabled(action.isEnabled())

    action.changed.connect(follow)
    follow()
    return made
