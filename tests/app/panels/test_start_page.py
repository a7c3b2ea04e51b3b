"""The start page shows recent photos with pictures that a worker reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import save, scene, until
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from app.panels.start_page import MOST_RECENT, StartPage


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[StartPage]:
    page = StartPage()
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    yield page
    page.close_workers()


def tiles(page: StartPage) -> list[QToolButton]:
    QApplication.processEvents()  # a layout shows what is new in it
    return [tile for tile in page.findChildren(QToolButton) if not tile.isHidden()]


def test_a_recent_photo_has_its_picture_and_opens(
    qtbot: QtBot, tmp_path: Path, page: StartPage
) -> None:
    photo = save(tmp_path / "one & <b>two.png", scene())
    page.show_recent((photo,))
    (tile,) = tiles(page)
    until(qtbot, lambda: not tile.icon().isNull())
    assert tile.text() == "one && <b>two.png"
    assert "<b>two" not in tile.toolTip()
    opened: list[object] = []
    page.opened.connect(opened.append)
    tile.click()
    assert opened == [photo]


def test_a_photo_that_is_gone_cannot_be_opened(
    qtbot: QtBot, tmp_path: Path, page: StartPage
) -> None:
    page.show_recent((tmp_path / "gone.jpg",))
    until(qtbot, lambda: not tiles(page)[0].isEnabled())
    assert "cannot be read any more" in tiles(page)[0].toolTip()


def test_it_shows_the_newest_first_and_not_too_many(page: StartPage) -> None:
    recent = tuple(Path(f"/nowhere/{number}.jpg") for number in range(MOST_RECENT + 5))
    page.show_recent(recent)
    names = [tile.text() for tile in tiles(page)]
    assert names == [photo.name for photo in recent[:MOST_RECENT]]
    page.show_recent(recent[3:5])
    assert [tile.text() for tile in tiles(page)] == ["3.jpg", "4.jpg"]


def test_its_buttons_lead_to_photos(qtbot: QtBot, page: StartPage) -> None:
    buttons = {button.text(): button for button in page.findChildren(QPushButton)}
    with qtbot.waitSignal(page.open_asked):
        buttons["Open a photo…"].click()
    with qtbot.waitSignal(page.open_folder_asked):
        buttons["Open a folder…"].click()
    with qtbot.waitSignal(page.opened) as opened:
        buttons["Try the sample photo"].click()
    assert opened.args is not None
    assert opened.args[0].is_file()
