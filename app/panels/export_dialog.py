"""Asks what to export the current crop as, under which name, into which folder."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.files.export import ExportFormat, suggested_name
from app.panels.crop_preview import CropPreview
from app.panels.parts import Prose, button, line_of_text
from app.panels.texts import angle_text, ratio_text, size_text
from app.services.picture import Picture
from app.theme.fonts import Step
from engine.vocabulary import Crop, Size

PREVIEW = QSize(160, 120)
WIDTH = 560
ENDINGS: Final = {
    ExportFormat.JPEG: (".jpg", ".jpeg"),
    ExportFormat.PNG: (".png",),
    ExportFormat.TIFF: (".tif", ".tiff"),
}
"""Of the formats that can be written; any other dot belongs to the name."""


class ExportDialog(QDialog):
    """Suggests a free name in the photo's folder, and never lets a file be replaced."""

    export_asked = Signal(object, object)
    """The Path of a new file, and its ExportFormat."""

    def __init__(
        self,
        photo: Path,
        size: Size,
        crop: Crop,
        picture: Picture | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._photo, self._size, self._crop = photo, size, crop
        self.setWindowTitle(self.tr("Export crop"))
        self._preview = CropPreview(PREVIEW)
        self._preview.show_picture(picture)
        self._preview.show_crop(crop)
        self._format = QComboBox()
        self._format.setAccessibleName(self.tr("Format"))
        self._format.view().setAccessibleName(self.tr("Formats"))
        for format, words in self._formats():
            self._format.addItem(words, format)
        self._name = QLineEdit()
        self._name.setAccessibleName(self.tr("File name"))
        self._suggested = ""
        self._folder_line = QLineEdit(str(photo.parent))
        self._folder_line.setAccessibleName(self.tr("Folder"))
        self._browse = button(self.tr("Choose…"), self.tr("Choose the folder"))
        self._trouble = Prose("", Step.SMALL, "bad")
        self._cancel = button(self.tr("Cancel"))
        self._export = button(self.tr("Export"), role="primary")
        self._export.setDefault(True)
        self._format.currentIndexChanged.connect(self._suggest)
        self._name.textChanged.connect(self._check)
        self._folder_line.textChanged.connect(self._check)
        self._browse.clicked.connect(self._choose_folder)
        self._cancel.clicked.connect(self.reject)
        self._export.clicked.connect(self._send)
        self._arrange()
        self._suggest()
        self.resize(WIDTH, self.heightForWidth(WIDTH))

    @property
    def target(self) -> Path:
        """The file that would be written: a name that ends otherwise gets the format's ending."""
        name = self._name.text().strip()
        if Path(name).suffix.lower() in ENDINGS[self.format]:
            return self.folder / name
        return self.folder / (_bare(name) + self.format.suffix)

    @property
    def folder(self) -> Path:
        """Where it would be written."""
        return Path(self._folder_line.text()).expanduser()

    @property
    def format(self) -> ExportFormat:
        return ExportFormat(self._format.currentData())

    def _formats(self) -> tuple[tuple[ExportFormat, str], ...]:
        return (
            (ExportFormat.JPEG, self.tr("JPEG, small and readable everywhere")),
            (ExportFormat.PNG, self.tr("PNG, without loss")),
            (ExportFormat.TIFF, self.tr("TIFF, without loss, for further work")),
        )

    def _suggest(self) -> None:
        """A free name; one that the photographer has written stays, with the format's ending."""
        own = self._name.text().strip()
        if own and own != self._suggested:
            self._name.setText(_bare(own) + self.format.suffix)
        else:
            self._suggested = suggested_name(
                self._photo, self._crop, self.folder, self.format, size=self._size
            )
            self._name.setText(self._suggested)
        self._check()

    def _check(self) -> None:
        try:
            trouble = self._trouble_text()
        except (OSError, RuntimeError):  # too long for the file system; the home of nobody
            trouble = self.tr("This name or this folder cannot be used.")
        self._trouble.show_text(trouble)
        self._export.setEnabled(not trouble)

    def _trouble_text(self) -> str:
        name, folder = self._name.text().strip(), self.folder
        if not name:
            return self.tr("The file needs a name.")
        if Path(name).name != name or name == "..":
            return self.tr("A name cannot hold a slash; choose the folder below.")
        if not folder.is_dir():
            return self.tr("There is no folder {folder}.").format(folder=folder)
        if self.target.exists():
            return self.tr("{name} exists already and will not be replaced.").format(
                name=self.target.name
            )
        return ""

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("Folder for the export"), self._folder_line.text()
        )
        if chosen:
            self._folder_line.setText(chosen)
            self._suggest()

    def _send(self) -> None:
        self._check()
        if self._export.isEnabled():
            self.export_asked.emit(self.target, self.format)
            self.accept()

    def _arrange(self) -> None:
        facts = (
            size_text(self._crop, self._size),
            ratio_text(self._crop, self._size),
            angle_text(self._crop.angle),
        )
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(Prose(self._photo.name, Step.TITLE))
        words.addWidget(Prose(" · ".join(fact for fact in facts if fact), role="muted"))
        words.addWidget(
            Prose(
                self.tr(
                    "Full resolution, with the photo's own colours and camera data. "
                    "The original is not touched."
                ),
                Step.SMALL,
                "muted",
            )
        )
        words.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._preview, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        fields = (
            (self.tr("Format"), self._format),
            (self.tr("Name"), self._name),
            (self.tr("Folder"), self._folder_line),
        )
        for row, (title, field) in enumerate(fields):
            label = line_of_text(title)
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1, 1, 1 if field is self._folder_line else 2)
        grid.addWidget(self._browse, 2, 2)
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addStretch(1)
        ends.addWidget(self._cancel)
        ends.addWidget(self._export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(head)
        layout.addLayout(grid)
        layout.addWidget(self._trouble)
        layout.addLayout(ends)


def _bare(name: str) -> str:
    """The name without a picture's ending."""
    path = Path(name)
    return path.stem if path.suffix.lower() in chain(*ENDINGS.values()) else name
