"""The window with its real controller, a scripted engine process, real events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import scripted_engine
from desk import desk, save, scene, until
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.domain.session import Session
from app.domain.settings import Guide, Theme
from app.panels.crop_card import CropCard
from app.panels.export_dialog import ExportDialog
from app.panels.finding_row import Row
from app.panels.shortcuts_sheet import ShortcutsSheet
from app.services.session_controller import SessionController
from app.theme.apply import apply_theme
from app.window import MainWindow
from engine.vocabulary import Box, Crop, Finding, FindingKind, Line, Measurement, Where

CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QProgressBar, CropCard, Row)
CROP = Crop(Box(0.1, 0.1, 0.9, 0.9))
NEVER_MS = 10**8
NONE = Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in (1, 2, 3):
        save(photos / f"IMG_{number}.png", scene(seed=number))
    return photos


@pytest.fixture
def controller(qtbot: QtBot, tmp_path: Path) -> Iterator[SessionController]:
    with desk(tmp_path, command=scripted_engine.COMMAND, in_view_ms=NEVER_MS) as controller:
        yield controller


@pytest.fixture
def window(qtbot: QtBot, controller: SessionController) -> Iterator[MainWindow]:
    window = MainWindow(controller)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.start_page.close_workers()
    apply_theme(Theme.DARK)


@pytest.fixture
def opened(
    qtbot: QtBot, window: MainWindow, controller: SessionController, folder: Path
) -> MainWindow:
    """A window with a photo and a crop of it; no engine has started."""
    controller.open_path(folder)
    until(qtbot, lambda: controller.picture is not None and controller.picture.complete)
    controller.show_crop(CROP)
    QApplication.processEvents()
    return window


@pytest.fixture
def answered(qtbot: QtBot, opened: MainWindow, controller: SessionController) -> MainWindow:
    """The same after the engine's critique."""
    controller.critique()
    until(qtbot, lambda: critiqued(controller))
    QApplication.processEvents()
    return opened


def critiqued(controller: SessionController) -> bool:
    return controller.session is not None and not controller.session.unfinished


def tilted(controller: SessionController) -> Session:
    """The session with a finding that can be straightened."""
    assert controller.session is not None
    tilt = Finding(
        FindingKind.TILTED_HORIZON,
        0.5,
        Where(line=Line(0, 0.5, 1, 0.55)),
        Measurement(2.4, "deg", "leans 2.4° clockwise"),
        "Hold it level.",
        "Turn it back.",
    )
    critique = replace(controller.session.critique, findings=(tilt,))
    return replace(controller.session, critique=critique)


def current(controller: SessionController) -> Crop:
    assert controller.session is not None
    crop = controller.session.framing.current_crop
    assert crop is not None
    return crop


def shows(widget: QWidget, words: str) -> bool:
    return any(words in label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def name_of(controller: SessionController) -> str:
    return "" if controller.session is None else controller.session.photo.name


def press_shortcut(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.focusWidget() or window, key, modifier)


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def test_it_begins_with_the_start_page_and_no_panels(window: MainWindow) -> None:
    assert window.start_page.isVisible()
    assert not window.side.isVisible()
    assert not window.actions_.export.isEnabled()


def test_a_photo_brings_its_critique_and_its_crops(answered: MainWindow) -> None:
    assert answered.view.isVisible()
    assert shows(answered.side.critique, "impression told")
    assert shows(answered.side.crops, "It is one.")
    assert answered.windowTitle().startswith("IMG_1.png")


def test_closing_the_photo_leads_back_to_the_start_with_the_photo_among_the_recent(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.actions_.close_photo.trigger()
    assert opened.start_page.isVisible()
    assert not opened.side.isVisible()
    assert any(b.text() == "IMG_1.png" for b in opened.start_page.findChildren(QAbstractButton))


def test_an_unreadable_photo_is_explained_in_the_window_and_the_next_one_opens(
    qtbot: QtBot, window: MainWindow, controller: SessionController, folder: Path
) -> None:
    broken = folder / "IMG_0.png"
    broken.write_bytes(b"no picture at all")
    controller.open_path(broken)
    until(qtbot, window.message_page.isVisible)
    assert shows(window.message_page, "IMG_0.png cannot be shown.")
    assert QApplication.activeModalWidget() is None
    window.actions_.next_photo.trigger()
    until(qtbot, lambda: name_of(controller) == "IMG_1.png")
    assert window.view.isVisible()


def drop(window: MainWindow, mime: QMimeData) -> bool:
    """Drag over the window and drop there; whether it was taken."""
    enter = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NONE
    )
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(
        window,
        QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NONE),
    )
    return True


