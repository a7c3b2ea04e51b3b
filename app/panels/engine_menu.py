"""The engine menu: the built-in engine, the models and servers that there are, and ways to more."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.services.engine_names import engine_name
from app.services.shelf import Shelf
from app.services.status import EngineStatus
from engine.choice import BUILTIN, EngineChoice, EngineName


class EngineMenu(QMenu):
    """One engine of the list is ticked: the one in use."""

    chosen = Signal(object)
    """EngineChoice."""
    cancel_asked = Signal()
    models_asked = Signal()
    server_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("E&ngine"))
        self._status = EngineStatus()
        self._shelf = Shelf()
        self._servers: tuple[EngineChoice, ...] = ()
        self._models = QAction(self.tr("Models…"), self)
        self._models.triggered.connect(self.models_asked)
        self._server = QAction(self.tr("Connect to a server…"), self)
        self._server.triggered.connect(self.server_asked)
        self._cancel = QAction(self)
        self._cancel.triggered.connect(self.cancel_asked)
        self._lasting = (self._models, self._server, self._cancel)
        self._group = QActionGroup(self)
        self._group.triggered.connect(self._choose)
        self._fill()

    def show_status(self, status: EngineStatus) -> None:
        """Tick the engine in use, and offer to call off the one that is being loaded."""
        before, self._status = self._status, status
        if (before.choice, before.arriving is None) != (status.choice, status.arriving is None):
            self._fill()

    def show_shelf(self, shelf: Shelf) -> None:
        """List the models that can be used."""
        before, self._shelf = self._shelf, shelf
        if _choices(before) != _choices(shelf):
            self._fill()

    def show_servers(self, servers: tuple[EngineChoice, ...]) -> None:
        """List the servers that are known."""
        if servers != self._servers:
            self._servers = servers
            self._fill()

    def _fill(self) -> None:
        for action in self.actions():
            self.removeAction(action)
            if action not in self._lasting:  # an engine, or a line between
                self._group.removeAction(action)
                action.deleteLater()
        self._add_choices((BUILTIN,), {})
        models = {model.choice: model.title for model in self._shelf.ready if model.choice}
        current = self._status.choice
        if current.engine is EngineName.VENUS and current not in models:
            models[current] = engine_name(current)
        self._add_choices(models, models)
        servers = self._servers
        if current.engine is EngineName.REMOTE and current not in servers:
            servers = (current, *servers)
        self._add_choices(servers, {})
        self.addSeparator()
        if self._status.arriving is not None:
            words = self.tr("Cancel loading {engine}")
            self._cancel.setText(words.format(engine=engine_name(self._status.arriving.choice)))
            self.addAction(self._cancel)
        self.addAction(self._models)
        self.addAction(self._server)

    def _add_choices(
        self, choices: Iterable[EngineChoice], titles: dict[EngineChoice, str]
    ) -> None:
        self.addSeparator()
        for choice in choices:
            title = titles.get(choice) or engine_name(choice)
            action = QAction(title.replace("&", "&&"), self._group)
            action.setCheckable(True)
            action.setData(choice)
            action.setChecked(choice == self._status.choice)
            self.addAction(action)

    def _choose(self, action: QAction) -> None:
        # The tick stays with the engine in use until the chosen one is there.
        for each in self._group.actions():
            each.setChecked(each.data() == self._status.choice)
        self.chosen.emit(action.data())


def _choices(shelf: Shelf) -> tuple[tuple[EngineChoice | None, str], ...]:
    return tuple((model.choice, model.title) for model in shelf.ready)
