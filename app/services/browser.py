"""Goes through photos and folders: which photo is wanted, and its picture once it is read."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.files.errors import FolderError
from app.files.folder import photos_in
from app.services.album import Album
from app.services.image_loader import ImageLoader
from app.services.picture import PhotoFailure, Picture
from app.services.status import Notice, Place, Severity


class Browser(QObject):
    """One photo is wanted at a time; pictures of others that still arrive are dropped."""

    leaving = Signal()
    """The photo that was wanted no longer is."""

    pictured = Signal(object)
    """Picture of the wanted photo: a screen-sized one first, then the whole."""

    failed = Signal()
    """The wanted photo has no picture; a notice says why."""

    place_changed = Signal(object)
    """Place | None: where in its folder the wanted photo is."""

    noticed = Signal(object)
    """Notice: a photo cannot be shown, a folder cannot be listed."""

    def __init__(self, loader: ImageLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self._album = Album()
        loader.loaded.connect(self._take_picture)
        loader.failed.connect(self._take_failure)

    @property
    def place(self) -> Place | None:
        """Where the wanted photo stands in its folder."""
        return self._album.place

    def open_path(self, path: Path) -> None:
        """Show a photo, or the first photo of a folder."""
        path = path.absolute()
        if not path.is_dir():
            self._album = Album(self._listed(path.parent, quiet=True))
            self._show(path)
        elif photos := self._listed(path, quiet=False):
            self._album = Album(photos)
            self._show(photos[0])

    def step(self, by: int) -> None:
        """Show the photo `by` places further, if there is one."""
        if (photo := self._album.beside(by)) is not None:
            self._show(photo)

    def leave(self) -> None:
        """Want no photo any more."""
        self.leaving.emit()
        self._loader.cancel()
        self._album = Album()
        self.place_changed.emit(None)

    def look_ahead(self) -> None:
        """Have the neighbours' previews ready: the machine has nothing better to do now."""
        self._loader.prefetch([p for by in (1, -1) if (p := self._album.beside(by)) is not None])

    def close(self) -> None:
        """Wait for the threads."""
        self._loader.close()

    def _show(self, photo: Path) -> None:
        self.leaving.emit()
        self._album = self._album.wanting(photo)
        self._loader.load(photo)
        self.place_changed.emit(self.place)

    def _listed(self, folder: Path, *, quiet: bool) -> tuple[Path, ...]:
        try:
            photos = photos_in(folder)
        except FolderError as error:
            if not quiet:  # a photo may be readable in a folder that cannot be listed
                self.noticed.emit(Notice(error.reason, error.remedy, Severity.ERROR))
            return ()
        if not photos and not quiet:
            text = self.tr("There are no photos in the folder {folder}.").format(folder=folder.name)
            remedy = self.tr("Open a folder that holds photos, or a single photo.")
            self.noticed.emit(Notice(text, remedy, Severity.ERROR))
        return photos

    @Slot(object)
    def _take_picture(self, picture: Picture) -> None:
        if picture.photo == self._album.wanted:
            self.pictured.emit(picture)

    @Slot(object)
    def _take_failure(self, failure: PhotoFailure) -> None:
        if failure.photo != self._album.wanted:
            return
        self.failed.emit()
        text = self.tr("{name} cannot be shown. {reason}").format(
            name=failure.photo.name, reason=failure.reason
        )
        self.noticed.emit(Notice(text, failure.remedy, Severity.ERROR))