def test_a_dropped_photo_or_folder_opens(
    qtbot: QtBot, window: MainWindow, controller: SessionController, folder: Path
) -> None:
    for dropped, name in ((folder / "IMG_2.png", "IMG_2.png"), (folder, "IMG_1.png")):
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(dropped))])
        assert drop(window, mime)
        until(qtbot, lambda name=name: name_of(controller) == name)


def test_dropped_words_are_left_alone_and_no_field_takes_a_path(opened: MainWindow) -> None:
    mime = QMimeData()
    mime.setText("words")
    assert not drop(opened, mime)
    assert not any(field.acceptDrops() for field in opened.findChildren(QLineEdit))


# ── the folder ───────────────────────────────────────────────────────────────────────────────────


def test_keys_go_through_the_folder_and_the_place_is_shown(
    qtbot: QtBot, opened: MainWindow, controller: SessionController
) -> None:
    assert shows(opened.toolbar, "1 of 3")
    press_shortcut(opened, Qt.Key.Key_PageDown)
    until(qtbot, lambda: name_of(controller) == "IMG_2.png")
    assert shows(opened.toolbar, "2 of 3")
    press_shortcut(opened, Qt.Key.Key_Right, ALT)
    until(qtbot, lambda: name_of(controller) == "IMG_3.png")
    assert not opened.actions_.next_photo.isEnabled()
    press_shortcut(opened, Qt.Key.Key_PageUp)
    until(qtbot, lambda: name_of(controller) == "IMG_2.png")


def test_arrows_move_the_crop_on_the_canvas_and_the_folder_elsewhere(
    qtbot: QtBot, opened: MainWindow, controller: SessionController
) -> None:
    before = current(controller)
    opened.view.setFocus()
    QTest.keyClick(opened.view, Qt.Key.Key_Right)
    assert current(controller).box.left > before.box.left
    assert name_of(controller) == "IMG_1.png"
    card = opened.side.crops.findChildren(CropCard)[0]
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Right)
    until(qtbot, lambda: name_of(controller) == "IMG_2.png")


def test_keys_written_into_the_question_are_words(
    opened: MainWindow, controller: SessionController
) -> None:
    guide = controller.settings.guide
    opened.actions_.ask.trigger()
    field = opened.focusWidget()
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "who? of")
    QTest.keyClick(field, Qt.Key.Key_Left)
    assert field.text() == "who? of"
    assert name_of(controller) == "IMG_1.png"
    assert controller.settings.guide is guide
    assert controller.session is not None
    assert controller.session.answers == ()


def test_while_the_next_photo_is_on_its_way_the_old_critique_is_not_shown(
    qtbot: QtBot, answered: MainWindow, controller: SessionController
) -> None:
    assert shows(answered.side, "impression told")
    controller.show_next()
    assert controller.session is None
    assert not shows(answered.side, "impression told")
    until(qtbot, lambda: name_of(controller) == "IMG_2.png")
    assert shows(answered.side, "Impression")


# ── gestures and questions ───────────────────────────────────────────────────────────────────────


def test_undo_and_redo_follow_the_history(
    opened: MainWindow, controller: SessionController
) -> None:
    actions, before = opened.actions_, current(controller)
    assert not actions.undo.isEnabled()
    controller.change_crop(Crop(Box(0.2, 0.2, 0.6, 0.6)))
    assert actions.undo.isEnabled()
    actions.undo.trigger()
    assert current(controller) == before
    assert actions.redo.isEnabled()


def test_a_ratio_reshapes_the_crop_as_one_step(
    opened: MainWindow, controller: SessionController
) -> None:
    (ratios,) = opened.crop_bar.findChildren(QComboBox)
    ratios.setCurrentText("1:1")
    ratios.activated.emit(ratios.currentIndex())
    box = current(controller).box
    assert box.width * 600 == pytest.approx(box.height * 400)
    opened.actions_.undo.trigger()
    assert not opened.actions_.undo.isEnabled()


def test_turning_by_the_angle_box_is_one_step(
    qtbot: QtBot, opened: MainWindow, controller: SessionController
) -> None:
    (angle,) = (b for b in opened.crop_bar.findChildren(QAbstractSpinBox))
    for _ in range(5):
        QTest.keyClick(angle, Qt.Key.Key_Up)
    assert current(controller).angle == pytest.approx(0.5)
    until(qtbot, opened.actions_.undo.isEnabled)
    opened.actions_.undo.trigger()
    assert current(controller).angle == 0


def test_undo_takes_back_an_angle_that_is_still_being_turned(
    opened: MainWindow, controller: SessionController
) -> None:
    controller.change_crop(Crop(Box(0.3, 0.3, 0.7, 0.7)))
    (angle,) = (b for b in opened.crop_bar.findChildren(QAbstractSpinBox))
    QTest.keyClick(angle, Qt.Key.Key_Up)
    opened.actions_.undo.trigger()
    assert current(controller).angle == 0
    assert current(controller).box == Box(0.3, 0.3, 0.7, 0.7)


