"""The crops of the photo as cards, each with a live preview."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.session import Session
from app.panels.crop_card import CropCard
from app.panels.parts import Prose
from app.panels.texts import progress_text
from app.services.picture import Picture
from app.theme.fonts import Step
from engine.vocabulary import Task


class CropsPanel(QWidget):
    """Shows a session's crops; every signal carries the index of one."""

    crop_pointed = Signal(object)
    """The index of the crop whose card is pointed at or has the focus, or None."""
    why_asked = Signal(int)
    use_asked = Signal(int)
    export_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[CropCard] = []
        self._picture: Picture | None = None
        self._state = Prose("", role="muted")
        self._hint = Prose(
            self.tr("Draw a frame on the photo for a crop of your own."), Step.SMALL, "muted"
        )
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 8, 16, 8)
        self._layout.setSpacing(12)
        self._layout.addWidget(Prose(self.tr("Crops"), Step.TITLE))
        self._layout.addWidget(self._state)
        self._layout.addWidget(self._hint)

    def show_session(self, session: Session | None) -> None:
        """Show the crops, and which of them is in use."""
        crops = session.framing.crops if session is not None else ()
        while len(self._cards) < len(crops):
            self._add()
        for card in self._cards[len(crops) :]:
            card.hide()  # kept for the next photo: making one takes time
        if session is None:
            return
        for index, (card, crop) in enumerate(zip(self._cards, crops, strict=False)):
            card.show_crop(crop, session.size, current=index == session.framing.current)
            card.show()
        self._state.show_text("" if crops else progress_text(session.progress_of(Task.CROP)))

    def show_picture(self, picture: Picture | None) -> None:
        """Draw the previews from this picture."""
        self._picture = picture
        for card in self._cards:
            card.show_picture(picture)

    def settle_pointed(self) -> None:
        """The cards may have moved under the pointer."""
        for card in self._cards:
            card.settle()

    def _add(self) -> None:
        card = CropCard(len(self._cards), self)
        card.show_picture(self._picture)
        card.entered.connect(partial(self.crop_pointed.emit, len(self._cards)))
        card.left.connect(self._forget_pointed)
        card.why_asked.connect(self.why_asked)
        card.use_asked.connect(self.use_asked)
        card.export_asked.connect(self.export_asked)
        # Cards stand between the state line and the hint.
        self._layout.insertWidget(2 + len(self._cards), card)
        self._cards.append(card)

    def _forget_pointed(self) -> None:
        self.crop_pointed.emit(None)
