"""Everything that the window can be told to do, with its name, its icon and its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QPalette
from PySide6.QtWidgets import QWidget

from app.domain.settings import Guide, Language, Settings, Theme, Tightness
from app.panels.texts import guide_title, tightness_title
from app.theme.icons import icon

LANGUAGES: Final[Mapping[StrEnum, str]] = {
    Language.ENGLISH: "English",
    Language.GERMAN: "Deutsch",
    Language.CHINESE: "简体中文",
}
"""Each language by its own name, whatever the window speaks."""


@dataclass(frozen=True, slots=True)
class Look:
    """How one action shows itself."""

    text: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    tip: str = ""


class Actions(QObject):
    """The window's actions. They say what was asked; the window passes it on."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._icons: dict[QAction, str] = {}
        self.open = self._add(Look(self.tr("Open photo…"), "open", ("Ctrl+O",)))
        self.open_folder = self._add(Look(self.tr("Open folder…"), "folder", ("Ctrl+Shift+O",)))
        self.close_photo = self._add(Look(self.tr("Close photo"), "", ("Ctrl+W",)))
        self.export = self._add(Look(self.tr("Export crop…"), "export", ("Ctrl+E",)))
        self.leave = self._add(Look(self.tr("Quit"), "", ("Ctrl+Q",)))
        self.undo = self._add(Look(self.tr("Undo"), "undo", ("Ctrl+Z",)))
        self.redo = self._add(Look(self.tr("Redo"), "redo", ("Ctrl+Shift+Z", "Ctrl+Y")))
        self.delete_crop = self._add(Look(self.tr("Delete crop"), "", ("Del",)))
        self.why = self._add(Look(self.tr("Why this crop?"), "ask", ("W",)))
        self.fit = self._add(
            Look(self.tr("Fit"), "fit", ("Ctrl+0", "F"), self.tr("Show the whole photo"))
        )
        self.actual = self._add(
            Look(
                self.tr("1:1"),
                "actual",
                ("Ctrl+1",),
                self.tr("One photo pixel to one screen pixel"),
            )
        )
        self.zoom_in = self._add(Look(self.tr("Zoom in"), "", ("Ctrl++", "Ctrl+=")))
        self.zoom_out = self._add(Look(self.tr("Zoom out"), "", ("Ctrl+-",)))
        self.compare = self._add(
            Look(
                self.tr("Compare"),
                "compare",
                (),
                self.tr("The crop alone, as it would be exported (hold \\)"),
            ),
            checkable=True,
        )
        self.evidence = self._add(Look(self.tr("Show evidence on the photo")), checkable=True)
        self.next_guide = self._add(Look(self.tr("Next guides"), "", ("O",)))
        self.next_photo = self._add(
            Look(self.tr("Next photo"), "next", ("PgDown", "Alt+Right", "Right"))
        )
        self.previous_photo = self._add(
            Look(self.tr("Previous photo"), "previous", ("PgUp", "Alt+Left", "Left"))
        )
        self.light = self._add(Look(self.tr("Light theme"), "theme"), checkable=True)
        self.stop = self._add(Look(self.tr("Stop the engine"), "stop", ("Esc",)))
        self.restart = self._add(Look(self.tr("Restart the engine"), "restart"))
        self.go_on = self._add(Look(self.tr("Go on with the critique")))
        self.to_side = self._add(Look(self.tr("Go between photo and critique"), "", ("F6",)))
        self.ask = self._add(Look(self.tr("Ask about this photo…"), "ask", ("Ctrl+L",)))
        self.shortcuts = self._add(Look(self.tr("Keys"), "help", ("F1", "?")))
        self.guides = self._add_choice({guide: guide_title(guide) for guide in Guide})
        self.languages = self._add_choice(LANGUAGES)
        self.tightness = self._add_choice({each: tightness_title(each) for each in Tightness})
        self.retint()

    def show_settings(self, settings: Settings) -> None:
        """Tick what is on."""
        self.light.setChecked(settings.theme is Theme.LIGHT)
        self.evidence.setChecked(settings.evidence)
        for group, value in (
            (self.guides, settings.guide),
            (self.languages, settings.language),
            (self.tightness, settings.tightness),
        ):
            for action in group.actions():
                action.setChecked(action.data() == value)

    def retint(self) -> None:
        """Draw the icons in the colours of the theme that is on."""
        palette: QPalette = self._window.palette()
        for action, name in self._icons.items():
            action.setIcon(icon(name, palette))

    def _add(self, look: Look, *, checkable: bool = False) -> QAction:
        action = QAction(look.text, self)
        action.setCheckable(checkable)
        action.setIconVisibleInMenu(False)
        if look.keys:
            action.setShortcuts([QKeySequence(keys) for keys in look.keys])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        words = look.tip or look.text.rstrip("…")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{words} ({keys})" if keys else words)
        if look.icon:
            # Qt leaves little room between an icon and its words.
            action.setIconText(f" {look.text.rstrip('…')}")
            self._icons[action] = look.icon
        self._window.addAction(action)
        return action

    def _add_choice(self, titles: Mapping[StrEnum, str]) -> QActionGroup:
        """One action for each value of a setting; its data is the value, as text."""
        group = QActionGroup(self)
        for value, title in titles.items():
            action = QAction(title, group)
            action.setCheckable(True)
            action.setData(value.value)
        return group
