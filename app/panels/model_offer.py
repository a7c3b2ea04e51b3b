"""A quiet card on the start page: the Venus model, what it would download and what it needs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.panels.flow import FlowLayout
from app.panels.model_texts import disk_text, memory_text
from app.panels.parts import Prose, button
from app.services.shelf import Model
from app.theme.apply import set_role
from app.theme.fonts import Step


class ModelOffer(QFrame):
    """Shown to a machine that could run the model, until it is taken or dismissed."""

    models_asked = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "answer")
        self._title = Prose("", Step.STRONG)
        self._words = Prose("", Step.BODY, "muted")
        look = button(self.tr("Look at the models…"))
        look.clicked.connect(self.models_asked)
        no = button(self.tr("No, thank you"), self.tr("Do not offer this again"))
        no.clicked.connect(self.dismissed)
        buttons = FlowLayout(spacing=8)
        buttons.addWidget(look)
        buttons.addWidget(no)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._words)
        layout.addLayout(buttons)
        self.hide()

    def show_offer(self, model: Model | None) -> None:
        """Offer this model, or nothing."""
        if model is not None:
            self._title.show_text(
                self.tr("This computer seems to have a graphics card for {title}").format(
                    title=model.title
                )
            )
            words = self.tr(
                "Venus works without it. The model says more, in its own words. It is a download "
                "of {size}, and needs about {memory} of graphics memory."
            )
            least = min((size for _plan, size in model.memory), default=0)
            self._words.show_text(
                words.format(size=disk_text(model.size), memory=memory_text(least))
            )
        self.setVisible(model is not None)
