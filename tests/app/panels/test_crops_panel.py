"""Cards stand for the session's crops and ask for what can be done with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.session import Framing, Progress, Session
from app.panels.crop_card import CropCard
from app.panels.crop_preview import CropPreview
from app.panels.crops_panel import CropsPanel
from app.services.picture import Picture
from engine.vocabulary import Box, Crop, Task

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot, session: Session, quarters: Picture) -> CropsPanel:
    panel = CropsPanel()
    qtbot.addWidget(panel)
    panel.show_picture(quarters)
    panel.show_session(session)
    panel.show()
    return panel


def cards(panel: CropsPanel) -> list[CropCard]:
    QApplication.processEvents()  # a layout shows what is new in it
    return [card for card in panel.findChildren(CropCard) if card.isVisible()]


def texts(card: CropCard) -> list[str]:
    return [label.text() for label in card.findChildren(QLabel) if label.isVisible()]


def button(card: CropCard, text: str) -> QPushButton:
    (found,) = (b for b in card.findChildren(QPushButton) if b.text() == text)
    return found


def middle_of_preview(card: CropCard) -> tuple[int, int, int]:
    (preview,) = card.findChildren(CropPreview)
    image = preview.grab().toImage()
    at = image.pixelColor(image.width() // 2, image.height() // 2)
    return at.red(), at.green(), at.blue()


def test_a_card_tells_purpose_size_ratio_score_and_reason(panel: CropsPanel) -> None:
    first, second = cards(panel)
    assert texts(first) == ["1  Safe", "480 × 320 px · 3:2", "Score 0.80", "It keeps what matters."]
    assert texts(second) == ["2  Tighter", "300 × 200 px · 3:2", "Closer."]


def test_the_score_is_explained(panel: CropsPanel) -> None:
    (score,) = (label for label in cards(panel)[0].findChildren(QLabel) if "0.80" in label.text())
    assert "overlap" in score.toolTip()


def test_the_current_crop_is_in_use_and_the_others_can_be(panel: CropsPanel) -> None:
    first, second = cards(panel)
    assert not button(first, "In use").isEnabled()
    asked: list[int] = []
    panel.use_asked.connect(asked.append)
    button(second, "Use").click()
    assert asked == [1]


def test_why_and_export_name_their_crop(panel: CropsPanel) -> None:
    asked: list[tuple[str, int]] = []
    panel.why_asked.connect(lambda index: asked.append(("why", index)))
    panel.export_asked.connect(lambda index: asked.append(("export", index)))
    button(cards(panel)[1], "Why?").click()
    button(cards(panel)[0], "Export…").click()
    assert asked == [("why", 1), ("export", 0)]


def test_pointing_at_a_card_shows_its_crop_and_leaving_goes_back(panel: CropsPanel) -> None:
    shown = cards(panel)
    for card in shown:  # wherever the pointer happens to rest
        QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    asked: list[object] = []
    panel.crop_pointed.connect(asked.append)
    place = QPointF(5, 5)
    for card in shown:
        QApplication.sendEvent(card, QEnterEvent(place, place, place))
        QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    assert asked == [0, None, 1, None]


@pytest.mark.parametrize("key", (Qt.Key.Key_Return, Qt.Key.Key_Space))
def test_a_card_is_used_by_keyboard(panel: CropsPanel, key: Qt.Key) -> None:
    asked: list[int] = []
    panel.use_asked.connect(asked.append)
    QTest.keyClick(cards(panel)[1], key)
    assert asked == [1]


def test_a_click_on_a_card_uses_it_and_one_dragged_off_does_not(panel: CropsPanel) -> None:
    asked: list[int] = []
    panel.use_asked.connect(asked.append)
    card = cards(panel)[1]
    QTest.mouseClick(card, LEFT, pos=QPoint(4, 4))
    QTest.mousePress(card, LEFT, pos=QPoint(4, 4))
    QTest.mouseRelease(card, LEFT, pos=QPoint(-40, 4))
    assert asked == [1]


def test_previews_follow_the_crop_while_it_is_dragged(panel: CropsPanel, session: Session) -> None:
    assert middle_of_preview(cards(panel)[1]) == (255, 0, 0)
    dragged = Crop(Box(0.5, 0.5, 1, 1))
    panel.show_session(replace(session, framing=Framing((session.framing.crops[0], dragged), 1)))
    assert middle_of_preview(cards(panel)[1]) == (255, 255, 255)


def test_cards_come_and_go_with_the_crops(panel: CropsPanel, session: Session) -> None:
    panel.show_session(replace(session, framing=session.framing.adding(Crop(Box(0, 0, 1, 1)))))
    assert len(cards(panel)) == 3
    assert middle_of_preview(cards(panel)[2]) != (0, 0, 0)
    panel.show_session(replace(session, framing=Framing()))
    assert cards(panel) == []
    panel.show_session(None)
    assert cards(panel) == []


def test_without_crops_it_says_how_far_they_are(panel: CropsPanel, session: Session) -> None:
    waiting = replace(session, framing=Framing()).with_progress(Task.CROP, Progress.RUNNING)
    panel.show_session(waiting)
    shown = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert "Looking at the photo…" in shown
