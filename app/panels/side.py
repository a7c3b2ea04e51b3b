"""The panels at the right, one above the other in one scroll area, with the ask box below."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.domain.session import Session
from app.panels.ask_box import AskBox
from app.panels.conversation import Conversation
from app.panels.critique_panel import CritiquePanel
from app.panels.crops_panel import CropsPanel
from app.panels.parts import rule
from app.panels.scroll import ColumnScroll
from app.services.picture import Picture
from app.theme.apply import keep_room, set_role

MIN_WIDTH = 340


class Side(QWidget):
    """Critique, crops and questions, with three anchors that lead to them."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        keep_room(self)
        self.setMinimumWidth(MIN_WIDTH)
        self.critique = CritiquePanel()
        self.crops = CropsPanel()
        self.conversation = Conversation()
        self.ask_box = AskBox()
        self.ask_box.asked.connect(self.asked)
        self._sections: tuple[QWidget, ...] = (self.critique, self.crops, self.conversation)
        self._anchors: list[QToolButton] = []
        self._scroll = ColumnScroll(self._stacked())
        self._blank = QWidget()
        self.conversation.begun.connect(self._scroll.follow)
        self._scroll.verticalScrollBar().valueChanged.connect(self._mark_anchor)
        self._scroll.shifted.connect(self._settle_pointed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._anchor_row())
        layout.addWidget(rule())
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self._blank, 1)
        layout.addWidget(self.ask_box)

    def show_session(self, session: Session | None) -> None:
        """Show a session, or what there is of it; nothing while a photo is on its way."""
        if session is None:
            self._scroll.hide()
            self._blank.show()
        self.critique.show_session(session)
        self.crops.show_session(session)
        self.conversation.show_session(session)
        if session is not None:
            # Last: filling what is hidden lays it out once instead of at every part.
            self._blank.hide()
            self._scroll.show()

    def show_picture(self, picture: Picture | None) -> None:
        """Draw previews from this picture."""
        self.crops.show_picture(picture)
        self.conversation.show_picture(picture)

    def to_top(self) -> None:
        """Begin to read from the top, as for another photo."""
        self._scroll.to_top()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # What has the focus inside did not want these: they scroll, as everywhere else.
        bar = self._scroll.verticalScrollBar()
        steps = {Qt.Key.Key_Up: -bar.singleStep(), Qt.Key.Key_Down: bar.singleStep()}
        if event.key() in steps:
            bar.setValue(bar.value() + steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _stacked(self) -> QWidget:
        content = QWidget()
        set_role(content, "panel")
        keep_room(content)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for section in self._sections:
            if section is not self.critique:
                layout.addWidget(rule())
            layout.addWidget(section)
        layout.addStretch(1)
        return content

    def _anchor_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(0)
        titles = (self.tr("Critique"), self.tr("Crops"), self.tr("Questions"))
        for section, title in zip(self._sections, titles, strict=True):
            anchor = QToolButton()
            anchor.setText(title)
            anchor.setAccessibleName(self.tr("Go to: {section}").format(section=title))
            anchor.setCheckable(True)
            anchor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            anchor.clicked.connect(partial(self._go_to, section))
            set_role(anchor, "anchor")
            self._anchors.append(anchor)
            row.addWidget(anchor)
        row.addStretch(1)
        self._check(0)
        self.setFocusProxy(self._anchors[0])
        return row

    def _go_to(self, section: QWidget) -> None:
        self._scroll.verticalScrollBar().setValue(section.y())
        self._check(self._sections.index(section))

    def _check(self, index: int) -> None:
        """Mark the anchor of the section that is read."""
        for number, anchor in enumerate(self._anchors):
            anchor.setChecked(number == index)

    def _mark_anchor(self, value: int) -> None:
        at_end = value and value == self._scroll.verticalScrollBar().maximum()
        passed = [i for i, section in enumerate(self._sections) if section.y() <= value + 48]
        self._check(len(self._sections) - 1 if at_end else (passed[-1] if passed else 0))

    def _settle_pointed(self) -> None:
        self.critique.settle_pointed()
        self.crops.settle_pointed()
