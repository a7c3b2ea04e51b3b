"""The actions that change a setting: theme, evidence, guides, language, tightness."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from app.domain.settings import Guide, Language, Theme, Tightness
from app.panels.actions import Actions
from app.services.session_controller import SessionController


class ViewSettings(QObject):
    """Turns those actions into new settings for the controller."""

    def __init__(self, controller: SessionController, actions: Actions) -> None:
        super().__init__(actions)
        self._controller = controller
        actions.light.triggered.connect(self._choose_theme)
        actions.evidence.triggered.connect(self._show_evidence)
        actions.guides.triggered.connect(self._choose_guide)
        actions.languages.triggered.connect(self._choose_language)
        actions.tightness.triggered.connect(self._choose_tightness)
        actions.next_guide.triggered.connect(self._next_guide)

    def _choose_theme(self, light: bool) -> None:
        theme = Theme.LIGHT if light else Theme.DARK
        self._controller.set_settings(replace(self._controller.settings, theme=theme))

    def _show_evidence(self, shown: bool) -> None:
        self._controller.set_settings(replace(self._controller.settings, evidence=shown))

    def _choose_guide(self, action: QAction) -> None:
        self._controller.set_settings(
            replace(self._controller.settings, guide=Guide(action.data()))
        )

    def _choose_language(self, action: QAction) -> None:
        language = Language(action.data())
        self._controller.set_settings(replace(self._controller.settings, language=language))

    def _choose_tightness(self, action: QAction) -> None:
        tightness = Tightness(action.data())
        self._controller.set_settings(replace(self._controller.settings, tightness=tightness))

    def _next_guide(self) -> None:
        settings = self._controller.settings
        self._controller.set_settings(replace(settings, guide=settings.guide.following))
