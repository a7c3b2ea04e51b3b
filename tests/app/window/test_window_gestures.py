"""Gestures, questions and looks in the window, with a scripted engine process."""

from __future__ import annotations

import pytest
from at_window import current, name_of, press_shortcut, shows, tilted
from desk import until
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from app.services.session_controller import SessionController
from app.window import MainWindow
from engine.vocabulary import Box, Crop, Where


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
        button
        for button in opened.side.critique.findChildren(QPushButton)
        if button.text() == "Straighten" and button.isVisibleTo(opened.side.critique)
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
