"""Joins all that has to do with engines to the controller: menu, models, servers, the offer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.domain.settings import Settings
from app.panels.engine_menu import EngineMenu
from app.panels.model_offer import ModelOffer
from app.panels.status_line import StatusLine
from app.services.servers import Servers
from app.services.session_controller import SessionController
from app.services.shelf import Shelf
from app.services.status import EngineStatus

if TYPE_CHECKING:
    from app.panels.models_panel import ModelsPanel


class EngineDesk(QObject):
    """Passes on what the controller and the models say, and what is asked of them."""

    def __init__(
        self,
        controller: SessionController,
        status_line: StatusLine,
        offer: ModelOffer,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._controller = controller
        self._window = window
        self._line = status_line
        self._offer = offer
        self._servers = Servers(self)
        self._panel: ModelsPanel | None = None
        self.menu = EngineMenu(window)
        self.menu.chosen.connect(controller.use_engine)
        self.menu.cancel_asked.connect(controller.cancel_engine)
        self.menu.models_asked.connect(self.show_models)
        self.menu.server_asked.connect(self.show_server)
        status_line.cancel_asked.connect(controller.cancel_engine)
        status_line.models_asked.connect(self.show_models)
        offer.models_asked.connect(self.show_models)
        offer.dismissed.connect(self._dismiss_offer)
        controller.engine_changed.connect(self._show_status)
        controller.settings_changed.connect(self._show_settings)
        controller.models.changed.connect(self._show_shelf)
        self._show_status(controller.engine)
        self._show_settings(controller.settings)

    def close_workers(self) -> None:
        """End what asks servers."""
        self._servers.close()

    @Slot()
    def show_models(self) -> None:
        """Bring the panel to the front."""
        from app.panels.models_panel import ModelsPanel

        models = self._controller.models
        if self._panel is None:
            panel = self._panel = ModelsPanel(self._window)
            panel.use_asked.connect(self._controller.use_engine)
            panel.download_asked.connect(models.download)
            panel.verify_asked.connect(models.verify)
            panel.remove_asked.connect(models.remove)
            panel.stop_asked.connect(models.stop)
            panel.wording_asked.connect(models.set_wording)
            panel.folder_chosen.connect(models.add)
            models.noticed.connect(panel.show_notice)
            panel.show_status(self._controller.engine)
            panel.show_shelf(models.shelf)
        models.refresh()
        self._panel.show()
        self._panel.raise_()
        self._panel.activateWindow()

    @Slot()
    def show_server(self) -> None:
        """Ask for a server."""
        from app.panels.dialogs import open_dialog
        from app.panels.server_dialog import ServerDialog

        dialog = ServerDialog(self._servers, self._controller.settings.servers, self._window)
        dialog.use_asked.connect(self._controller.use_engine)
        dialog.forget_asked.connect(self._forget_server)
        open_dialog(dialog)

    @Slot(object)
    def _show_status(self, status: EngineStatus) -> None:
        self.menu.show_status(status)
        if self._panel is not None:
            self._panel.show_status(status)

    @Slot(object)
    def _show_settings(self, settings: Settings) -> None:
        self.menu.show_servers(settings.servers)
        self._show_offer()

    @Slot(object)
    def _show_shelf(self, shelf: Shelf) -> None:
        self.menu.show_shelf(shelf)
        self._line.show_shelf(shelf)
        if self._panel is not None:
            self._panel.show_shelf(shelf)
        self._show_offer()

    def _show_offer(self) -> None:
        wanted = self._controller.settings.offer_model
        self._offer.show_offer(self._controller.models.shelf.offer if wanted else None)

    @Slot()
    def _dismiss_offer(self) -> None:
        self._controller.set_settings(replace(self._controller.settings, offer_model=False))

    @Slot(str)
    def _forget_server(self, url: str) -> None:
        settings = self._controller.settings
        left = tuple(choice for choice in settings.servers if choice.url != url)
        self._controller.set_settings(replace(settings, servers=left))
