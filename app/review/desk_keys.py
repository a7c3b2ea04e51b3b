"""The sheet of the desk's keys, read from its actions."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from app.panels.keys_sheet import KeysSheet
from app.review.actions import DeskActions, keys_of


class DeskKeys(KeysSheet):
    """What the keyboard does at the desk."""

    def __init__(self, actions: DeskActions, parent: QWidget) -> None:
        rows = [(keys_of(each), each.toolTip()) for each in actions.all]
        rows.append((self.tr("Up, Down"), self.tr("Scroll the words")))
        rows.append((self.tr("Wheel, drag"), self.tr("Enlarge the photo, move it")))
        super().__init__([(self.tr("At the review desk"), rows)], QSize(480, 580), parent)
