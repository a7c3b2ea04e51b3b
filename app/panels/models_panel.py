"""The models: what there is to download, what is here, and what is under way."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.panels.model_card import ModelCard
from app.panels.model_texts import disk_text
from app.panels.parts import Prose, announce, button, rule
from app.panels.scroll import ColumnScroll
from app.services.shelf import Shelf
from app.services.status import EngineStatus, Notice, Severity
from app.theme.apply import keep_room, set_role
from app.theme.fonts import Step

_SIZE = (720, 720)
_ABOVE = 3
"""What stands above the cards."""


class ModelsPanel(QDialog):
    """Stands beside the window; closing it stops nothing."""

    use_asked = Signal(object)
    """EngineChoice."""
    download_asked = Signal(str)
    verify_asked = Signal(str)
    remove_asked = Signal(str)
    stop_asked = Signal(str)
    wording_asked = Signal(str, object)
    """A model's name and its Wording."""
    folder_chosen = Signal(object)
    """The Path of a folder with a checkpoint."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models"))
        self._shelf = Shelf()
        self._status = EngineStatus()
        self._cards: dict[str, ModelCard] = {}
        self._empty = Prose(self.tr("Looking for models…"), role="muted")
        self._libraries = Prose("", Step.BODY, "caution")
        self._libraries.hide()
        self._place = Prose("", Step.SMALL, "muted")
        self._notice = Prose("", Step.SMALL, "caution")
        self._notice.hide()
        self._add = button(self.tr("Use a folder…"), self.tr("Use a folder with a model"))
        self._add.clicked.connect(self._choose_folder)
        close = button(self.tr("Close"))
        close.clicked.connect(self.close)
        content = QWidget()
        set_role(content, "panel")
        keep_room(content)
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(24, 20, 24, 20)
        self._column.setSpacing(12)
        self._column.addWidget(
            Prose(
                self.tr(
                    "These models look at a photo on this computer. Only a download needs the "
                    "network; a photo never leaves. The built-in engine needs none of them."
                ),
                role="muted",
            )
        )
        self._column.addWidget(self._libraries)
        self._column.addWidget(self._empty)
        self._column.addStretch(1)
        self._scroll = ColumnScroll(content)
        self._scroll.setAccessibleName(self.tr("List of models"))
        self.setFocusProxy(self._add)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 12, 24, 16)
        foot.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._notice)
        words.addWidget(self._place)
        foot.addLayout(words, 1)
        foot.addWidget(self._add)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(rule())
        layout.addLayout(foot)
        self.resize(*_SIZE)

    def show_shelf(self, shelf: Shelf) -> None:
        """Show the models as they are now."""
        self._shelf = shelf
        names = [model.name for model in shelf.models]
        for gone in [name for name in self._cards if name not in names]:
            card = self._cards.pop(gone)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        for index, model in enumerate(shelf.models):
            if model.name not in self._cards:
                self._cards[model.name] = self._card(index)
        self._empty.setVisible(not shelf.models)
        self._libraries.show_text("" if shelf.libraries else self._libraries_text())
        self._place.show_text(self._place_text())
        self._show_cards()

    def show_status(self, status: EngineStatus) -> None:
        """Mark the model that is in use."""
        if status.choice != self._status.choice:
            self._status = status
            self._show_cards()

    def show_notice(self, notice: Notice) -> None:
        """Show what could not be done; what went well is on the cards."""
        if notice.severity is not Severity.INFO:
            text = f"{notice.text} {notice.remedy}".strip()
            self._notice.show_text(text)
            announce(self, text)

    def _show_cards(self) -> None:
        for model in self._shelf.models:
            in_use = model.choice is not None and model.choice == self._status.choice
            self._cards[model.name].show_model(model, in_use=in_use)

    def _card(self, index: int) -> ModelCard:
        card = ModelCard(self._shelf.models[index])
        card.use_asked.connect(self.use_asked)
        card.download_asked.connect(self.download_asked)
        card.verify_asked.connect(self.verify_asked)
        card.remove_asked.connect(self.remove_asked)
        card.stop_asked.connect(self.stop_asked)
        card.wording_asked.connect(self.wording_asked)
        self._column.insertWidget(_ABOVE + index, card)
        return card

    def _libraries_text(self) -> str:
        words = self.tr(
            "The libraries that run these models are not installed. Install them before a "
            "download, with:"
        )
        return f"{words}\npip install 'venus-photo[model]'"

    def _place_text(self) -> str:
        if self._shelf.folder is None:
            return ""
        if self._shelf.free is None:
            return self.tr("Downloads go to {folder}.").format(folder=self._shelf.folder)
        words = self.tr("Downloads go to {folder}, where {size} are free.")
        return words.format(folder=self._shelf.folder, size=disk_text(self._shelf.free))

    def _choose_folder(self) -> None:
        self._notice.show_text("")
        title = self.tr("A folder with config.json and the weights of a model")
        chosen = QFileDialog.getExistingDirectory(self, title, str(Path.home()))
        if chosen:
            self.folder_chosen.emit(Path(chosen))
