"""The page before a photo is open: recent photos, Open, the sample photo."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.panels.flow import FlowLayout
from app.panels.model_offer import ModelOffer
from app.panels.parts import Prose, button, set_tip
from app.panels.scroll import ColumnScroll
from app.panels.thumbnails import Thumbnails
from app.theme.apply import keep_room, set_role
from app.theme.fonts import Step
from resources.samples import RACCOON

MOST_RECENT = 12
_PICTURE = QSize(160, 112)
_WIDTH = 800


class StartPage(ColumnScroll):
    """Says what can be done first, and shows the photos that were open before."""

    opened = Signal(object)
    """The Path of a recent photo, or of the sample."""
    open_asked = Signal()
    open_folder_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        page = QWidget()
        super().__init__(page, parent)
        self._tiles: dict[Path, QToolButton] = {}
        self._thumbnails = Thumbnails(self)
        self._thumbnails.ready.connect(self._take_thumbnail)
        self.offer = ModelOffer()
        self._recent_title = Prose(self.tr("Recent photos"), Step.TITLE)
        self._grid_holder = QWidget()
        self._grid = FlowLayout(self._grid_holder, spacing=8)
        self._fill(page)
        self._recent_title.hide()

    def show_recent(self, recent: tuple[Path, ...]) -> None:
        """Show the photos that were open before, newest first."""
        shown = recent[:MOST_RECENT]
        if tuple(self._tiles) == shown:
            return
        for tile in self._tiles.values():
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self._tiles = {photo: self._tile(photo) for photo in shown}
        self._recent_title.setVisible(bool(shown))
        self._grid_holder.setVisible(bool(shown))
        for photo in shown:
            self._thumbnails.read(photo)

    def close_workers(self) -> None:
        """End the threads that read thumbnails."""
        self._thumbnails.close()

    def _fill(self, page: QWidget) -> None:
        open_photo = button(self.tr("Open a photo…"), role="primary")
        open_folder = button(self.tr("Open a folder…"))
        open_photo.clicked.connect(self.open_asked)
        open_folder.clicked.connect(self.open_folder_asked)
        self.setFocusProxy(open_photo)
        buttons = FlowLayout(spacing=8)
        buttons.addWidget(open_photo)
        buttons.addWidget(open_folder)
        try_sample = button(self.tr("Try the sample photo"))
        try_sample.clicked.connect(partial(self.opened.emit, RACCOON))
        buttons.addWidget(try_sample)
        column = QWidget()
        column.setMaximumWidth(_WIDTH)
        column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(32, 48, 32, 32)
        layout.setSpacing(12)
        layout.addWidget(Prose(self.tr("Look at a photo with Venus"), Step.DISPLAY))
        layout.addWidget(
            Prose(
                self.tr(
                    "Open a photo, or drop one anywhere in this window. You get a first "
                    "impression, what works and what does not, what to do at the next shot, and "
                    "a few crops, each with its reason. Nothing leaves this computer unless you "
                    "connect to a server, and the photo itself is never changed."
                ),
                role="muted",
            )
        )
        layout.addSpacing(8)
        layout.addLayout(buttons)
        layout.addSpacing(24)
        layout.addWidget(self._recent_title)
        layout.addWidget(self._grid_holder)
        layout.addSpacing(12)
        layout.addWidget(self.offer)
        layout.addStretch(1)
        set_role(page, "panel")
        keep_room(page)
        across = QHBoxLayout(page)
        across.setContentsMargins(0, 0, 0, 0)
        across.addStretch(1)
        across.addWidget(column, 1000)
        across.addStretch(1)

    def _tile(self, photo: Path) -> QToolButton:
        tile = QToolButton()
        set_role(tile, "tile")
        tile.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        tile.setIconSize(_PICTURE)
        tile.setFixedSize(_PICTURE.width() + 16, _PICTURE.height() + 48)
        metrics = tile.fontMetrics()
        name = metrics.elidedText(photo.name, Qt.TextElideMode.ElideMiddle, _PICTURE.width())
        tile.setText(name.replace("&", "&&"))
        set_tip(tile, str(photo))
        tile.setAccessibleName(self.tr("Open {name}").format(name=photo.name))
        tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        tile.clicked.connect(partial(self.opened.emit, photo))
        self._grid.addWidget(tile)
        return tile

    def _take_thumbnail(self, photo: Path, image: QImage) -> None:
        tile = self._tiles.get(photo)
        if tile is None:
            return
        if image.isNull():
            tile.setEnabled(False)
            set_tip(tile, self.tr("{path} cannot be read any more.").format(path=photo))
            return
        scale = self.devicePixelRatioF()
        picture = QPixmap.fromImage(image).scaled(
            _PICTURE * scale,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        picture.setDevicePixelRatio(scale)
        tile.setIcon(picture)
