"""The desk's head, which says how far everybody is, and its foot, which has the buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.panels.flow import FlowLayout
from app.panels.parts import Prose, line_of_text
from app.review.actions import DeskActions, key_button
from app.review.desk import Desk, Mode, Progress
from app.theme.apply import keep_room, set_role
from app.theme.fonts import Step


class Head(QWidget):
    """Which record lies here, and how many each reviewer has judged."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "bar")
        keep_room(self)
        self._record = line_of_text("", Step.STRONG)
        self._progress = Prose("", Step.SMALL, "muted")
        self._progress.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(160, 8)
        self._bar.setAccessibleName(self.tr("Records that you have judged"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(12)
        layout.addWidget(self._record)
        layout.addWidget(self._progress, 1)
        layout.addWidget(self._bar)

    def show_desk(self, desk: Desk) -> None:
        """Show the place and everybody's progress."""
        self._record.setText(
            self.tr("Record {place} of {count}").format(place=desk.place + 1, count=desk.count)
        )
        own, *others = desk.progress
        mine = self.tr("You ({name}): {done} of {of}")
        words = [mine.format(name=own.name, done=own.done, of=own.of)]
        words += [self._line(each) for each in others]
        self._progress.show_text("   ".join(words))
        self._bar.setRange(0, max(own.of, 1))
        self._bar.setValue(own.done)

    def _line(self, progress: Progress) -> str:
        line = self.tr("{name}: {done} of {of}")
        return line.format(name=progress.name, done=progress.done, of=progress.of)


class Foot(QWidget):
    """The buttons for what the keys are for now, each with its key."""

    noted = Signal(str)
    """The reason for a rejection, while it is typed."""

    def __init__(self, actions: DeskActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "foot")
        keep_room(self)
        self.reason = QLineEdit()
        self.reason.setMaxLength(2000)
        self.reason.setAcceptDrops(False)
        self.reason.setPlaceholderText(self.tr("Why not? Return rejects the record."))
        self.reason.setAccessibleName(self.tr("The reason for the rejection"))
        self.reason.textEdited.connect(self.noted)
        deciding = (actions.accept, actions.edit, actions.reject, actions.score, actions.undo)
        going = (actions.previous, actions.next, actions.next_open, actions.keys)
        reading = FlowLayout(spacing=8)
        for action in (*deciding, *going):
            role = "primary" if action is actions.accept else ""
            reading.addWidget(key_button(action, role=role))
        editing = FlowLayout(spacing=8)
        editing.addWidget(key_button(actions.finish, role="primary"))
        for action in (actions.anew, actions.leave):
            editing.addWidget(key_button(action))
        rejecting = QHBoxLayout()
        rejecting.setSpacing(8)
        rejecting.addWidget(self.reason, 1)
        rejecting.addWidget(key_button(actions.give, role="primary"))
        rejecting.addWidget(key_button(actions.leave))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        self._pages: dict[Mode, QWidget] = {}
        for mode, row in zip(Mode, (reading, editing, rejecting), strict=True):
            page = self._pages[mode] = QWidget()
            row.setContentsMargins(0, 0, 0, 0)
            page.setLayout(row)
            layout.addWidget(page)

    def show_desk(self, desk: Desk) -> None:
        """Show the buttons of the desk's mode."""
        for mode, page in self._pages.items():
            page.setVisible(mode is desk.mode)
        rejecting = desk.mode is Mode.REJECTING
        if rejecting and not self.reason.hasFocus():
            note = desk.begun.note if desk.begun is not None else ""
            if not note and desk.mine is not None:
                note = desk.mine.note
            self.reason.setText(note)
            self.reason.setFocus(Qt.FocusReason.ShortcutFocusReason)
