"""Opens the dialogs. Each is imported when it is asked for: the first paint needs none of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.panels.actions import Actions
from app.services.session_controller import SessionController


class Dialogs(QObject):
    """Asks for a photo, a folder, an export; shows the keys."""

    def __init__(self, controller: SessionController, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._controller = controller
        self._actions = actions
        self._window = window
        actions.open.triggered.connect(self.open_photo)
        actions.open_folder.triggered.connect(self.open_folder)
        actions.export.triggered.connect(self.export)
        actions.shortcuts.triggered.connect(self.show_shortcuts)

    def open_photo(self) -> None:
        from app.panels.file_dialogs import ask_photo

        if (photo := ask_photo(self._window, self._folder())) is not None:
            self._controller.open_path(photo)

    def open_folder(self) -> None:
        from app.panels.file_dialogs import ask_folder

        if (folder := ask_folder(self._window, self._folder())) is not None:
            self._controller.open_path(folder)

    def export(self) -> None:
        """Export the current crop."""
        from app.panels.export_dialog import ExportDialog

        session, picture = self._controller.session, self._controller.picture
        if session is None or (crop := session.framing.current_crop) is None:
            return
        dialog = ExportDialog(session.photo, session.size, crop, picture, self._window)
        dialog.export_asked.connect(self._controller.export)
        open_dialog(dialog)

    def export_crop(self, index: int) -> None:
        """Export one of the crops, which becomes the current one."""
        self._controller.choose_crop(index)
        self.export()

    def show_shortcuts(self) -> None:
        from app.panels.shortcuts_sheet import ShortcutsSheet

        open_dialog(ShortcutsSheet(self._actions, self._window))

    def _folder(self) -> Path:
        """Where a file dialog begins: at the photo, or at the one that was open last."""
        session, recent = self._controller.session, self._controller.recent
        if session is not None:
            return session.photo.parent
        return recent[0].parent if recent else Path.home()


def open_dialog(dialog: QDialog) -> None:
    """Show a dialog before its window; it goes when it is closed."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
