"""A canvas before a real controller whose engine never starts, and the ways to use a pointer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app.canvas.view import PhotoView
from app.files.store import Store
from app.services.browser import Browser
from app.services.engines import Engines
from app.services.exporter import Exporter
from app.services.image_loader import ImageLoader
from app.services.keeper import Keeper
from app.services.models import Models
from app.services.session_controller import SessionController
from engine.geometry import moved_inside
from engine.vocabulary import Box, Crop, Size

NEVER_MS = 10**8
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def pattern(width: int, height: int) -> np.ndarray:
    """Red grows to the right, green to the bottom; blue is constant."""
    x, y = np.meshgrid(np.linspace(20, 230, width), np.linspace(20, 230, height))
    return np.dstack((x, y, np.full_like(x, 90))).astype(np.uint8)


class Canvas:
    """The view under test, its controller, and where things are on it."""

    def __init__(self, view: PhotoView, controller: SessionController, qtbot) -> None:
        self.view = view
        self.controller = controller
        self.qtbot = qtbot

    def open(self, photo: Path) -> None:
        self.controller.open_path(photo)

        def whole() -> bool:
            picture = self.controller.picture
            return picture is not None and picture.photo == photo and picture.complete

        self.qtbot.waitUntil(whole, timeout=20_000)

    @property
    def crops(self) -> tuple[Crop, ...]:
        return self.controller.session.framing.crops

    @property
    def current(self) -> Crop:
        return self.controller.session.framing.current_crop

    @property
    def size(self) -> Size:
        return self.controller.session.size

    def add(self, *edges: float, angle: float = 0.0) -> Crop:
        """A crop of edges in pixels of the photo, moved inside if it must be."""
        size = self.size
        left, top, right, bottom = edges
        box = Box(left / size.width, top / size.height, right / size.width, bottom / size.height)
        self.controller.add_crop(Crop(moved_inside(box, angle, size), angle))
        return self.current

    def edges(self, crop: Crop | None = None) -> tuple[float, ...]:
        """Left, top, right, bottom of a crop in pixels of the photo, to a thousandth."""
        box, size = (crop or self.current).box, self.size
        edges = (
            box.left * size.width,
            box.top * size.height,
            box.right * size.width,
            box.bottom * size.height,
        )
        return tuple(round(edge, 3) for edge in edges)

    def at(self, x: float, y: float) -> QPoint:
        """Where a place of the turned frame, in pixels of the photo, is on the view."""
        return QPointF(*self.view.camera.to_screen((x, y))).toPoint()

    def press(self, at: QPoint, modifiers=NONE, button=LEFT) -> None:
        QTest.mousePress(self.view, button, modifiers, at)

    def move(self, at: QPoint) -> None:
        QTest.mouseMove(self.view, at)

    def release(self, at: QPoint, modifiers=NONE, button=LEFT) -> None:
        QTest.mouseRelease(self.view, button, modifiers, at)

    def drag(self, start: QPoint, end: QPoint, modifiers=NONE) -> None:
        """Press, move in three steps, release."""
        self.press(start, modifiers)
        for step in (1, 2, 3):
            self.move(start + (end - start) * step / 3)
        self.release(end, modifiers)

    def grab(self) -> np.ndarray:
        """The view's pixels as (h, w, 3) RGB."""
        image = self.view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
        return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(pattern(1200, 800)).save(path)
    return path


@pytest.fixture
def canvas(qtbot, tmp_path, photo):
    """A view of 700 × 500 with a 1200 × 800 photo and no crop."""
    controller = SessionController(
        Engines(),
        Browser(ImageLoader()),
        Keeper(Store(tmp_path / "store.sqlite")),
        Exporter(),
        Models(root=tmp_path / "checkpoints"),
        in_view_ms=NEVER_MS,
    )
    view = PhotoView(controller)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    canvas = Canvas(view, controller, qtbot)
    canvas.open(photo)
    yield canvas
    controller.shut_down()
