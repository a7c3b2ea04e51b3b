"""What was decided about the record: one's own word, and after it the others' and the checker's."""

from __future__ import annotations

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.panels.parts import Prose, line_of_text
from app.review.desk import Desk
from app.theme.apply import set_role
from app.theme.fonts import Step
from engine.review.decisions import Action, Decision
from engine.review.records import Check, Record


class Verdicts(QWidget):
    """Everybody's words about one record; the others' stay hidden until one has decided."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mine = Prose()
        self._hidden = Prose("", Step.SMALL, "muted")
        self._others = Prose()
        self._checked = Prose("", Step.SMALL, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(line_of_text(self.tr("Decisions"), Step.STRONG, "section"))
        for part in (self._mine, self._hidden, self._others, self._checked):
            layout.addWidget(part)

    def show_desk(self, desk: Desk) -> None:
        """Show what may be seen."""
        mine, record = desk.mine, desk.record
        if record is None:
            return
        decided = mine is not None
        self._mine.show_text(self._own(mine, desk))
        set_role(self._mine, _role(mine))
        hidden = self.tr("What others decided is shown after your own decision.")
        self._hidden.show_text("" if decided else hidden)
        self._others.show_text("\n".join(self._said(each) for each in desk.others))
        self._checked.show_text(self._check(record) if decided else "")

    def _own(self, mine: Decision | None, desk: Desk) -> str:
        if mine is not None:
            return self._line(self.tr("You"), mine)
        begun = desk.begun
        if begun is not None and begun.draft is not None:
            return self.tr("Not decided yet. You have begun other words: Edit goes on with them.")
        return self.tr("Not decided yet.")

    def _said(self, word: Decision) -> str:
        return self._line(word.reviewer, word)

    def _line(self, who: str, word: Decision) -> str:
        texts = {
            Action.ACCEPT: self.tr("{who}: accepted"),
            Action.EDIT: self.tr("{who}: accepted with other words"),
            Action.REJECT: self.tr("{who}: rejected"),
        }
        line = texts[word.action].format(who=who)
        if word.score is not None:
            line += self.tr(", score {score}").format(score=number_text(word.score))
        if word.note:
            line += f": {word.note}"
        if word.draft is not None and who == word.reviewer:
            parts = (word.draft.impression, word.draft.analysis, word.draft.guidance)
            words = " / ".join(each for each in (*parts, word.draft.rationale) if each)
            line += f"\n“{words}”"
        return line

    def _check(self, record: Record) -> str:
        texts = {
            Check.ACCEPTED: self.tr("The checking model: accepted"),
            Check.CORRECTED: self.tr("The checking model: corrected"),
            Check.REJECTED: self.tr("The checking model: rejected"),
        }
        reason = f": {record.checked.reason}" if record.checked.reason else ""
        return f"{texts[record.checked.result]}{reason}"


def number_text(value: float) -> str:
    """A score as it was typed: no more digits than it has."""
    return QLocale().toString(value, "g", 6)


def _role(mine: Decision | None) -> str:
    if mine is None:
        return "muted"
    return "bad" if mine.action is Action.REJECT else "good"
