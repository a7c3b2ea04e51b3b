"""Words for tests of the whole window: what it shows, what is pressed."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QLabel,
    QWidget,
)

from app.domain.session import Session
from app.services.session_controller import SessionController
from app.window import MainWindow
from engine.vocabulary import Crop, Finding, FindingKind, Line, Measurement, Where

NONE = Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier


def critiqued(controller: SessionController) -> bool:
    return controller.session is not None and not controller.session.unfinished


def tilted(controller: SessionController) -> Session:
    """The session with a finding that can be straightened."""
    assert controller.session is not None
    tilt = Finding(
        FindingKind.TILTED_HORIZON,
        0.5,
        Where(line=Line(0, 0.5, 1, 0.55)),
        Measurement(2.4, "deg", "leans 2.4° clockwise"),
        "Hold it level.",
        "Turn it back.",
    )
    critique = replace(controller.session.critique, findings=(tilt,))
    return replace(controller.session, critique=critique)


def current(controller: SessionController) -> Crop:
    assert controller.session is not None
    crop = controller.session.framing.current_crop
    assert crop is not None
    return crop


def shows(widget: QWidget, words: str) -> bool:
    return any(words in label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def name_of(controller: SessionController) -> str:
    return "" if controller.session is None else controller.session.photo.name


def press_shortcut(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.focusWidget() or window, key, modifier)
