"""The bar at the top: what is used often, as icons; everything is in the menus too."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QMenuBar,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.panels.actions import Actions
from app.panels.parts import rule, set_tip
from app.services.status import Place
from app.theme.apply import keep_room, set_role
from app.theme.icons import SIDE

translate = QCoreApplication.translate  # pyside6-lupdate looks for this name


class Toolbar(QWidget):
    """Open · folder place · view · guides · compare · undo · export · engine."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "bar")
        keep_room(self)
        self._place = QLabel()
        self._place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.engine = _tool(QAction(self), words=True)
        self.engine.setText(self.tr("Engine ▾"))
        self.engine.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.engine.setAccessibleName(self.tr("Engine"))
        self.engine.setToolTip(self.tr("Which engine looks at the photos"))
        self._previous = _tool(actions.previous_photo)
        self._next = _tool(actions.next_photo)
        self.compare = _tool(actions.compare)
        guides = _tool(QAction(self), words=True)
        guides.setText(self.tr("Guides ▾"))
        guides.setMenu(choice_menu(translate("Menus", "Guides"), actions.guides, self))
        guides.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        guides.setAccessibleName(self.tr("Guides in the crop"))
        guides.setToolTip(self.tr("Lines in the crop (O)"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(_tool(actions.open, words=True))
        layout.addWidget(_tool(actions.open_folder))
        self._rule = rule(upright=True)
        for part in (self._rule, self._previous, self._place, self._next):
            layout.addWidget(part)
        layout.addWidget(self._name, 1)
        for part in (
            _tool(actions.fit),
            _tool(actions.actual),
            guides,
            self.compare,
            rule(upright=True),
            _tool(actions.undo),
            _tool(actions.redo),
            rule(upright=True),
            _tool(actions.export, words=True),
            rule(upright=True),
            self.engine,
        ):
            layout.addWidget(part)
        self.show_place(None)

    def show_place(self, place: Place | None) -> None:
        """Show where in its folder the photo is."""
        several = place is not None and place.count > 1
        for part in (self._rule, self._previous, self._place, self._next):
            part.setVisible(several)
        if place is not None:
            words = self.tr("{number} of {count}")
            self._place.setText(words.format(number=place.index + 1, count=place.count))

    def show_name(self, name: str) -> None:
        """Show the photo's file name."""
        self._name.setText(name)
        set_tip(self._name, name)


def choice_menu(title: str, choice: QActionGroup, parent: QWidget) -> QMenu:
    """The values of a setting, one of which is on."""
    menu = QMenu(title, parent)
    menu.addActions(choice.actions())
    return menu


def fill_menus(bar: QMenuBar, actions: Actions, engines: QMenu) -> None:
    """Put every action into a menu, so that all of them can be found and reached by keyboard."""
    menus: tuple[tuple[str, tuple[QAction | None, ...]], ...] = (
        (
            translate("Menus", "&File"),
            (
                actions.open,
                actions.open_folder,
                None,
                actions.previous_photo,
                actions.next_photo,
                None,
                actions.export,
                None,
                actions.close_photo,
                actions.leave,
            ),
        ),
        (translate("Menus", "&Edit"), (actions.undo, actions.redo, None, actions.delete_crop)),
        (
            translate("Menus", "&View"),
            (
                actions.fit,
                actions.actual,
                actions.zoom_in,
                actions.zoom_out,
                actions.compare,
                None,
                actions.evidence,
                actions.next_guide,
                None,
                actions.light,
                actions.to_side,
            ),
        ),
        (
            translate("Menus", "&Questions"),
            (actions.why, actions.ask, None, actions.go_on, actions.stop, actions.restart),
        ),
        (translate("Menus", "&Help"), (actions.shortcuts,)),
    )
    choices = {
        actions.next_guide: ((translate("Menus", "Guides"), actions.guides),),
        actions.restart: (
            (translate("Menus", "Crops to propose"), actions.tightness),
            (translate("Menus", "Language of the critique"), actions.languages),
        ),
    }
    help_ = menus[-1][0]
    for title, entries in menus:
        if title == help_:
            bar.addMenu(engines)
        menu = bar.addMenu(title)
        for entry in entries:
            if entry is None:
                menu.addSeparator()
                continue
            menu.addAction(entry)
            for words, choice in choices.get(entry, ()):
                menu.addMenu(choice_menu(words, choice, menu))


def _tool(action: QAction, *, words: bool = False) -> QToolButton:
    tool = QToolButton()
    tool.setDefaultAction(action)
    tool.setIconSize(QSize(SIDE, SIDE))
    tool.setAccessibleName(action.text().rstrip("…"))
    tool.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if words:
        tool.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return tool
