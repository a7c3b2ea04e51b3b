"""Sizes of text, as steps from the system's own font."""

from __future__ import annotations

from enum import Enum

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget


class Step(Enum):
    """How large a text is beside the system's font, and its weight."""

    DISPLAY = (1.7, QFont.Weight.DemiBold)
    TITLE = (1.15, QFont.Weight.DemiBold)
    STRONG = (1.0, QFont.Weight.DemiBold)
    BODY = (1.0, QFont.Weight.Normal)
    SMALL = (0.9, QFont.Weight.Normal)


def set_step(widget: QWidget, step: Step) -> None:
    """Give the widget's text its size."""
    factor, weight = step.value
    font = QFont(QApplication.font())
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * factor)
    else:
        font.setPixelSize(max(1, round(font.pixelSize() * factor)))
    font.setWeight(weight)
    widget.setFont(font)
