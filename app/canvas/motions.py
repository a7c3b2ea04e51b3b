"""Wheel, touchpad and pinch as what they mean for the view: a zoom about a place, or a pan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from engine.geometry import Point

STEP: Final = 1.25
"""How much one notch of the wheel, or one key press, zooms."""

_NOTCH: Final = 120
_LEAST_FACTOR: Final = 0.1


@dataclass(frozen=True, slots=True)
class Zoom:
    """The scale times `factor`, about a place of the view."""

    factor: float
    at: Point


@dataclass(frozen=True, slots=True)
class Pan:
    """The photo moved by logical pixels."""

    dx: float
    dy: float


def of_wheel(event: QWheelEvent) -> Zoom | Pan | None:
    """A wheel zooms at the pointer; a touchpad pans, and zooms with Ctrl."""
    turn, slide = event.angleDelta(), event.pixelDelta()
    if _from_touchpad(event) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        moved = turn if slide.isNull() else slide
        return Pan(moved.x(), moved.y())
    if turn.y():
        return Zoom(STEP ** (turn.y() / _NOTCH), place(event.position()))
    return Pan(turn.x(), 0.0) if turn.x() else None


def _from_touchpad(event: QWheelEvent) -> bool:
    """By the phases of a gesture, or by the device where the platform has no phases (X11)."""
    if event.phase() != Qt.ScrollPhase.NoScrollPhase:
        return True
    device = event.device()
    return device is not None and device.type() == QInputDevice.DeviceType.TouchPad


def of_pinch(event: QEvent, view: QWidget) -> Zoom | None:
    """Two fingers on a touchpad or on the screen; None for any other event."""
    if isinstance(event, QNativeGestureEvent):
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return None
        return Zoom(max(1 + event.value(), _LEAST_FACTOR), place(event.position()))
    if isinstance(event, QGestureEvent):
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if isinstance(pinch, QPinchGesture):
            at = view.mapFromGlobal(pinch.centerPoint())
            return Zoom(max(pinch.scaleFactor(), _LEAST_FACTOR), place(at))
    return None


def place(point: QPointF) -> Point:
    """A position of an event as a plain pair."""
    return point.x(), point.y()
