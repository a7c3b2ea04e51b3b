"""Photos that are gone, both themes, names, the sheet of keys, room; the command."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from at_desk import Seat, actions, records_at, seat
from desk import until
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QWidget,
)
from pytestqt.qtbot import QtBot
from reviews import guidance

from app.cli import main
from app.review.desk_keys import DeskKeys

Key = Qt.Key
CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit, QProgressBar)


def test_the_photo_of_the_record_is_shown(qtbot: QtBot, ada: Seat) -> None:
    pane = ada.window.photo
    until(qtbot, lambda: pane.picture is not None and pane.picture.photo.name == "A.png")
    ada.press(Key.Key_N)
    until(qtbot, lambda: pane.picture is not None and pane.picture.photo.name == "B.png")


def test_a_photo_that_is_gone_is_told_and_the_record_can_be_judged(
    qtbot: QtBot, tmp_path: Path
) -> None:
    file = records_at(tmp_path, guidance("gone.png"), guidance("broken.png"), guidance("A.png"))
    (tmp_path / "photos" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with seat(qtbot, file) as ada:
        pane = ada.window.photo
        until(qtbot, lambda: "There is no file of this name." in pane.message)
        assert str(tmp_path / "photos" / "gone.png") in pane.message
        assert "can still be judged" in pane.accessibleDescription()
        ada.press(Key.Key_A, Key.Key_N)
        until(qtbot, lambda: "broken.png" in pane.message)
        ada.press(Key.Key_N)
        until(qtbot, lambda: pane.picture is not None)
        assert pane.message == ""
    assert actions(file) == [("gone.png", "accept")]


def test_the_theme_changes_by_a_key(ada: Seat) -> None:
    dark = ada.window.palette().color(QPalette.ColorRole.Window).lightness()
    ada.press(Key.Key_L)
    assert ada.window.palette().color(QPalette.ColorRole.Window).lightness() > dark + 100
    ada.press(Key.Key_L)
    assert ada.window.palette().color(QPalette.ColorRole.Window).lightness() == dark


def test_the_sheet_of_keys_has_every_action(ada: Seat) -> None:
    ada.press(Key.Key_F1)
    (sheet,) = ada.window.findChildren(DeskKeys)
    for action in ada.window.actions_.all:
        assert ada.shows(action.toolTip(), sheet)
    assert ada.shows("N, Right, PgDown", sheet)
    QTest.keyClick(sheet, Key.Key_Escape)
    ada.press(Key.Key_N)
    assert ada.place == 1


def test_no_key_of_the_desk_is_given_twice(ada: Seat) -> None:
    keys = [key.toString() for each in ada.window.actions() for key in each.shortcuts()]
    assert len(keys) == len(set(keys))
    assert set(ada.window.actions()) == set(ada.window.actions_.all)


def test_every_control_of_the_desk_has_an_accessible_name(ada: Seat) -> None:
    ada.press(Key.Key_F1)
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in (ada.window, *ada.window.findChildren(QWidget))
        if isinstance(widget, CONTROLS) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not (widget.accessibleName() or (isinstance(widget, QDialog) and widget.windowTitle()))
    ]
    assert nameless == []


def test_the_keyboard_reaches_every_control_of_the_desk(ada: Seat) -> None:
    ada.press(Key.Key_E)
    controls = [
        widget
        for widget in ada.window.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and widget.isVisible() and widget.isEnabled()
        if not isinstance(widget, QProgressBar)
    ]
    assert len(controls) > 5
    reached: list[QWidget] = []
    for _ in range(100):
        focused = ada.window.focusWidget()
        if focused is None or focused in reached:
            break
        reached.append(focused)
        ada.press(Key.Key_Tab)
    assert [each.accessibleName() for each in controls if each not in reached] == []


@pytest.mark.parametrize(("width", "height"), ((900, 600), (2560, 1440)))
def test_the_desk_fits_small_and_large_windows(ada: Seat, width: int, height: int) -> None:
    for key in (Key.Key_Escape, Key.Key_E, Key.Key_R):
        ada.press(Key.Key_Escape, key)
        ada.window.resize(width, height)
        QApplication.processEvents()
        assert (ada.window.width(), ada.window.height()) == (width, height)
        assert ada.window.foot.height() < 120
        for child in ada.window.foot.findChildren(QAbstractButton):
            if child.isVisible():
                room = child.parentWidget().rect()
                assert room.contains(child.geometry()), child.accessibleName()


# ── the command ──────────────────────────────────────────────────────────────────────────────────


def test_a_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", str(tmp_path / "none.jsonl"), "--as", "ada"]) == 1
    told = capsys.readouterr().err
    assert "there is no file" in told
    assert "none.jsonl" in told


def test_an_impossible_name_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", str(file), "--as", " "]) == 1
    assert "is no reviewer's name" in capsys.readouterr().err


def test_without_a_login_a_name_is_asked_for(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert main(["review", str(file)]) == 1
    assert "--as NAME" in capsys.readouterr().err


def test_without_a_display_the_desk_says_so(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.display_is_there", lambda: False)
    assert main(["review", str(file), "--as", "ada"]) == 1
    assert "needs a display" in capsys.readouterr().err
