"""The window with its real controller and a scripted engine process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import scripted_engine
from at_window import critiqued
from desk import desk, save, scene, until
from PySide6.QtWidgets import (
    QApplication,
)
from pytestqt.qtbot import QtBot

from app.domain.settings import Theme
from app.services.session_controller import SessionController
from app.theme.apply import apply_theme
from app.window import MainWindow
from engine.vocabulary import Box, Crop

CROP = Crop(Box(0.1, 0.1, 0.9, 0.9))
NEVER_MS = 10**8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in (1, 2, 3):
        save(photos / f"IMG_{number}.png", scene(seed=number))
    return photos


@pytest.fixture
def controller(qtbot: QtBot, tmp_path: Path) -> Iterator[SessionController]:
    with desk(tmp_path, command=scripted_engine.COMMAND, in_view_ms=NEVER_MS) as controller:
        yield controller


@pytest.fixture
def window(qtbot: QtBot, controller: SessionController) -> Iterator[MainWindow]:
    window = MainWindow(controller)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.close()
    apply_theme(Theme.DARK)


@pytest.fixture
def opened(
    qtbot: QtBot, window: MainWindow, controller: SessionController, folder: Path
) -> MainWindow:
    """A window with a photo and a crop of it; no engine has started."""
    controller.open_path(folder)
    until(qtbot, lambda: controller.picture is not None and controller.picture.complete)
    controller.show_crop(CROP)
    QApplication.processEvents()
    return window


@pytest.fixture
def answered(qtbot: QtBot, opened: MainWindow, controller: SessionController) -> MainWindow:
    """The same after the engine's critique."""
    controller.critique()
    until(qtbot, lambda: critiqued(controller))
    QApplication.processEvents()
    return opened
