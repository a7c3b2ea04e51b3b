"""Words for tests of the review desk: a reviewer at a file of records, and what they press."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desk import save, scene
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from reviews import guidance

from app.review.controller import ReviewController
from app.review.window import DeskWindow
from app.services.image_loader import ImageLoader
from engine.review.decisions import Decision, read
from engine.review.records import Record, read_records, write_records

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def records_at(folder: Path, *records: Record) -> Path:
    """A file of these records, or of three; the photos A.png to C.png lie beside it."""
    photos = folder / "photos"
    photos.mkdir(exist_ok=True)
    for number, name in enumerate("ABC"):
        save(photos / f"{name}.png", scene(width=120, height=80, seed=number))
    file = folder / "records.jsonl"
    given = records or tuple(guidance(f"{name}.png") for name in "ABC")
    write_records(file, given, root=photos)
    return file


@dataclass(frozen=True)
class Seat:
    """A reviewer at a desk."""

    controller: ReviewController
    window: DeskWindow

    @property
    def place(self) -> int:
        return self.controller.desk.place

    def press(self, *keys: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
        """Press keys where the focus is."""
        self.to_front()
        for key in keys:
            QTest.keyClick(self.window.focusWidget() or self.window, key, modifier)
            QApplication.processEvents()

    def write(self, words: str) -> None:
        """Write into the field that has the focus, in place of what is there."""
        field = self.window.focusWidget()
        assert isinstance(field, QLineEdit | QPlainTextEdit), field
        field.selectAll()
        QTest.keyClicks(field, words)
        QApplication.processEvents()

    def shows(self, words: str, part: QWidget | None = None) -> bool:
        """Whether a visible label has these words."""
        labels = (part or self.window).findChildren(QLabel)
        return any(words in each.text() for each in labels if each.isVisible())

    def to_front(self) -> None:
        self.window.activateWindow()
        QApplication.processEvents()


@contextmanager
def seat(qtbot: QtBot, file: Path, name: str = "ada") -> Iterator[Seat]:
    """Sit down at the file; the window closes at the end."""
    controller = ReviewController(file, name, ImageLoader())
    window = DeskWindow(controller)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    controller.start()
    try:
        yield Seat(controller, window)
    finally:
        for sheet in window.findChildren(QDialog):
            # A sheet that a test left open would stand before the next test's window.
            sheet.close()
        window.close()


def decisions(file: Path, reviewer: str = "ada") -> tuple[Decision, ...]:
    """What is on the disk of a reviewer's words, in order."""
    return tuple(each for each in read(file).decisions if each.reviewer == reviewer)


def actions(file: Path, reviewer: str = "ada") -> list[tuple[str, str]]:
    """The same in short: the photo's name and the action."""
    photos = {each.id: each.photo for each in read_records(file).records}
    return [(photos[each.record], each.action.value) for each in decisions(file, reviewer)]
