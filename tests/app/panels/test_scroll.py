"""A column is as high as its text wants, and follows it only from the end."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.panels.flow import FlowLayout
from app.panels.parts import Prose, button
from app.panels.scroll import ColumnScroll

LINE = "A line of words that is long enough to be wrapped in a narrow column. "


@pytest.fixture
def column(qtbot: QtBot) -> tuple[ColumnScroll, Prose]:
    content = QWidget()
    text = Prose(LINE * 30)
    layout = QVBoxLayout(content)
    layout.addWidget(text)
    scroll = ColumnScroll(content)
    qtbot.addWidget(scroll)
    scroll.resize(300, 200)
    scroll.show()
    qtbot.waitExposed(scroll)
    return scroll, text


def settle(qtbot: QtBot, scroll: ColumnScroll, text: Prose, words: str) -> None:
    before = scroll.verticalScrollBar().maximum()
    text.show_text(words)
    qtbot.waitUntil(lambda: scroll.verticalScrollBar().maximum() != before)


def test_it_is_as_wide_as_its_room_and_no_higher_than_its_text(
    column: tuple[ColumnScroll, Prose],
) -> None:
    scroll, text = column
    content = scroll.widget()
    assert content is not None
    assert content.width() == scroll.viewport().width()
    assert text.height() == text.heightForWidth(text.width())


def test_at_the_end_it_follows(qtbot: QtBot, column: tuple[ColumnScroll, Prose]) -> None:
    scroll, text = column
    bar = scroll.verticalScrollBar()
    bar.setValue(bar.maximum())
    settle(qtbot, scroll, text, LINE * 60)
    assert bar.value() == bar.maximum()


def test_anywhere_else_it_stays(qtbot: QtBot, column: tuple[ColumnScroll, Prose]) -> None:
    scroll, text = column
    bar = scroll.verticalScrollBar()
    bar.setValue(bar.maximum() - 20)
    value = bar.value()
    settle(qtbot, scroll, text, LINE * 60)
    assert bar.value() == value


def test_reading_begins_at_the_top(qtbot: QtBot, column: tuple[ColumnScroll, Prose]) -> None:
    scroll, text = column
    settle(qtbot, scroll, text, "A word.")
    assert scroll.verticalScrollBar().maximum() == 0
    settle(qtbot, scroll, text, LINE * 60)
    assert scroll.verticalScrollBar().value() == 0


def test_told_to_follow_it_goes_along_from_the_first_line_until_somebody_scrolls(
    qtbot: QtBot, column: tuple[ColumnScroll, Prose]
) -> None:
    scroll, text = column
    bar = scroll.verticalScrollBar()
    settle(qtbot, scroll, text, "A word.")
    scroll.follow()
    settle(qtbot, scroll, text, LINE * 20)
    assert bar.value() == bar.maximum() > 0
    bar.setValue(10)
    settle(qtbot, scroll, text, LINE * 60)
    assert bar.value() == 10


def test_buttons_go_on_in_the_next_line_where_room_ends(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder, spacing=8)
    parts = [button(f"Button {number}") for number in range(4)]
    for part in parts:
        flow.addWidget(part)
    widest = max(part.sizeHint().width() for part in parts)
    high = parts[0].sizeHint().height()
    assert flow.heightForWidth(4 * (widest + 8)) == high
    assert flow.heightForWidth(2 * (widest + 8)) == 2 * high + 8
    holder.resize(2 * (widest + 8), 3 * high)
    holder.show()
    assert [part.y() for part in parts] == [0, 0, high + 8, high + 8]
