"""The column beside the photo: comments, draft, score, decisions, agreement."""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.panels.parts import Paragraphs, Prose, line_of_text, rule
from app.panels.scroll import ColumnScroll
from app.review.agreement_panel import AgreementPanel
from app.review.desk import Desk, Mode
from app.review.draft_form import DraftForm
from app.review.verdicts import Verdicts, number_text
from app.theme.apply import keep_room, set_role
from app.theme.fonts import Step
from engine.review.records import Kind


class ScoreField(QLineEdit):
    """A number, with a point or a comma; empty for none."""

    scored = Signal(object)
    """float | None, when it is finished and another one than was shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        pattern = QRegularExpression(r"-?\d{0,6}([.,]\d{0,4})?")
        self.setValidator(QRegularExpressionValidator(pattern, self))
        self.setMaximumWidth(96)
        self.setAcceptDrops(False)
        self.setAccessibleName(self.tr("Your score of the photo"))
        self._shown: float | None = None
        self.editingFinished.connect(self.commit)

    def show_score(self, score: float | None) -> None:
        """Show what is known, unless somebody is typing."""
        self._shown = score
        if not (self.hasFocus() and self.isModified()):
            self.setText("" if score is None else number_text(score))

    def commit(self) -> None:
        """Tell the number that is there now."""
        digits = self.text().replace(",", ".")
        value = float(digits) if any(each.isdigit() for each in digits) else None
        self.setModified(False)
        if value != self._shown:
            self.scored.emit(value)
        else:
            self.show_score(value)


class Words(QWidget):
    """All words about the record in front."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        keep_room(self)
        self.setMinimumWidth(360)
        self.form = DraftForm()
        self.score = ScoreField()
        self.verdicts = Verdicts()
        self.agreement = AgreementPanel()
        self._subject = Prose("", Step.TITLE)
        self._about = Prose("", Step.SMALL, "muted")
        self._comments_title = line_of_text(self.tr("What people wrote"), Step.STRONG, "section")
        self._comments = Paragraphs()
        self._shown = ""
        content = QWidget()
        set_role(content, "panel")
        keep_room(content)
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._subject)
        column.addWidget(self._about)
        said = QVBoxLayout()
        said.setSpacing(4)
        said.addWidget(self._comments_title)
        said.addWidget(self._comments)
        column.addLayout(said)
        column.addWidget(rule())
        for part in (self.form, self._score_row(), rule(), self.verdicts, self.agreement):
            column.addWidget(part)
        column.addStretch(1)
        self._scroll = ColumnScroll(content)
        self._scroll.setAccessibleName(self.tr("Comments, draft and decisions"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)

    def show_desk(self, desk: Desk) -> None:
        """Show the record in front."""
        record = desk.record
        if record is None:
            return
        self._subject.show_text(record.photo)
        about = ""
        if record.kind is Kind.RATIONALE:
            about = (
                self.tr("The marked crop is said to improve the photo.")
                if record.better
                else self.tr("The marked crop is said to harm the photo.")
            )
        self._about.show_text(about)
        lines = [f"–  {' '.join(each.split())}" for each in record.comments]
        self._comments.show_text("\n".join(lines))
        self._comments_title.setVisible(bool(lines))
        self.form.show_desk(desk)
        self.score.show_score(desk.score)
        self.verdicts.show_desk(desk)
        if record.id != self._shown:
            self._shown = record.id
            self._scroll.to_top()

    def show_typed(self, desk: Desk) -> None:
        """What was typed is in its field already; the rest follows."""
        if desk.mode is Mode.READING:
            self.verdicts.show_desk(desk)

    def scroll_by(self, by: int) -> None:
        """Move the words by steps."""
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.value() + by * bar.singleStep() * 3)

    def begin_score(self) -> None:
        """Take the keyboard to the score."""
        self.score.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.score.selectAll()
        self._scroll.ensureWidgetVisible(self.score)

    def _score_row(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(line_of_text(self.tr("Your score"), Step.STRONG, "section"))
        layout.addWidget(self.score)
        hint = self.tr("On the scale that the reviewers agreed on.")
        layout.addWidget(Prose(hint, Step.SMALL, "muted"), 1)
        return row
