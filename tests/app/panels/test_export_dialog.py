"""The export dialog offers a free name and lets no file be replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import save, scene
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.files.export import ExportFormat
from app.panels.export_dialog import ExportDialog
from engine.vocabulary import Box, Crop, Size

CROP = Crop(Box(0, 0, 0.5, 0.5))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "IMG_1.png", scene())


@pytest.fixture
def dialog(qtbot: QtBot, photo: Path) -> ExportDialog:
    dialog = ExportDialog(photo, Size(600, 400), CROP, None)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def named(dialog: ExportDialog, kind: type[QWidget], name: str) -> QWidget:
    (found,) = (w for w in dialog.findChildren(kind) if w.accessibleName() == name)
    return found


def line(dialog: ExportDialog, name: str) -> QLineEdit:
    found = named(dialog, QLineEdit, name)
    assert isinstance(found, QLineEdit)
    return found


def export(dialog: ExportDialog) -> QPushButton:
    found = named(dialog, QPushButton, "Export")
    assert isinstance(found, QPushButton)
    return found


def trouble(dialog: ExportDialog) -> str:
    labels = dialog.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.property("role") == "bad")


def test_it_suggests_a_free_name_beside_the_photo(dialog: ExportDialog, photo: Path) -> None:
    assert dialog.target == photo.with_name("IMG_1 crop 3x2.jpg")
    assert dialog.format is ExportFormat.JPEG


def test_the_name_follows_the_format(dialog: ExportDialog) -> None:
    (formats,) = dialog.findChildren(QComboBox)
    formats.setCurrentIndex(2)
    assert dialog.format is ExportFormat.TIFF
    assert dialog.target.suffix == ".tif"


def test_it_asks_for_the_export_and_closes(qtbot: QtBot, dialog: ExportDialog) -> None:
    target = dialog.target
    with qtbot.waitSignal(dialog.export_asked) as asked:
        export(dialog).click()
    assert asked.args == [target, ExportFormat.JPEG]
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("name", "words"),
    (
        ("", "needs a name"),
        ("  ", "needs a name"),
        ("taken.jpg", "taken.jpg exists already"),
        ("taken.png", "taken.jpg exists already"),
        ("other/x.jpg", "slash"),
        ("..", "slash"),
    ),
)
def test_a_name_that_will_not_do_is_refused_in_words(
    dialog: ExportDialog, name: str, words: str
) -> None:
    (dialog.folder / "taken.jpg").touch()
    line(dialog, "File name").setText(name)
    assert words in trouble(dialog)
    assert not export(dialog).isEnabled()
    line(dialog, "File name").setText("free.jpg")
    assert trouble(dialog) == ""
    assert export(dialog).isEnabled()


def test_a_folder_that_is_not_there_is_named(dialog: ExportDialog, tmp_path: Path) -> None:
    line(dialog, "Folder").setText(str(tmp_path / "nowhere"))
    assert str(tmp_path / "nowhere") in trouble(dialog)
    assert not export(dialog).isEnabled()


def test_a_name_of_ones_own_stays_when_the_format_changes(dialog: ExportDialog) -> None:
    line(dialog, "File name").setText("best of 1.2")
    assert dialog.target.name == "best of 1.2.jpg"
    (formats,) = dialog.findChildren(QComboBox)
    formats.setCurrentIndex(2)
    assert dialog.target.name == "best of 1.2.tif"


@pytest.mark.parametrize(
    ("field", "text"), (("File name", "x" * 300), ("Folder", "~nobody at all/x"))
)
def test_a_place_that_cannot_be_is_refused(dialog: ExportDialog, field: str, text: str) -> None:
    line(dialog, field).setText(text)
    assert "cannot be used" in trouble(dialog)
    assert not export(dialog).isEnabled()
