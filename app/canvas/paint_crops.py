"""The crops' marks: the current one's frame and handles, the others' ticks and numbers, labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from engine.geometry import Point

LIGHT: Final = QColor(255, 255, 255, 245)
QUIET: Final = QColor(255, 255, 255, 190)
HALO: Final = QColor(0, 0, 0, 110)
_FAINT: Final = QColor(255, 255, 255, 90)
_FAINT_HALO: Final = QColor(0, 0, 0, 70)
_PILL: Final = QColor(18, 18, 18, 190)
_ARM: Final = 18.0
_THICK: Final = 3.0
_ROOM: Final = 5.5 * _ARM
"""The side of a crop from which on its edges have bars between those of the corners."""
_TICK: Final = 14.0
_GAP: Final = 10.0


def label_font(size: float, *, bold: bool = False) -> QFont:
    """The canvas's font at `size` pixels, its figures of one width so that a label stands still."""
    font = QFont()
    font.setPixelSize(round(size))
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def paint_frame(painter: QPainter, rect: QRectF, *, handles: bool) -> None:
    """A thin light line around the crop with a dark halo on both sides, and its handles."""
    _strips(painter, rect, -2, 4, HALO)
    _strips(painter, rect, -1, 1, LIGHT)
    if not handles:
        return
    bars = (*_corner_bars(rect), *_edge_bars(rect))
    for bar in bars:
        painter.fillRect(bar.adjusted(-1, -1, 1, 1), HALO)
    for bar in bars:
        painter.fillRect(bar, LIGHT)


def _strips(painter: QPainter, rect: QRectF, offset: float, width: float, colour: QColor) -> None:
    """A frame of `width` that starts `-offset` outside the rectangle; no corner is drawn twice."""
    outer = rect.adjusted(offset, offset, -offset, -offset)
    painter.fillRect(QRectF(outer.left(), outer.top(), outer.width(), width), colour)
    painter.fillRect(QRectF(outer.left(), outer.bottom() - width, outer.width(), width), colour)
    inner = outer.height() - 2 * width
    painter.fillRect(QRectF(outer.left(), outer.top() + width, width, inner), colour)
    painter.fillRect(QRectF(outer.right() - width, outer.top() + width, width, inner), colour)


def _corner_bars(rect: QRectF) -> list[QRectF]:
    """Two bars a corner, just outside the frame, so that they hide nothing of the crop."""
    bars = []
    across, down = min(_ARM, rect.width() / 3), min(_ARM, rect.height() / 3)
    for right in (False, True):
        for low in (False, True):
            x = rect.right() if right else rect.left() - _THICK
            y = rect.bottom() if low else rect.top() - _THICK
            start_x = rect.right() - across if right else rect.left() - _THICK
            start_y = rect.bottom() - down if low else rect.top()
            bars.append(QRectF(start_x, y, across + _THICK, _THICK))
            bars.append(QRectF(x, start_y, _THICK, down))
    return bars


def _edge_bars(rect: QRectF) -> list[QRectF]:
    bars = []
    if rect.width() >= _ROOM:
        x = rect.center().x() - _ARM / 2
        bars += [QRectF(x, y, _ARM, _THICK) for y in (rect.top() - _THICK, rect.bottom())]
    if rect.height() >= _ROOM:
        y = rect.center().y() - _ARM / 2
        bars += [QRectF(x, y, _THICK, _ARM) for x in (rect.left() - _THICK, rect.right())]
    return bars


def paint_ticks(
    painter: QPainter, corners: Sequence[Point], number: int, *, whole: bool, hovered: bool
) -> None:
    """A quiet crop: ticks at its corners and its number; `whole` adds its outline, faintly."""
    points = [QPointF(*corner) for corner in corners]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if whole or hovered:
        sides = [QLineF(points[i - 1], points[i]) for i in range(4)]
        edge = LIGHT if hovered else _FAINT
        for pen in (QPen(_FAINT_HALO, 3.0), QPen(edge, 1.0)):
            painter.setPen(pen)
            painter.drawLines(sides)
    ticks = [_tick(points[i], points[i - step]) for i in range(4) for step in (1, 3)]
    for pen in (QPen(HALO, 4.0), QPen(LIGHT if hovered else QUIET, 2.0)):
        painter.setPen(pen)
        painter.drawLines(ticks)
    painter.restore()
    _paint_number(painter, points[0], number)


def _tick(corner: QPointF, end: QPointF) -> QLineF:
    """A short line from a corner along a side. Single lines paint much faster than polygons."""
    side = QLineF(corner, end)
    side.setLength(min(_TICK, side.length() / 3))
    return side


def _paint_number(painter: QPainter, corner: QPointF, number: int) -> None:
    badge = QRectF(corner.x() + 5, corner.y() + 5, 18, 18)
    _pill(painter, badge, 9, str(number), label_font(11, bold=True), QUIET)


def paint_focus(painter: QPainter, view: QRectF, colour: QColor) -> None:
    """The frame that says that the keys go to the canvas."""
    _strips(painter, view, 0, 2, colour)


def paint_label(
    painter: QPainter, text: str, rect: QRectF, view: QRectF, *, avoid: float = _THICK
) -> None:
    """A label under the rectangle's middle; inside its lower edge where there is no room below."""
    font = label_font(12)
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 18, metrics.height() + 8
    x = rect.center().x() - width / 2
    y = rect.bottom() + avoid + _GAP
    if y + height > view.bottom() - 4:
        y = min(rect.bottom(), view.bottom()) - height - _GAP
    x = min(max(x, view.left() + 4), view.right() - width - 4)
    y = max(y, view.top() + 4)
    _pill(painter, QRectF(round(x), round(y), width, height), height / 2, text, font, LIGHT)


def _pill(
    painter: QPainter, rect: QRectF, radius: float, text: str, font: QFont, colour: QColor
) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PILL)
    painter.drawRoundedRect(rect, radius, radius)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
