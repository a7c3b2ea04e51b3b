"""The card of one crop: its preview, what it is for, why, its score, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.panels.crop_preview import CropPreview
from app.panels.flow import FlowLayout
from app.panels.parts import Prose, button, set_tip
from app.panels.pointable import Pointable
from app.panels.texts import (
    angle_text,
    purpose_title,
    ratio_text,
    score_explained,
    score_text,
    size_text,
)
from app.services.picture import Picture
from app.theme.apply import set_role
from app.theme.fonts import Step
from engine.vocabulary import Crop, Size

PREVIEW = QSize(112, 96)


class CropCard(Pointable):
    """Shows one crop of a session; what is asked carries the crop's index."""

    why_asked = Signal(int)
    use_asked = Signal(int)
    export_asked = Signal(int)

    def __init__(self, index: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self._shown: tuple[Crop, Size, bool] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._preview = CropPreview(PREVIEW)
        self._title = Prose("", Step.STRONG)
        self._facts = Prose("", Step.SMALL, "muted")
        self._score = Prose("", Step.SMALL, "muted")
        set_tip(self._score, score_explained())
        self._rationale = Prose()
        self._why = button(self.tr("Why?"), role="small")
        self._use = button(self.tr("Use"), role="small")
        self._export = button(self.tr("Export…"), role="small")
        self._why.clicked.connect(self._ask_why)
        self._use.clicked.connect(self._ask_use)
        self._export.clicked.connect(self._ask_export)
        self._arrange()

    def show_crop(self, crop: Crop, size: Size, *, current: bool) -> None:
        """Show this crop of a photo of `size`."""
        if self._shown == (crop, size, current):
            return
        self._shown = (crop, size, current)
        number, title = self._index + 1, purpose_title(crop)
        self._preview.show_crop(crop)
        self._title.show_text(f"{number}  {title}")
        facts = (size_text(crop, size), ratio_text(crop, size), angle_text(crop.angle))
        self._facts.show_text(" · ".join(fact for fact in facts if fact))
        self._score.show_text("" if crop.score is None else score_text(crop.score))
        self._rationale.show_text(crop.rationale)
        set_role(self, "card-current" if current else "card")
        self._use.setEnabled(not current)
        self._use.setText(self.tr("In use") if current else self.tr("Use"))
        self._name(number, title, current=current)

    def show_picture(self, picture: Picture | None) -> None:
        """Draw the preview from this picture."""
        self._preview.show_picture(picture)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self._ask_use()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._ask_use()
        else:
            super().keyPressEvent(event)

    def _name(self, number: int, title: str, *, current: bool) -> None:
        name = self.tr("Crop {number}, {title}").format(number=number, title=title)
        self.setAccessibleName(self.tr("{crop}, in use").format(crop=name) if current else name)
        self.setAccessibleDescription(self._rationale.text())
        self._preview.setAccessibleName(self.tr("Preview of crop {number}").format(number=number))
        self._why.setAccessibleName(self.tr("Why crop {number}?").format(number=number))
        self._use.setAccessibleName(self.tr("Use crop {number}").format(number=number))
        self._export.setAccessibleName(self.tr("Export crop {number}").format(number=number))

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(4)
        for label in (self._title, self._facts, self._score):
            words.addWidget(label)
        words.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._preview, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        buttons = FlowLayout(spacing=8)
        for control in (self._why, self._use, self._export):
            buttons.addWidget(control)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._rationale)
        layout.addLayout(buttons)

    def _ask_why(self) -> None:
        self.why_asked.emit(self._index)

    def _ask_use(self) -> None:
        self.use_asked.emit(self._index)

    def _ask_export(self) -> None:
        self.export_asked.emit(self._index)
