"""Exports crops in a worker thread, one after the other, and tells how it went."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from app.files.errors import ExportError
from app.files.export import ExportFormat, ExportResult, export_crop
from app.services.status import Notice, Severity
from engine.vocabulary import Crop


class Exporter(QObject):
    """One export at a time; `close` stops the one that is running and leaves nothing behind."""

    done = Signal(object)
    """Notice: where the file is, or why there is none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = Event()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def export(self, photo: Path, crop: Crop, target: Path, format: ExportFormat) -> None:
        """Write the crop into a new file; `done` tells."""
        self._pool.start(_Export(self, photo, crop, target, format, self._stop))

    def close(self) -> None:
        """Stop, and wait for the worker."""
        self._stop.set()
        self._pool.clear()
        self._pool.waitForDone()

    def written(self, result: ExportResult) -> Notice:
        """The words for a file that was written."""
        size = result.size
        text = self.tr("Exported {name}, {width} × {height} pixels, into {folder}.").format(
            name=result.path.name,
            width=size.width,
            height=size.height,
            folder=result.path.parent,
        )
        return Notice(text, " ".join(result.notes))

    def refused(self, error: ExportError) -> str:
        """The words for a file that was not; they name the one that hinders, photo or export."""
        return self.tr("Nothing was exported. {name}: {reason}").format(
            name=error.path.name, reason=error.reason
        )


class _Export(QRunnable):
    def __init__(
        self,
        exporter: Exporter,
        photo: Path,
        crop: Crop,
        target: Path,
        format: ExportFormat,
        stop: Event,
    ) -> None:
        super().__init__()
        self._exporter = exporter
        self._work = (photo, crop, target, format)
        self._stop = stop

    def run(self) -> None:
        photo, crop, target, format = self._work
        try:
            result = export_crop(photo, crop, target, format=format, stop=self._stop.is_set)
        except ExportError as error:
            text = self._exporter.refused(error)
            notice = Notice(text, error.remedy, Severity.ERROR)
        else:
            notice = self._exporter.written(result)
        self._exporter.done.emit(notice)
