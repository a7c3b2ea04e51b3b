"""Line icons in the colours of the theme: SVG files whose `currentColor` is filled in here."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QToolButton, QWidget

SIDE = 20
_SCALES = (1, 2, 3)


def icon(name: str, palette: QPalette) -> QIcon:
    """The icon `resources/icons/NAME.svg` in the palette's button text colour."""
    group = QPalette.ColorGroup
    role = QPalette.ColorRole.ButtonText
    return _icon(
        name, palette.color(group.Active, role).name(), palette.color(group.Disabled, role).name()
    )


@lru_cache(maxsize=256)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    result = QIcon()
    for scale in _SCALES:
        result.addPixmap(pixmap(name, colour, SIDE, scale), QIcon.Mode.Normal)
        result.addPixmap(pixmap(name, disabled, SIDE, scale), QIcon.Mode.Disabled)
    return result


def pixmap(name: str, colour: str, side: int, scale: float = 1) -> QPixmap:
    """The icon as `side` × `side` logical pixels at `scale` device pixels each."""
    text = (files("resources") / "icons" / f"{name}.svg").read_text("utf-8")
    drawing = QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))
    result = QPixmap(round(side * scale), round(side * scale))
    result.setDevicePixelRatio(scale)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    drawing.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return result


class IconButton(QToolButton):
    """A tool button with one of our icons, which follows the theme."""

    def __init__(self, name: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setIconSize(QSize(SIDE, SIDE))
        self.setText(label)
        self.setToolTip(label)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._draw()

    def show_icon(self, name: str) -> None:
        """Another icon from now on."""
        self._name = name
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange):
            self._draw()

    def _draw(self) -> None:
        self.setIcon(icon(self._name, self.palette()))
