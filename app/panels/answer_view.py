"""One question of the photographer with its answer, and the crop that it was about."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.session import Answer, Progress
from app.panels.crop_preview import CropPreview
from app.panels.parts import Paragraphs, Prose, button
from app.panels.texts import angle_text, progress_text, ratio_text, size_text
from app.services.picture import Picture
from app.theme.apply import set_role
from app.theme.fonts import Step
from engine.vocabulary import Size

THUMBNAIL = QSize(64, 56)


class AnswerView(QFrame):
    """Shows one Answer; the thumbnail is of the crop as it stood when it was asked about."""

    asked_again = Signal(object)
    """The Answer that was not given to its end."""

    def __init__(self, answer: Answer, size: Size, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: CropPreview | None = None
        self._answer = answer
        set_role(self, "answer")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 12, 12, 12)
        self._layout.setSpacing(8)
        self._add_question(answer, size)
        self._body = Paragraphs()
        self._for = _Side(self.tr("For"), "good")
        self._against = _Side(self.tr("Against"), "caution")
        self._state = Prose("", Step.SMALL, "muted")
        self._again = button(self.tr("Ask again"), role="small")
        self._again.clicked.connect(self._ask_again)
        for part in (self._body, self._for, self._against, self._state):
            self._layout.addWidget(part)
        self._layout.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_answer(answer)

    def show_answer(self, answer: Answer) -> None:
        """Show the answer as far as it has come."""
        self._answer = answer
        self._body.show_text(answer.body)
        self._for.show_text(answer.arguments_for)
        self._against.show_text(answer.arguments_against)
        begun = bool(answer.body or answer.arguments_for or answer.arguments_against)
        state = progress_text(answer.progress)
        if answer.failure is not None:
            state = f"{answer.failure.reason} {answer.failure.remedy}".strip()
        self._state.show_text("" if begun and answer.progress is Progress.RUNNING else state)

        self._again.setVisible(answer.progress in (Progress.STOPPED, Progress.FAILED))

    def _ask_again(self) -> None:
        self.asked_again.emit(self._answer)

    def show_picture(self, picture: Picture | None) -> None:
        """Draw the thumbnail from this picture."""
        if self._preview is not None:
            self._preview.show_picture(picture)

    def _add_question(self, answer: Answer, size: Size) -> None:
        if answer.crop is None:
            self._layout.addWidget(Prose(answer.words, Step.STRONG))
            self.setAccessibleName(self.tr("You asked: {words}").format(words=answer.words))
            return
        facts = (
            size_text(answer.crop, size),
            ratio_text(answer.crop, size),
            angle_text(answer.crop.angle),
        )
        about = " · ".join(fact for fact in facts if fact)
        self._preview = CropPreview(THUMBNAIL)
        self._preview.setAccessibleName(self.tr("The crop that this is about"))
        self._preview.show_crop(answer.crop)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(Prose(answer.words or self.tr("Why this crop?"), Step.STRONG))
        words.addWidget(Prose(about, Step.SMALL, "muted"))
        words.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._preview, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self._layout.addLayout(head)
        self.setAccessibleName(self.tr("Why this crop? {about}").format(about=about))


class _Side(QWidget):
    """What speaks for a crop, or against it."""

    def __init__(self, title: str, role: str) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._text = Paragraphs()
        layout.addWidget(Prose(title, Step.STRONG, role))
        layout.addWidget(self._text)

    def show_text(self, text: str) -> None:
        self._text.show_text(text)
        self.setVisible(bool(text))
