"""A preview shows the crop's own pixels, turned as the crop is, from the smallest level."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.panels.crop_preview import CropPreview, crop_pixmap, fitted
from app.services.picture import Picture, levels_of
from engine.geometry import to_photo
from engine.vocabulary import Box, Crop, Size

BOUNDS = QSize(120, 90)


def colour(image: QImage, x: float, y: float) -> tuple[int, int, int]:
    at = image.pixelColor(int(x * image.width()), int(y * image.height()))
    return at.red(), at.green(), at.blue()


@pytest.mark.parametrize(
    ("box", "expected"),
    (
        (Box(0, 0, 0.5, 0.5), (255, 0, 0)),
        (Box(0.5, 0, 1, 0.5), (0, 255, 0)),
        (Box(0, 0.5, 0.5, 1), (0, 0, 255)),
        (Box(0.5, 0.5, 1, 1), (255, 255, 255)),
    ),
)
def test_it_shows_what_is_inside_the_crop_and_nothing_else(
    qtbot: QtBot, quarters: Picture, box: Box, expected: tuple[int, int, int]
) -> None:
    image = crop_pixmap(quarters, Crop(box), BOUNDS).toImage()
    assert (image.width(), image.height()) == (120, 80)
    for x in (0.03, 0.5, 0.97):
        for y in (0.03, 0.5, 0.97):
            assert colour(image, x, y) == expected


@pytest.mark.parametrize("angle", (-20.0, -3.0, 7.5, 45.0))
def test_it_turns_the_photo_as_the_geometry_says(qtbot: QtBot, angle: float) -> None:
    size = Size(600, 400)
    x, y = np.meshgrid(np.linspace(0, 255, 600), np.linspace(0, 255, 400))
    pixels = np.dstack((x, y, np.zeros_like(x))).astype(np.uint8)
    picture = Picture(Path("ramp.png"), size, levels_of(pixels), complete=True)
    crop = Crop(Box(0.4, 0.35, 0.6, 0.65), angle)
    image = crop_pixmap(picture, crop, BOUNDS).toImage()
    for across, down in ((0.1, 0.1), (0.9, 0.2), (0.5, 0.5), (0.2, 0.9)):
        turned = (0.4 + 0.2 * across, 0.35 + 0.3 * down)
        there = to_photo(turned, angle, size)
        red, green, _blue = colour(image, across, down)
        assert red == pytest.approx(255 * there[0], abs=4)
        assert green == pytest.approx(255 * there[1], abs=4)


def test_it_draws_from_the_smallest_level_that_is_enough(qtbot: QtBot, quarters: Picture) -> None:
    grey = [level.copy() for level in quarters.levels]
    for number, level in enumerate(grey):
        level.fill(QColor(10 * number, 0, 0))
    picture = replace(quarters, levels=tuple(grey))
    whole = crop_pixmap(picture, Crop(Box(0, 0, 1, 1)), BOUNDS).toImage()
    detail = crop_pixmap(picture, Crop(Box(0, 0, 0.1, 0.1)), BOUNDS).toImage()
    assert colour(whole, 0.5, 0.5)[0] == 10 * (len(grey) - 1)
    assert colour(detail, 0.5, 0.5)[0] == 0


def test_a_dense_screen_gets_more_pixels_for_the_same_room(qtbot: QtBot, quarters: Picture) -> None:
    dense = crop_pixmap(quarters, Crop(Box(0, 0, 1, 1)), BOUNDS, 2.0)
    assert (dense.width(), dense.height()) == (240, 160)
    assert dense.deviceIndependentSize().toSize() == QSize(120, 80)


@pytest.mark.parametrize(("ratio", "width", "height"), ((2, 120, 60), (1, 90, 90), (0.5, 45, 90)))
def test_the_picture_fills_its_room_one_way(ratio: float, width: int, height: int) -> None:
    assert fitted(ratio, BOUNDS).toSize() == QSize(width, height)


def test_the_widget_follows_the_crop(qtbot: QtBot, quarters: Picture) -> None:
    preview = CropPreview(BOUNDS)
    qtbot.addWidget(preview)
    preview.show_picture(quarters)
    preview.show_crop(Crop(Box(0, 0, 0.5, 0.5)))
    assert colour(preview.grab().toImage(), 0.5, 0.5) == (255, 0, 0)
    preview.show_crop(Crop(Box(0.5, 0, 1, 0.5)))
    assert colour(preview.grab().toImage(), 0.5, 0.5) == (0, 255, 0)
    preview.show_picture(None)
    assert colour(preview.grab().toImage(), 0.5, 0.5) != (0, 255, 0)
