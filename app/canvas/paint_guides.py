"""The guides inside the current crop: thirds, golden section, diagonals, centre."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from app.domain.settings import Guide

_GOLDEN: Final = (5**0.5 - 1) / 2
_PENS: Final = (QPen(QColor(0, 0, 0, 60), 2.5), QPen(QColor(255, 255, 255, 120), 1.0))

_LINES: Final[dict[Guide, tuple[tuple[float, float, float, float], ...]]] = {
    Guide.NONE: (),
    Guide.THIRDS: tuple(
        line for at in (1 / 3, 2 / 3) for line in ((at, 0.0, at, 1.0), (0.0, at, 1.0, at))
    ),
    Guide.GOLDEN: tuple(
        line for at in (1 - _GOLDEN, _GOLDEN) for line in ((at, 0.0, at, 1.0), (0.0, at, 1.0, at))
    ),
    Guide.DIAGONALS: ((0.0, 0.0, 1.0, 1.0), (0.0, 1.0, 1.0, 0.0)),
    Guide.CENTRE: ((0.5, 0.0, 0.5, 1.0), (0.0, 0.5, 1.0, 0.5)),
}


def guide_lines(guide: Guide, rect: QRectF) -> list[QLineF]:
    """The guide's lines in a rectangle; the upright ones on the middle of a screen pixel."""
    return [
        QLineF(
            _placed(rect.left(), rect.width(), x1, upright=x1 == x2),
            _placed(rect.top(), rect.height(), y1, upright=y1 == y2),
            _placed(rect.left(), rect.width(), x2, upright=x1 == x2),
            _placed(rect.top(), rect.height(), y2, upright=y1 == y2),
        )
        for x1, y1, x2, y2 in _LINES[guide]
    ]


def _placed(start: float, length: float, at: float, *, upright: bool) -> float:
    value = start + at * length
    return round(value - 0.5) + 0.5 if upright else value


def paint_guides(painter: QPainter, guide: Guide, rect: QRectF) -> None:
    """The guide's lines, light with a soft dark halo, cut off at the rectangle."""
    lines = guide_lines(guide, rect)
    if not lines:
        return
    painter.save()
    painter.setClipRect(rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in _PENS:
        painter.setPen(pen)
        painter.drawLines(lines)
    painter.restore()
