"""The bar shows the current crop's numbers and asks for other ones, one gesture at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from app.domain.session import Framing, Session
from app.panels.crop_bar import PRESETS, CropBar, reshaped
from engine.geometry import fits, pixel_size
from engine.vocabulary import Aspect, Box, Crop, Size


class Heard:
    """What a bar has asked for, in order."""

    def __init__(self, bar: CropBar) -> None:
        self.all: list[object] = []
        bar.turning_begun.connect(lambda: self.all.append("begun"))
        bar.angle_changed.connect(self.all.append)
        bar.turning_ended.connect(lambda: self.all.append("ended"))
        bar.ratio_kept.connect(lambda ratio: self.all.append(("kept", ratio)))
        bar.crop_changed.connect(self.all.append)


@pytest.fixture
def bar(qtbot: QtBot, session: Session) -> CropBar:
    bar = CropBar()
    qtbot.addWidget(bar)
    bar.show_session(session)
    bar.show()
    return bar


def angle_of(bar: CropBar) -> QDoubleSpinBox:
    return bar.findChildren(QDoubleSpinBox)[0]


def choose(bar: CropBar, text: str) -> None:
    (box,) = bar.findChildren(QComboBox)
    box.setCurrentText(text)
    box.activated.emit(box.currentIndex())


def lock_of(bar: CropBar) -> QToolButton:
    return bar.findChildren(QToolButton)[0]


def texts(bar: CropBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel)]


def test_it_shows_size_and_ratio_of_the_current_crop(bar: CropBar, session: Session) -> None:
    assert texts(bar)[-2:] == ["480 × 320 px", "3:2"]
    dragged = session.framing.with_current(Crop(Box(0, 0, 0.5, 1)))
    bar.show_session(replace(session, framing=dragged))
    assert texts(bar)[-2:] == ["300 × 400 px", "3:4"]


def test_without_a_crop_it_says_so(bar: CropBar, session: Session) -> None:
    bar.show_session(replace(session, framing=Framing()))
    assert texts(bar)[-2:] == ["No crop is in use", ""]


def test_showing_an_angle_asks_for_nothing(bar: CropBar, session: Session) -> None:
    heard = Heard(bar)
    turned = session.framing.with_current(Crop(Box(0.3, 0.3, 0.7, 0.7), 12.3))
    bar.show_session(replace(session, framing=turned))
    assert angle_of(bar).value() == pytest.approx(12.3)
    assert heard.all == []


def test_turning_is_one_gesture_until_it_rests(qtbot: QtBot, bar: CropBar) -> None:
    heard = Heard(bar)
    for _ in range(3):
        QTest.keyClick(angle_of(bar), Qt.Key.Key_Up)
    assert heard.all == ["begun", *(pytest.approx(v) for v in (0.1, 0.2, 0.3))]
    qtbot.waitUntil(lambda: heard.all[-1] == "ended")
    QTest.keyClick(angle_of(bar), Qt.Key.Key_Down)
    assert heard.all[-2:] == ["begun", pytest.approx(0.2)]


def test_a_typed_angle_is_taken_at_return_as_one_gesture(bar: CropBar) -> None:
    heard = Heard(bar)
    box = angle_of(bar)
    box.selectAll()
    QTest.keyClicks(box, box.locale().toString(-7.5, "f", 1))
    assert heard.all == []
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert heard.all == ["begun", -7.5, "ended"]


def test_another_photo_ends_the_gesture(bar: CropBar, session: Session) -> None:
    heard = Heard(bar)
    QTest.keyClick(angle_of(bar), Qt.Key.Key_Up)
    bar.show_session(replace(session, photo=Path("other.jpg")))
    assert heard.all[-1] == "ended"


def test_the_angle_has_tenths_and_ends_at_45_degrees(bar: CropBar) -> None:
    box = angle_of(bar)
    assert (box.minimum(), box.maximum(), box.singleStep()) == (-45, 45, 0.1)


def test_a_preset_reshapes_the_crop_and_locks_its_ratio(bar: CropBar, session: Session) -> None:
    heard = Heard(bar)
    choose(bar, "1:1")
    kept, crop = heard.all
    assert kept == ("kept", 1.0)
    assert isinstance(crop, Crop)
    extent = pixel_size(crop.box, session.size)
    assert extent.width == extent.height
    assert lock_of(bar).isChecked()


def test_free_sets_the_ratio_free_and_leaves_the_crop(bar: CropBar) -> None:
    choose(bar, "1:1")
    heard = Heard(bar)
    choose(bar, "Free")
    assert heard.all == [("kept", None)]
    assert not lock_of(bar).isChecked()


def test_original_means_this_photo_and_the_next_one(bar: CropBar, session: Session) -> None:
    choose(bar, "Original")
    heard = Heard(bar)
    bar.show_session(replace(session, photo=Path("other.jpg"), size=Size(300, 400)))
    assert heard.all == [("kept", 0.75)]


def test_the_lock_keeps_the_ratio_that_the_crop_has(bar: CropBar, session: Session) -> None:
    free = session.framing.with_current(Crop(Box(0, 0, 0.7, 0.5)))
    bar.show_session(replace(session, framing=free))
    heard = Heard(bar)
    lock_of(bar).click()
    lock_of(bar).click()
    assert heard.all == [("kept", pytest.approx(2.1)), ("kept", None)]


def test_without_a_crop_there_is_nothing_to_lock(bar: CropBar, session: Session) -> None:
    bar.show_session(replace(session, framing=Framing()))
    lock_of(bar).click()
    assert not lock_of(bar).isChecked()


@pytest.mark.parametrize("aspect", PRESETS, ids=str)
@pytest.mark.parametrize("angle", (0.0, 4.5))
def test_a_reshaped_crop_has_its_ratio_in_whole_pixels_and_fits(
    aspect: Aspect, angle: float
) -> None:
    size = Size(4000, 3000)
    box = reshaped(Crop(Box(0.2, 0.2, 0.9, 0.85), angle), aspect, size).box
    assert fits(box, angle, size)
    extent = pixel_size(box, size)
    wide = aspect.width >= aspect.height
    goal = extent.width / aspect.ratio if wide else extent.height * aspect.ratio
    assert abs((extent.height if wide else extent.width) - goal) <= 1


def test_without_a_crop_the_largest_one_is_offered() -> None:
    size = Size(600, 400)
    assert reshaped(None, Aspect(1, 1), size).box.height == 1
    assert pixel_size(reshaped(None, Aspect(1, 1), size).box, size) == Size(400, 400)
