"""Asks for a photo or a folder in the platform's own dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.photo import OPENABLE_SUFFIXES

translate = QCoreApplication.translate  # pyside6-lupdate looks for this name


def ask_photo(parent: QWidget, folder: Path) -> Path | None:
    """A photo, or None."""
    patterns = " ".join(f"*{suffix}" for suffix in sorted(OPENABLE_SUFFIXES))
    kinds = ";;".join(
        (
            translate("FileDialogs", "Photos ({patterns})").format(patterns=patterns),
            translate("FileDialogs", "All files (*)"),
        )
    )
    title = translate("FileDialogs", "Open a photo")
    chosen, _kind = QFileDialog.getOpenFileName(parent, title, str(folder), kinds)
    return Path(chosen) if chosen else None


def ask_folder(parent: QWidget, folder: Path) -> Path | None:
    """A folder, or None."""
    title = translate("FileDialogs", "Open a folder of photos")
    chosen = QFileDialog.getExistingDirectory(parent, title, str(folder))
    return Path(chosen) if chosen else None
