"""The pointer's shape over the canvas."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt

from app.canvas.hit import Handle

_Shape = Qt.CursorShape

_SHAPES: Final = {
    Handle.LEFT: _Shape.SizeHorCursor,
    Handle.RIGHT: _Shape.SizeHorCursor,
    Handle.TOP: _Shape.SizeVerCursor,
    Handle.BOTTOM: _Shape.SizeVerCursor,
    Handle.TOP_LEFT: _Shape.SizeFDiagCursor,
    Handle.BOTTOM_RIGHT: _Shape.SizeFDiagCursor,
    Handle.TOP_RIGHT: _Shape.SizeBDiagCursor,
    Handle.BOTTOM_LEFT: _Shape.SizeBDiagCursor,
    Handle.INSIDE: _Shape.SizeAllCursor,
}


def cursor_for(handle: Handle | None) -> Qt.CursorShape:
    """The shape for what a press here would take; a cross where it would draw."""
    return _Shape.CrossCursor if handle is None else _SHAPES[handle]
