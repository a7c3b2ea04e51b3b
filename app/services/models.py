"""Lists, downloads, checks and removes checkpoints in worker threads, and tells how far each is.

A download goes on while no panel is open; it ends with the window, and the next one goes on where
it stopped. Jobs for one model never run side by side.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal, Slot

from app.services.machine import has_graphics_card, has_model_libraries
from app.services.shelf import Job, Model, Shelf, Work, models_of
from app.services.status import Notice, Severity
from engine.choice import Wording
from engine.contract import EngineError
from engine.stop import Stop

if TYPE_CHECKING:
    from engine.checkpoints.catalogue import Entry
    from engine.checkpoints.progress import Transfer
    from engine.checkpoints.store import Store
    from engine.checkpoints.verify import Verdict

AT_ONCE = 2
"""Jobs that run side by side."""


class Models(QObject):
    """Owns the shelf. Lives in the GUI thread; its workers end with `close`."""

    changed = Signal(object)
    """Shelf, after every change."""

    noticed = Signal(object)
    """Notice: a job has ended, or could not be done."""

    _listed = Signal(object)
    _told = Signal(str, object)
    _ended = Signal(str, object)
    _added = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        root: Path | None = None,
        endpoint: str | None = None,
        entries: tuple[Entry, ...] | None = None,
        graphics: Callable[[], bool] = has_graphics_card,
    ) -> None:
        super().__init__(parent)
        self._root = root
        self._endpoint = endpoint
        self._entries = entries
        self._graphics = graphics
        self._shelf = Shelf()
        self._work: dict[str, Work] = {}
        self._said: dict[str, Notice] = {}
        self._stops: dict[str, Event] = {}
        self._done: set[str] = set()
        self._over = Event()
        self._jobs = _pool(AT_ONCE, self)
        self._lists = _pool(1, self)
        queued = Qt.ConnectionType.QueuedConnection
        self._listed.connect(self._take_list, queued)
        self._told.connect(self._take_step, queued)
        self._ended.connect(self._take_end, queued)
        self._added.connect(self._take_added, queued)

    @property
    def shelf(self) -> Shelf:
        """What is known; empty until the first list has been made."""
        return self._shelf

    @property
    def transfers(self) -> tuple[Model, ...]:
        """The models for which something is under way."""
        return tuple(model for model in self._shelf.models if model.work is not None)

    @Slot()
    def refresh(self) -> None:
        """Look again which checkpoints are here."""
        self._lists.start(self._list)

    @Slot(str)
    def download(self, name: str) -> None:
        """Fetch a model, or go on with it."""
        self._begin(name, Job.DOWNLOAD, self._downloading)

    @Slot(str)
    def verify(self, name: str) -> None:
        """Read a checkpoint's files, and compare them with what they should be."""
        self._begin(name, Job.VERIFY, self._verifying)

    @Slot(str)
    def remove(self, name: str) -> None:
        """Delete a download, whole or not; forget an added folder, whose files stay."""
        self._begin(name, Job.REMOVE, self._removing)

    @Slot(str)
    def stop(self, name: str) -> None:
        """Stop what is under way for a model; what has come of a download stays."""
        if name in self._stops:
            self._stops[name].set()
            self._work[name] = replace(self._work[name], stopping=True)
            self._tell()

    @Slot(object)
    def add(self, folder: Path) -> None:
        """Make a folder with a checkpoint known where it lies."""
        self._lists.start(lambda: self._adding(folder))

    @Slot(str, object)
    def set_wording(self, name: str, wording: Wording) -> None:
        """Ask a checkpoint with other prompts from its next loading on."""
        self._lists.start(lambda: self._wording(name, wording))

    def close(self) -> None:
        """Stop every job, and wait for the workers."""
        self._over.set()
        for pool in (self._jobs, self._lists):
            pool.clear()
            pool.waitForDone()

    def _begin(self, name: str, job: Job, steps: Callable[[str, Stop], Iterator[Any]]) -> None:
        if name in self._work:
            return
        stop = self._stops[name] = Event()
        self._work[name] = Work(job)
        self._said.pop(name, None)
        self._tell()

        def stopped() -> bool:
            return stop.is_set() or self._over.is_set()

        self._jobs.start(lambda: self._do(name, lambda: steps(name, stopped)))

    # ── in the threads ───────────────────────────────────────────────────────────────────────────

    def _store(self) -> Store:
        from engine.checkpoints.store import Store

        return Store(self._root)

    def _catalogue(self) -> tuple[Entry, ...]:
        from engine.checkpoints.catalogue import catalogue

        return catalogue() if self._entries is None else self._entries

    def _list(self) -> None:
        store = self._store()
        try:
            models = models_of(self._catalogue(), store.checkpoints(), store.partials())
            there = next(each for each in (store.root, *store.root.parents) if each.is_dir())
            free = shutil.disk_usage(there).free
        except OSError as error:
            why = error.strerror or type(error).__name__
            text = self.tr("The folder of models cannot be read: {reason}.").format(reason=why)
            remedy = self.tr("Look at the disk and the rights of {folder}.").format(
                folder=store.root
            )
            self.noticed.emit(Notice(text, remedy, Severity.WARNING))
            models, free = models_of(self._catalogue(), (), ()), None
        self._listed.emit(Shelf(models, store.root, free, self._graphics(), has_model_libraries()))

    def _downloading(self, name: str, stop: Stop) -> Iterator[Any]:
        from engine.checkpoints.download import download

        entry = next(entry for entry in self._catalogue() if entry.name == name)
        return download(entry, self._store(), stop=stop, endpoint=self._endpoint)

    def _verifying(self, name: str, stop: Stop) -> Iterator[Any]:
        from engine.checkpoints.verify import verify

        return verify(self._store().find(name), stop=stop)

    def _removing(self, name: str, _stop: Stop) -> Iterator[Any]:
        self._store().remove(name)
        yield name

    def _wording(self, name: str, wording: Wording) -> None:
        try:
            self._store().set_wording(name, wording)
        except EngineError as error:
            self.noticed.emit(Notice(error.reason, error.remedy, Severity.WARNING))
        self._list()

    def _adding(self, folder: Path) -> None:
        try:
            self._added.emit(self._store().add(folder))
        except EngineError as error:
            self._added.emit(error)

    def _do(self, name: str, steps: Callable[[], Iterator[Any]]) -> None:
        """Take a job's steps; its last value, None for one that was stopped, or its error."""
        from engine.checkpoints.progress import Transfer

        last: Any = None
        try:
            for step in steps():
                if isinstance(step, Transfer):
                    self._told.emit(name, step)
                else:
                    last = step
        except EngineError as error:
            last = error
        except OSError as error:
            why = error.strerror or type(error).__name__
            reason = self.tr("{file} cannot be read or written ({reason}).").format(
                file=error.filename or name, reason=why
            )
            last = EngineError("disk", reason, self.tr("Look at the disk, then try again."))
        self._ended.emit(name, last)

    # ── in the window's thread ───────────────────────────────────────────────────────────────────

    @Slot(object)
    def _take_list(self, shelf: Shelf) -> None:
        self._shelf = shelf
        for name in self._done:
            del self._work[name], self._stops[name]
        self._done.clear()
        self._tell()

    @Slot(str, object)
    def _take_step(self, name: str, transfer: Transfer) -> None:
        if name in self._work:
            self._work[name] = replace(self._work[name], transfer=transfer)
            self._tell()

    @Slot(str, object)
    def _take_end(self, name: str, last: Any) -> None:
        job = self._work[name].job
        notice = self._words(name, job, last)
        if notice is not None:
            self._said[name] = notice
            if job is Job.DOWNLOAD or notice.severity is not Severity.INFO:
                self.noticed.emit(notice)
        self._done.add(name)  # at work until the list says what has become of it
        self.refresh()

    @Slot(object)
    def _take_added(self, last: Any) -> None:
        if isinstance(last, EngineError):
            self.noticed.emit(Notice(last.reason, last.remedy, Severity.WARNING))
        else:
            text = self.tr("{title} is known now. Its files stay where they are.")
            self._said[last.name] = Notice(text.format(title=last.title))
        self.refresh()

    def _tell(self) -> None:
        models = tuple(
            replace(model, work=self._work.get(model.name), said=self._said.get(model.name))
            for model in self._shelf.models
        )
        self._shelf = replace(self._shelf, models=models)
        self.changed.emit(self._shelf)

    def _words(self, name: str, job: Job, last: Any) -> Notice | None:
        title = next((m.title for m in self._shelf.models if m.name == name), name)
        if isinstance(last, EngineError):
            text = self._failure(job).format(title=title, reason=last.reason)
            return Notice(text, last.remedy, Severity.WARNING)
        if last is None or job is Job.REMOVE:
            return None  # stopped, or gone: the list says it
        if job is Job.DOWNLOAD:
            text = self.tr("{title} is downloaded and checked.").format(title=title)
            return Notice(text, self.tr("Choose it in the engine menu."))
        return self._verdict(title, last)

    def _failure(self, job: Job) -> str:
        return {
            Job.DOWNLOAD: self.tr("{title} could not be downloaded. {reason}"),
            Job.VERIFY: self.tr("{title} could not be checked. {reason}"),
            Job.REMOVE: self.tr("{title} could not be removed. {reason}"),
        }[job]

    def _verdict(self, title: str, verdict: Verdict) -> Notice:
        if verdict.problems:
            text = self.tr("{title} is damaged:").format(title=title)
            found = "\n".join(f"{p.file}: {p.reason} {p.remedy}" for p in verdict.problems)
            return Notice(f"{text}\n{found}", severity=Severity.WARNING)
        if verdict.by_bytes:
            text = self.tr("Every byte of its {count} files is as it was published.")
        else:
            text = self.tr(
                "Its {count} files of weights are whole, as far as they tell themselves."
            )
        return Notice(text.format(count=verdict.files))


def _pool(threads: int, parent: QObject) -> QThreadPool:
    pool = QThreadPool(parent)
    pool.setMaxThreadCount(threads)
    return pool
