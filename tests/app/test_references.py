"""PySide6 6.12.0 on CPython 3.11 lost a reference to True and None at every emit, and aborted after
about a thousand: the window's own signals must not."""

from __future__ import annotations

import sys
from pathlib import Path

from desk import desk
from pytestqt.qtbot import QtBot

EMITS = 2000
DRIFT = 100
"""Far less than one reference an emit; other code may come and go with a few."""


def test_signals_keep_true_and_none(qtbot: QtBot, tmp_path: Path) -> None:
    heard = []
    with desk(tmp_path) as controller:
        controller.history_changed.connect(lambda undo, redo: heard.append((undo, redo)))
        controller.session_changed.connect(heard.append)
        before = sys.getrefcount(True), sys.getrefcount(None)
        for _ in range(EMITS):
            controller.history_changed.emit(True, True)
            controller.session_changed.emit(None)
            heard.clear()
        after = sys.getrefcount(True), sys.getrefcount(None)
    drift = [abs(b - a) for a, b in zip(before, after, strict=True)]
    assert max(drift) < DRIFT, drift
