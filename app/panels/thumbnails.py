"""Small pictures of photo files, read in worker threads so that the start page never waits."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal
from PySide6.QtGui import QImage

LONG_SIDE = 320
"""Device pixels: 160 logical ones on a dense screen."""


class Thumbnails(QObject):
    """Reads one photo after the other; a photo that cannot be read has no thumbnail."""

    ready = Signal(object, object)
    """Path and QImage; the image is null where the photo cannot be read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = Event()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def read(self, photo: Path) -> None:
        """Read a thumbnail; `ready` brings it."""
        self._pool.start(_Reading(self, photo, self._stop))

    def close(self) -> None:
        """End the workers and wait for them."""
        self._stop.set()
        self._pool.clear()
        self._pool.waitForDone()


class _Reading(QRunnable):
    def __init__(self, thumbnails: Thumbnails, photo: Path, stop: Event) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self._photo = photo
        self._stop = stop

    def run(self) -> None:
        # Here, not above: the window is on screen before the readers of pictures are imported.
        from engine.photo import PhotoError, Stopped, open_photo

        try:
            pixels = open_photo(self._photo).rgb(long_side=LONG_SIDE, stop=self._stop.is_set)
        except Stopped:
            return
        except PhotoError:
            self._thumbnails.ready.emit(self._photo, QImage())
            return
        height, width = pixels.shape[:2]
        image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
        self._thumbnails.ready.emit(self._photo, image.convertToFormat(QImage.Format.Format_RGB32))
