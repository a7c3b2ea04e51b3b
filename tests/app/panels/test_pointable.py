"""Pointing begins and ends once, also when the frame moves away from a pointer at rest."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QEnterEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.panels.pointable import Pointable

PLACE = QPointF(5, 5)


@pytest.fixture
def frame(qtbot: QtBot) -> Pointable:
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.resize(300, 300)
    frame = Pointable(holder)
    frame.resize(100, 100)
    frame.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    frame.holder = holder  # type: ignore[attr-defined]
    holder.show()
    holder.activateWindow()
    qtbot.waitUntil(holder.isActiveWindow)
    frame.clearFocus()
    QApplication.sendEvent(frame, QEvent(QEvent.Type.Leave))
    return frame


def heard(frame: Pointable) -> list[str]:
    words: list[str] = []
    frame.entered.connect(lambda: words.append("entered"))
    frame.left.connect(lambda: words.append("left"))
    return words


def point_at(frame: Pointable) -> None:
    QCursor.setPos(frame.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(frame, QEnterEvent(PLACE, PLACE, PLACE))


def test_pointer_and_focus_together_count_once(frame: Pointable) -> None:
    words = heard(frame)
    point_at(frame)
    frame.setFocus()
    QApplication.sendEvent(frame, QEvent(QEvent.Type.Leave))
    assert words == ["entered", "left"]


def test_a_frame_that_moves_away_is_left(frame: Pointable) -> None:
    words = heard(frame)
    point_at(frame)
    frame.settle()
    assert words == ["entered"]
    frame.move(150, 150)
    frame.settle()
    frame.settle()
    assert words == ["entered", "left"]


def test_the_focus_holds_it_wherever_it_moves(frame: Pointable) -> None:
    words = heard(frame)
    frame.setFocus()
    frame.move(150, 150)
    frame.settle()
    assert words == ["entered"]
