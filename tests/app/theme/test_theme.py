"""A theme is put on live, and icons follow it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.domain.settings import Theme
from app.theme.apply import apply_theme, current_tokens
from app.theme.fonts import Step, set_step
from app.theme.icons import IconButton, pixmap
from app.theme.tokens import DARK, LIGHT

NAMES = sorted(
    entry.name.removesuffix(".svg")
    for entry in (files("resources") / "icons").iterdir()
    if entry.name.endswith(".svg")
)


@pytest.fixture(autouse=True)
def dark_again(qtbot: QtBot) -> Iterator[None]:
    apply_theme(Theme.DARK)
    yield
    apply_theme(Theme.DARK)


def brightest(image: QImage) -> int:
    return max(
        QColor(image.pixelColor(x, y)).lightness()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    )


def test_a_theme_changes_the_palette_of_what_is_on_screen(qtbot: QtBot) -> None:
    label = QLabel("words")
    qtbot.addWidget(label)
    label.show()
    assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(DARK.text)
    apply_theme(Theme.LIGHT)
    assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(LIGHT.text)
    assert current_tokens() is LIGHT


def test_icons_take_the_colour_of_the_theme(qtbot: QtBot) -> None:
    button = IconButton("close", "Close")
    qtbot.addWidget(button)
    button.show()
    in_dark = brightest(button.icon().pixmap(20, 20).toImage())
    apply_theme(Theme.LIGHT)
    in_light = brightest(button.icon().pixmap(20, 20).toImage())
    assert in_dark > 200
    assert in_light < 100


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_draws_something_and_leaves_room(qtbot: QtBot, name: str) -> None:
    image = pixmap(name, "#ffffff", 40).toImage()
    drawn = sum(image.pixelColor(x, y).alpha() > 128 for x in range(40) for y in range(40))
    assert 20 < drawn < 1200


def test_steps_scale_the_systems_font(qtbot: QtBot) -> None:
    label = QLabel("words")
    qtbot.addWidget(label)
    set_step(label, Step.DISPLAY)
    assert label.font().pointSizeF() == pytest.approx(QApplication.font().pointSizeF() * 1.7)
