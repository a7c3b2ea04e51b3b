"""Which page the window shows, and the way through a folder; real events."""

from __future__ import annotations

from pathlib import Path

from at_window import ALT, NONE, current, name_of, press_shortcut, shows
from desk import until
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
)
from pytestqt.qtbot import QtBot

from app.panels.crop_card import CropCard
from app.services.session_controller import SessionController
from app.window import MainWindow
from engine.vocabulary import Box, Crop

CROP = Crop(Box(0.1, 0.1, 0.9, 0.9))


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


def test_arrows_go_through_the_folder_until_the_crop_is_taken_up(
    qtbot: QtBot, opened: MainWindow, controller: SessionController
) -> None:
    QTest.keyClick(opened.view, Qt.Key.Key_Right)
    until(qtbot, lambda: name_of(controller) == "IMG_2.png")
    QTest.keyClick(opened.view, Qt.Key.Key_Left)
    until(qtbot, lambda: name_of(controller) == "IMG_1.png")
    controller.show_crop(CROP)
    before = current(controller)
    QTest.keyClick(opened.view, Qt.Key.Key_Tab)
    QTest.keyClick(opened.view, Qt.Key.Key_Backtab)
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
