"""The real window, played by a script: waits for states, drags by pointer, watches the loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import cos, sin
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app.domain.session import Progress
from app.start import data_folder, make_controller
from app.window import MainWindow

TICK_MS = 2


class Stage(QObject):
    """A window with a photo (or a folder) being opened."""

    def __init__(self, photo: Path) -> None:
        self.application = QApplication([])
        super().__init__()
        self.first_paint = 0.0
        self.controller = make_controller(data_folder())
        self.window = MainWindow(self.controller)
        self.window.installEventFilter(self)
        self.window.resize(1400, 900)
        self.window.show()
        QTimer.singleShot(0, self.controller.start)
        self.controller.open_path(photo)
        self.view = self.window.view

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self.first_paint:
            self.first_paint = time.time()
        return False

    def close(self) -> None:
        self.window.close()
        self.controller.shut_down()

    def until(self, truth: Callable[[], bool], *, seconds: float = 60) -> None:
        """Let the event loop run until something is true."""
        deadline = time.monotonic() + seconds
        while not truth():
            if time.monotonic() > deadline:
                raise TimeoutError("the window did not come so far")
            self.rest(0.02)

    def rest(self, seconds: float) -> None:
        """Let a real event loop run for a while: only in one are deleted widgets deleted."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def painted(self) -> bool:
        return bool(self.first_paint)

    def complete(self, photo: Path) -> bool:
        picture = self.controller.picture
        return picture is not None and picture.photo == photo and picture.complete

    def critiqued(self) -> bool:
        session = self.controller.session
        return session is not None and not session.unfinished

    def answered(self) -> bool:
        session = self.controller.session
        return session is not None and all(a.progress is Progress.DONE for a in session.answers)

    def drag(self, *, seconds: float) -> None:
        """Press in the middle of the current crop and lead it in circles, 100 moves a second."""
        assert self.controller.session is not None
        crop = self.controller.session.framing.current_crop
        assert crop is not None
        size = self.controller.session.size
        x, y = crop.box.centre
        start = self.view.camera.to_screen((x * size.width, y * size.height))
        self._send(QEvent.Type.MouseButtonPress, start)
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            at = (start[0] + 60 * sin(passed * 5), start[1] + 40 * (1 - cos(passed * 3)))
            self._send(QEvent.Type.MouseMove, at)
            self.rest(0.01)
        self._send(QEvent.Type.MouseButtonRelease, start)

    def _send(self, kind: QEvent.Type, at: tuple[float, float]) -> None:
        point = QPointF(*at)
        left = Qt.MouseButton.LeftButton
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(
            kind,
            point,
            QPointF(self.view.mapToGlobal(point)),
            none if kind is QEvent.Type.MouseMove else left,
            none if kind is QEvent.Type.MouseButtonRelease else left,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.postEvent(self.view, event)

    @contextmanager
    def stalls(self) -> Iterator[Callable[[], float]]:
        """Watch the event loop; the value tells the longest stall so far, in milliseconds."""
        longest = 0.0
        last = time.perf_counter()

        def tick() -> None:
            nonlocal longest, last
            now = time.perf_counter()
            longest = max(longest, (now - last) * 1000 - TICK_MS)
            last = now

        timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(tick)
        timer.start()
        yield lambda: longest
        timer.stop()
