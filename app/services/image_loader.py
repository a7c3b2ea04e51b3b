"""Reads photos for the window in threads of its own: a preview first, then the whole photo.

A newer load makes an older one stale: its results are dropped, and it ends at its next step. The
loader keeps no whole picture; previews of a few neighbours wait here so that the next photo is on
the screen at once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Final

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal, Slot

from app.services.picture import PhotoFailure, Picture, levels_of
from engine.photo import PhotoError, PhotoFile, Stopped, open_photo
from engine.stop import Stop

PREVIEW_SIDE: Final = 2048
"""The long side of a preview: enough for a screen, a tenth of the time of a 24-megapixel photo."""

KEPT_PREVIEWS: Final = 4
"""Neighbours whose previews wait: 15 MB each."""

_QUICKLY_REDUCED: Final = ("JPEG", "RAW")
"""Formats of which a small picture costs much less than the whole one."""


def read(photo: Path, stop: Stop, *, preview: bool) -> Iterator[Picture | PhotoFailure]:
    """The photo's preview (unless it is not wanted, or no quicker), then the whole picture.

    A photo that cannot be read ends with its failure; one that was stopped just ends.
    """
    try:
        source = open_photo(photo)
        if preview and _has_quick_preview(source):
            yield _preview(source, stop)
        pixels = source.bgra(stop=stop)
        yield Picture(photo, source.info.size, levels_of(pixels), complete=True)
    except Stopped:
        return
    except PhotoError as error:
        yield PhotoFailure(photo, error.code, error.reason, error.remedy)
    except MemoryError:
        reason = "There is not enough memory for this photo."
        remedy = "Close other programs, or open a smaller version of it."
        yield PhotoFailure(photo, "too_large", reason, remedy)


def read_preview(photo: Path, stop: Stop) -> Picture | None:
    """A neighbour's preview; None where there is no quick one, or the photo cannot be read: that
    is told when it is opened.
    """
    try:
        source = open_photo(photo)
        return _preview(source, stop) if _has_quick_preview(source) else None
    except (Stopped, PhotoError, MemoryError):
        return None


def _has_quick_preview(source: PhotoFile) -> bool:
    size = source.info.size
    return max(size.width, size.height) > PREVIEW_SIDE and source.info.format in _QUICKLY_REDUCED


def _preview(source: PhotoFile, stop: Stop) -> Picture:
    pixels = source.rgb(long_side=PREVIEW_SIDE, stop=stop)
    return Picture(source.info.path, source.info.size, levels_of(pixels), complete=False)


class ImageLoader(QObject):
    """One photo at a time, and its neighbours' previews."""

    loaded = Signal(object)
    """Picture: first the preview, then the whole."""

    failed = Signal(object)
    """PhotoFailure."""

    _arrived = Signal(object, object)
    _prefetched = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stale = Event()
        self._previews: OrderedDict[Path, Picture] = OrderedDict()
        self._photos = _pool(2)  # a new photo need not wait for the end of an old one
        self._neighbours = _pool(1)
        queued = Qt.ConnectionType.QueuedConnection
        self._arrived.connect(self._take, queued)
        self._prefetched.connect(self._keep, queued)

    @Slot(object)
    def load(self, photo: Path) -> None:
        """Read a photo; whatever was being read is forgotten. Results come later, as signals."""
        self.cancel()
        stale = self._stale
        waiting = self._previews.get(photo)
        if waiting is not None:
            self._arrived.emit(stale, waiting)
        preview = waiting is None
        self._photos.start(lambda: self._read(photo, stale, preview=preview))

    @Slot()
    def cancel(self) -> None:
        """Forget what is being read."""
        self._stale.set()
        self._stale = Event()

    @Slot(object)
    def prefetch(self, photos: Iterable[Path]) -> None:
        """Have the previews of these neighbours ready, the first one first, and no others."""
        wanted = tuple(photos)[:KEPT_PREVIEWS]
        for photo in tuple(self._previews):
            if photo not in wanted:
                del self._previews[photo]
        self._neighbours.clear()
        stale = self._stale
        for photo in wanted:
            if photo not in self._previews:
                self._neighbours.start(lambda photo=photo: self._read_neighbour(photo, stale))

    def close(self) -> None:
        """Cancel everything and wait for the threads."""
        self.cancel()
        for pool in (self._photos, self._neighbours):
            pool.clear()
            pool.waitForDone()
        self._previews.clear()

    # ── in the threads ───────────────────────────────────────────────────────────────────────────

    def _read(self, photo: Path, stale: Event, *, preview: bool) -> None:
        for result in read(photo, stale.is_set, preview=preview):
            if stale.is_set():
                return
            self._arrived.emit(stale, result)

    def _read_neighbour(self, photo: Path, stale: Event) -> None:
        picture = None if stale.is_set() else read_preview(photo, stale.is_set)
        if picture is not None:
            self._prefetched.emit(picture)

    # ── in the window's thread ───────────────────────────────────────────────────────────────────

    @Slot(object, object)
    def _take(self, stale: Event, result: Picture | PhotoFailure) -> None:
        if stale.is_set():
            return
        (self.failed if isinstance(result, PhotoFailure) else self.loaded).emit(result)

    @Slot(object)
    def _keep(self, picture: Picture) -> None:
        self._previews[picture.photo] = picture
        while len(self._previews) > KEPT_PREVIEWS:
            self._previews.popitem(last=False)


def _pool(threads: int) -> QThreadPool:
    pool = QThreadPool()
    pool.setMaxThreadCount(threads)
    return pool
