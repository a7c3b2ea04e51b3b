"""Answers stand below their questions, and each shows the crop that it was about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from app.domain.session import Answer, Progress, Session
from app.panels.answer_view import AnswerView
from app.panels.ask_box import AskBox
from app.panels.conversation import Conversation
from app.panels.crop_preview import CropPreview
from app.services.picture import Picture
from engine.vocabulary import Box, Crop, Failed, Task


@pytest.fixture
def conversation(qtbot: QtBot, quarters: Picture, answered_session: Session) -> Conversation:
    conversation = Conversation()
    qtbot.addWidget(conversation)
    conversation.show_picture(quarters)
    conversation.show_session(answered_session)
    conversation.show()
    return conversation


def views(conversation: Conversation) -> list[AnswerView]:
    QApplication.processEvents()  # a layout shows what is new in it
    return [view for view in conversation.findChildren(AnswerView) if view.isVisible()]


def texts(view: AnswerView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if label.isVisible()]


def middle_of_preview(view: AnswerView) -> tuple[int, int, int]:
    (preview,) = view.findChildren(CropPreview)
    image = preview.grab().toImage()
    at = image.pixelColor(image.width() // 2, image.height() // 2)
    return at.red(), at.green(), at.blue()


def test_for_and_against_stand_apart(conversation: Conversation) -> None:
    (view,) = views(conversation)
    assert texts(view) == [
        "Why this crop?",
        "300 × 200 px · 3:2",
        "For",
        "Pro.",
        "Against",
        "Contra.",
    ]


def test_the_thumbnail_stays_with_the_crop_as_it_was_asked_about(
    conversation: Conversation, answered_session: Session
) -> None:
    moved = answered_session.framing.choosing(1).with_current(Crop(Box(0.5, 0.5, 1, 1)))
    conversation.show_session(replace(answered_session, framing=moved))
    assert middle_of_preview(views(conversation)[0]) == (255, 0, 0)


def test_an_answer_grows_in_place(
    qtbot: QtBot, conversation: Conversation, answered_session: Session
) -> None:
    (before,) = views(conversation)
    grown = replace(answered_session.answers[0], arguments_for="Pro. And more.")
    conversation.show_session(replace(answered_session, answers=(grown,)))
    assert views(conversation) == [before]
    assert "Pro. And more." in texts(before)


def test_a_new_question_is_pointed_out_and_kept_ones_of_another_photo_are_not(
    qtbot: QtBot, conversation: Conversation, answered_session: Session
) -> None:
    begun: list[bool] = []
    conversation.begun.connect(lambda: begun.append(True))
    asked = Answer(8, Task.ASK, words="Is it <b>sharp</b>?")
    conversation.show_session(replace(answered_session, answers=(*answered_session.answers, asked)))
    assert begun == [True]
    assert texts(views(conversation)[1]) == ["Is it <b>sharp</b>?", "Looking at the photo…"]
    conversation.show_session(replace(answered_session, photo=Path("other.jpg")))
    assert begun == [True]
    assert len(views(conversation)) == 1


def test_a_failed_answer_gives_its_reason_and_the_way_out(
    conversation: Conversation, answered_session: Session
) -> None:
    failure = Failed("crash", "The engine ended.", "Ask again.")
    failed = Answer(9, Task.ASK, words="Why?", progress=Progress.FAILED, failure=failure)
    conversation.show_session(replace(answered_session, answers=(failed,)))
    assert texts(views(conversation)[0]) == ["Why?", "The engine ended. Ask again."]


def test_a_question_is_sent_once_and_without_blanks(qtbot: QtBot) -> None:
    box = AskBox()
    qtbot.addWidget(box)
    box.show()
    asked: list[str] = []
    box.asked.connect(asked.append)
    (words,) = box.findChildren(QLineEdit)
    (send,) = box.findChildren(QToolButton)
    QTest.keyClicks(words, "   ")
    assert not send.isEnabled()
    QTest.keyClick(words, Qt.Key.Key_Return)
    QTest.keyClicks(words, "is it sharp? ")
    QTest.keyClick(words, Qt.Key.Key_Return)
    QTest.keyClicks(words, "and now?")
    send.click()
    assert asked == ["is it sharp?", "and now?"]
    assert words.text() == ""


def test_without_a_photo_nothing_can_be_asked(qtbot: QtBot) -> None:
    box = AskBox()
    qtbot.addWidget(box)
    (words,) = box.findChildren(QLineEdit)
    words.setText("is it sharp?")
    box.set_answerable(False)
    assert not words.isEnabled()
    assert not box.findChildren(QToolButton)[0].isEnabled()


def test_an_answer_that_was_stopped_can_be_asked_for_again(
    qtbot: QtBot, conversation: Conversation, answered_session: Session
) -> None:
    (before,) = answered_session.answers
    stopped = replace(before, progress=Progress.STOPPED)
    (view,) = views(conversation)
    (again,) = (b for b in view.findChildren(QPushButton) if b.text() == "Ask again")
    assert not again.isVisible()
    conversation.show_session(replace(answered_session, answers=(stopped,)))
    with qtbot.waitSignal(conversation.asked_again) as asked:
        again.click()
    assert asked.args == [stopped]
