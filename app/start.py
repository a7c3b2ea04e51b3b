"""Builds the windows: the one place where every part of the app is made and joined."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.domain.settings import Settings
from app.files.database import default_path
from app.files.store import Store
from app.services.browser import Browser
from app.services.engines import Engines
from app.services.exporter import Exporter
from app.services.image_loader import ImageLoader
from app.services.keeper import Keeper
from app.services.models import Models
from app.services.session_controller import SessionController


def data_folder() -> Path:
    """Where sessions and settings are kept; VENUS_DATA_DIR names another place."""
    named = os.environ.get("VENUS_DATA_DIR")
    return Path(named) if named else default_path().parent


def make_controller(data: Path) -> SessionController:
    """The controller with all that it owns."""
    store = Store(data / default_path().name)
    return SessionController(Engines(), Browser(ImageLoader()), Keeper(store), Exporter(), Models())


def show_window(photo: Path | None) -> int | None:
    """Run the window to its end; returns the exit status, or None where no display answers."""
    application = make_application()
    if application is None:
        return None
    from app.window import MainWindow

    controller = make_controller(data_folder())
    window = MainWindow(controller)
    window.show()
    QTimer.singleShot(0, controller.start)
    if photo is not None:
        controller.open_path(photo)
    application.aboutToQuit.connect(controller.shut_down)
    heed_interrupts(application)
    return application.exec()


def show_review(file: Path, reviewer: str) -> int | None:
    """Run the review desk to its end; returns as `show_window` does.

    ReviewError where the file is none of review records.
    """
    application = make_application()
    if application is None:
        return None
    from app.review.controller import ReviewController
    from app.review.window import DeskWindow

    controller = ReviewController(file, reviewer, ImageLoader())
    window = DeskWindow(controller, kept_settings(data_folder()))
    window.show()
    QTimer.singleShot(0, controller.start)
    application.aboutToQuit.connect(controller.shut_down)
    heed_interrupts(application)
    return application.exec()


def kept_settings(data: Path) -> Settings:
    """The theme and the language of the photographer's window, for another one."""
    keeper = Keeper(Store(data / default_path().name))
    try:
        return keeper.settings()
    finally:
        keeper.close()


def make_application() -> QApplication | None:
    """The application on whatever display there is; None without one."""
    if sys.platform == "linux" and "QT_QPA_PLATFORM" not in os.environ:
        # Qt aborts when it finds no display; with a last resort it tells instead.
        first = "wayland;xcb" if os.environ.get("WAYLAND_DISPLAY") else "xcb"
        os.environ["QT_QPA_PLATFORM"] = f"{first};offscreen"
        os.environ["QT_LOGGING_RULES"] = os.environ.get("QT_LOGGING_RULES", "qt.qpa.*=false")
        application = QApplication(sys.argv[:1])
        if application.platformName() == "offscreen":
            return None
    else:
        application = QApplication(sys.argv[:1])
    application.setApplicationName("Venus")
    application.setDesktopFileName("venus")
    return application


def heed_interrupts(application: QApplication) -> None:
    """Let Ctrl-C in the terminal close the window: Python must run now and then to see it."""
    signal.signal(signal.SIGINT, lambda *_: application.quit())
    timer = QTimer(application, interval=250)
    timer.timeout.connect(_let_python_run)
    timer.start()


def _let_python_run() -> None:
    """Signal handlers run between two Python instructions; this is one."""
