"""The draft to read, part by part, and the fields in which it is written anew."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from app.panels.parts import Paragraphs, line_of_text
from app.review.desk import Desk, Mode
from app.theme.fonts import Step
from engine.review.records import Draft, Kind

_FEWEST_LINES = 2
_FRAME = 12
"""Border and padding, above and below together, as the stylesheet has them."""


class TextField(QPlainTextEdit):
    """As high as its text, so that the column scrolls and not the field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(False)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # A plain text's layout tells its height in lines.
        lines = max(self.document().size().height(), _FEWEST_LINES)
        margins = 2 * self.document().documentMargin() + _FRAME
        height = round(lines * self.fontMetrics().lineSpacing() + margins)
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)


class Part(QWidget):
    """One part of a draft under its title: read as prose, written in a field."""

    typed = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.field = TextField()
        self.field.setAccessibleName(title)
        self.field.textChanged.connect(self.typed)
        self._prose = Paragraphs()
        self._nothing = line_of_text(self.tr("(nothing)"), Step.BODY, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(line_of_text(title, Step.STRONG, "section"))
        for part in (self._prose, self._nothing, self.field):
            layout.addWidget(part)

    def text(self) -> str:
        """What is read now."""
        return self._prose.text()

    def show_text(self, text: str, *, editing: bool) -> None:
        """Show `text` for reading or for writing."""
        if editing and text != self.field.toPlainText():
            self.field.setPlainText(text)
        self.field.setVisible(editing)
        self._prose.show_text("" if editing else text)
        self._nothing.setVisible(not editing and not text.strip())


class DraftForm(QWidget):
    """All parts of a record's draft."""

    typed = Signal(object)
    """Draft, after each change by the reviewer's hand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.impression = Part(self.tr("Impression"))
        self.analysis = Part(self.tr("Analysis"))
        self.guidance = Part(self.tr("Guidance"))
        self.rationale = Part(self.tr("Why this crop"))
        self._parts = (self.impression, self.analysis, self.guidance, self.rationale)
        self._base = Draft()
        self._showing = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for part in self._parts:
            part.typed.connect(self._tell)
            layout.addWidget(part)

    def show_desk(self, desk: Desk) -> None:
        """Show the words of the record in front, in fields while they are edited."""
        record = desk.record
        if record is None:
            return
        editing = desk.mode is Mode.EDITING
        was_editing = not self._first().field.isHidden()
        draft = desk.draft_to_edit if editing else desk.draft
        self._showing, self._base = True, draft
        is_guidance = record.kind is Kind.GUIDANCE
        for part in self._parts:
            part.setVisible((part is not self.rationale) == is_guidance)
        self.impression.show_text(draft.impression, editing=editing and is_guidance)
        self.analysis.show_text(draft.analysis, editing=editing and is_guidance)
        self.guidance.show_text(draft.guidance, editing=editing and is_guidance)
        self.rationale.show_text(draft.rationale, editing=editing and not is_guidance)
        self._showing = False
        if editing and not was_editing:
            self._first().field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _first(self) -> Part:
        """Where writing begins."""
        return self.analysis if self.rationale.isHidden() else self.rationale

    def _tell(self) -> None:
        if self._showing:
            return
        if self.rationale.isHidden():
            draft = replace(
                self._base,
                impression=self.impression.field.toPlainText(),
                analysis=self.analysis.field.toPlainText(),
                guidance=self.guidance.field.toPlainText(),
            )
        else:
            draft = replace(self._base, rationale=self.rationale.field.toPlainText())
        self.typed.emit(draft)
