"""The photographer's questions about a photo with their answers, oldest first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.session import Session
from app.panels.answer_view import AnswerView
from app.panels.parts import Prose
from app.services.picture import Picture
from app.theme.fonts import Step


class Conversation(QWidget):
    """Shows a session's answers."""

    begun = Signal()
    """A question was asked just now: its answer is worth looking at."""
    asked_again = Signal(object)
    """An Answer that was not given to its end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views: dict[int, AnswerView] = {}
        self._photo: object = None
        self._picture: Picture | None = None
        self._empty = Prose(
            self.tr("Ask “Why?” on any crop, or write a question below."), role="muted"
        )
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 8, 16, 16)
        self._layout.setSpacing(12)
        self._layout.addWidget(Prose(self.tr("Questions"), Step.TITLE))
        self._layout.addWidget(self._empty)

    def show_session(self, session: Session | None) -> None:
        """Show the answers as far as they have come."""
        answers = session.answers if session is not None else ()
        photo = session.photo if session is not None else None
        same_photo = photo == self._photo
        if not same_photo:
            self._photo = photo
        known = {answer.id for answer in answers}
        for gone in [key for key in self._views if key not in known or not same_photo]:
            self._remove(self._views.pop(gone))
        fresh = [answer for answer in answers if answer.id not in self._views]
        for answer in answers:
            if session is not None and answer.id not in self._views:
                view = AnswerView(answer, session.size, self)
                view.show_picture(self._picture)
                view.asked_again.connect(self.asked_again)
                self._views[answer.id] = view
                self._layout.addWidget(view)
            self._views[answer.id].show_answer(answer)
        self._empty.setVisible(not answers)
        if fresh and same_photo:
            self.begun.emit()

    def show_picture(self, picture: Picture | None) -> None:
        """Draw the thumbnails from this picture."""
        self._picture = picture
        for view in self._views.values():
            view.show_picture(picture)

    def _remove(self, view: AnswerView) -> None:
        self._layout.removeWidget(view)
        view.hide()
        view.deleteLater()
