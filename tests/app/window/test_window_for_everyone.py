"""Export, settings and sheets in the window; names, keys and room for everyone."""

from __future__ import annotations

from pathlib import Path

import pytest
from at_window import press_shortcut, shows, tilted
from desk import until
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.domain.settings import Guide, Theme
from app.panels.crop_card import CropCard
from app.panels.export_dialog import ExportDialog
from app.panels.finding_row import Row
from app.panels.shortcuts_sheet import ShortcutsSheet
from app.services.session_controller import SessionController
from app.window import MainWindow
from engine.vocabulary import Box, Crop

CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QProgressBar, CropCard, Row)


def test_an_export_is_told_with_its_place(
    qtbot: QtBot, opened: MainWindow, controller: SessionController, folder: Path
) -> None:
    opened.actions_.export.trigger()
    (dialog,) = opened.findChildren(ExportDialog)
    target = dialog.target
    (button,) = (b for b in dialog.findChildren(QPushButton) if b.text() == "Export")
    button.click()
    until(qtbot, lambda: shows(opened.notice_bar, target.name))
    assert target.parent == folder
    assert target.is_file()


def test_a_cards_export_is_about_its_own_crop(
    opened: MainWindow, controller: SessionController
) -> None:
    controller.add_crop(Crop(Box(0, 0, 0.5, 0.5)))
    opened.side.crops.export_asked.emit(0)
    assert controller.session is not None
    assert controller.session.framing.current == 0
    assert len(opened.findChildren(ExportDialog)) == 1


def test_the_theme_changes_live_and_is_kept(
    opened: MainWindow, controller: SessionController
) -> None:
    dark = opened.palette().color(QPalette.ColorRole.Window).lightness()
    opened.actions_.light.trigger()
    assert controller.settings.theme is Theme.LIGHT
    assert opened.palette().color(QPalette.ColorRole.Window).lightness() > dark + 100
    opened.actions_.light.trigger()
    assert opened.palette().color(QPalette.ColorRole.Window).lightness() == dark


def test_guides_are_chosen_in_the_menu_and_by_key(
    opened: MainWindow, controller: SessionController
) -> None:
    next(a for a in opened.actions_.guides.actions() if a.data() == Guide.GOLDEN).trigger()
    assert controller.settings.guide is Guide.GOLDEN
    opened.view.setFocus()
    press_shortcut(opened, Qt.Key.Key_O)
    assert controller.settings.guide is Guide.DIAGONALS
    assert opened.actions_.guides.checkedAction().data() == Guide.DIAGONALS


def test_the_sheet_of_keys_names_the_keys_of_the_actions(opened: MainWindow) -> None:
    press_shortcut(opened, Qt.Key.Key_F1)
    (sheet,) = opened.findChildren(ShortcutsSheet)
    assert shows(sheet, "Ctrl+E")
    assert shows(sheet, "PgDown, Alt+Right, Right")


def test_no_key_is_given_twice(opened: MainWindow) -> None:
    keys = [key.toString() for action in opened.actions() for key in action.shortcuts()]
    assert len(keys) == len(set(keys))


# ── for everyone ─────────────────────────────────────────────────────────────────────────────────


def test_every_control_has_an_accessible_name(
    qtbot: QtBot, opened: MainWindow, controller: SessionController
) -> None:
    controller.session_changed.emit(tilted(controller))
    opened.actions_.export.trigger()
    opened.actions_.shortcuts.trigger()
    opened.engine_desk.show_models()
    opened.engine_desk.show_server()
    until(qtbot, lambda: bool(controller.models.shelf.models))
    QApplication.processEvents()
    widgets = [opened, *opened.findChildren(QWidget)]
    named_by_qt = {"qt_spinbox_lineedit", "qt_menubar_ext_button"}
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in widgets
        if isinstance(widget, CONTROLS) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if widget.objectName() not in named_by_qt
        if not (widget.accessibleName() or (isinstance(widget, QDialog) and widget.windowTitle()))
    ]
    assert nameless == []


def test_the_keyboard_reaches_every_control_of_the_panels(answered: MainWindow) -> None:
    controls = [
        widget
        for widget in answered.side.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and widget.isVisible() and widget.isEnabled()
        if not isinstance(widget, QProgressBar)
    ]
    assert len(controls) > 5
    reached: list[QWidget] = []
    answered.side.findChildren(QAbstractButton)[0].setFocus()
    for _ in range(200):
        focused = answered.focusWidget()
        if focused is None or focused in reached:
            break
        reached.append(focused)
        answered.focusNextChild()
    assert [w.accessibleName() for w in controls if w not in reached] == []


def test_f6_goes_between_the_photo_and_the_panels(opened: MainWindow) -> None:
    opened.view.setFocus()
    press_shortcut(opened, Qt.Key.Key_F6)
    focused = opened.focusWidget()
    assert focused is not None
    assert opened.side.isAncestorOf(focused)
    press_shortcut(opened, Qt.Key.Key_F6)
    assert opened.view.hasFocus()


@pytest.mark.parametrize(("width", "height"), ((1024, 700), (2560, 1440)))
def test_everything_fits_small_and_large_windows(
    opened: MainWindow, width: int, height: int
) -> None:
    opened.resize(width, height)
    QApplication.processEvents()
    assert (opened.width(), opened.height()) == (width, height)
    for part in (opened.toolbar, opened.crop_bar, opened.side.ask_box):
        for child in part.findChildren(QWidget):
            if child.isVisible() and child.parentWidget() is part:
                assert part.rect().contains(child.geometry()), child.accessibleName()