def test_why_is_answered_about_the_crop_as_it_stands(
    qtbot: QtBot, opened: MainWindow, controller: SessionController
) -> None:
    controller.change_crop(Crop(Box(0, 0, 0.5, 0.5)))
    opened.view.setFocus()
    press_shortcut(opened, Qt.Key.Key_W)
    until(qtbot, lambda: shows(opened.side.conversation, "area 0.250"))


def test_a_question_streams_and_escape_stops_it(
    qtbot: QtBot, opened: MainWindow, controller: SessionController
) -> None:
    opened.actions_.ask.trigger()
    field = opened.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "count 5000")
    QTest.keyClick(field, Qt.Key.Key_Return)
    until(qtbot, lambda: shows(opened.side.conversation, "0 1 2"))
    press_shortcut(opened, Qt.Key.Key_Escape)
    until(qtbot, lambda: shows(opened.side.conversation, "Stopped before it was complete."))
    assert not shows(opened.side.conversation, "4999")


def test_a_crash_is_told_and_a_restart_answers_again(
    qtbot: QtBot, opened: MainWindow, controller: SessionController
) -> None:
    controller.ask("crash")
    until(qtbot, opened.engine_bar.isVisible)
    assert opened.view.isVisible()
    opened.engine_bar.findChildren(QPushButton)[0].click()
    controller.ask("are you there")
    until(qtbot, lambda: shows(opened.side.conversation, "are you there"))
    until(qtbot, lambda: not opened.engine_bar.isVisible())


def test_straighten_turns_against_the_measured_tilt(
    opened: MainWindow, controller: SessionController
) -> None:
    controller.session_changed.emit(tilted(controller))
    QApplication.processEvents()
    (straighten,) = (
        b for b in opened.side.critique.findChildren(QPushButton) if b.text() == "Straighten"
    )
    straighten.click()
    assert current(controller).angle == pytest.approx(-2.4)


def picture_of(window: MainWindow) -> QImage:
    QApplication.processEvents()
    return window.view.grab().toImage()


def test_the_crop_alone_is_shown_while_backslash_is_held(opened: MainWindow) -> None:
    opened.view.setFocus()
    before = picture_of(opened)
    QTest.keyPress(opened.view, Qt.Key.Key_Backslash)
    alone = picture_of(opened)
    QTest.keyRelease(opened.view, Qt.Key.Key_Backslash)
    assert alone != before
    assert picture_of(opened) == before


def test_compare_stays_on_until_it_is_asked_again_or_another_photo_comes(
    qtbot: QtBot, opened: MainWindow, controller: SessionController
) -> None:
    before = picture_of(opened)
    opened.actions_.compare.trigger()
    assert picture_of(opened) != before
    opened.actions_.compare.trigger()
    assert picture_of(opened) == before
    opened.actions_.compare.trigger()
    controller.show_next()
    until(qtbot, lambda: name_of(controller) == "IMG_2.png")
    assert not opened.actions_.compare.isChecked()


def test_pointing_at_a_card_shows_its_crop_on_the_photo_and_goes_back(
    opened: MainWindow, controller: SessionController
) -> None:
    controller.add_crop(Crop(Box(0, 0, 0.3, 0.3)))
    before = picture_of(opened)
    opened.side.crops.crop_pointed.emit(0)
    assert picture_of(opened) != before
    opened.side.crops.crop_pointed.emit(None)
    assert picture_of(opened) == before


def test_evidence_is_shown_on_the_photo_unless_it_is_switched_off(opened: MainWindow) -> None:
    before = picture_of(opened)
    wanted = opened.side.critique.evidence_wanted
    wanted.emit(Where(boxes=(Box(0.2, 0.2, 0.4, 0.4),)))
    assert picture_of(opened) != before
    wanted.emit(None)
    opened.actions_.evidence.trigger()
    wanted.emit(Where(boxes=(Box(0.2, 0.2, 0.4, 0.4),)))
    assert picture_of(opened) == before


def test_the_zoom_is_shown_as_it_is(opened: MainWindow) -> None:
    opened.actions_.actual.trigger()
    assert shows(opened.status_line, "100 %")
    opened.actions_.zoom_in.trigger()
    assert shows(opened.status_line, f"{round(100 * opened.view.zoom)} %")
    assert opened.view.zoom > 1


# ── export, settings, sheets ─────────────────────────────────────────────────────────────────────


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
    opened: MainWindow, controller: SessionController
) -> None:
    controller.session_changed.emit(tilted(controller))
    opened.actions_.export.trigger()
    opened.actions_.shortcuts.trigger()
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
