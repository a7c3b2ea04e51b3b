"""The stylesheet: what a palette cannot say. One template, filled from the tokens.

A widget says what it is by the property `role` (`app.theme.apply.set_role`).
"""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files
from string import Template
from typing import Final

from app.theme.tokens import Tokens


def stylesheet(tokens: Tokens) -> str:
    """The whole application's stylesheet in these colours."""
    marks = {name: (files("resources") / "icons" / f"{name}.svg") for name in _MARKS}
    paths = {name: str(path).replace("\\", "/") for name, path in marks.items()}
    return _TEMPLATE.substitute(asdict(tokens), **paths)


# Arrows and the tick are named by their file, so they cannot take a token: one grey serves both.
_MARKS: Final = ("mark_up", "mark_down", "tick")


_TEMPLATE: Final = Template("""
QToolTip { color: $text; background: $raised; border: 1px solid $line; padding: 4px 6px; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }

QMenuBar { background: $window; padding: 0 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 26px; border-radius: 4px; }
QMenu::item:selected { background: $pressed; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::indicator { width: 12px; height: 12px; left: 6px; }
QMenu::indicator:checked { image: url("$tick"); }

QWidget[role="bar"] { background: $window; border-bottom: 1px solid $line; }
QWidget[role="foot"] { background: $window; border-top: 1px solid $line; }
QWidget[role="panel"], QScrollArea[role="panel"] { background: $panel; border: none; }
QWidget[role="surround"] { background: $surround; }
QFrame[role="rule"] { background: $line; border: none; }
QFrame[role="card"], QFrame[role="answer"] {
    background: $raised; border: 1px solid $line; border-radius: 8px;
}
QFrame[role="card-current"] {
    background: $raised; border: 1px solid $accent; border-radius: 8px;
}
QFrame[role="card"]:hover, QFrame[role="card-current"]:hover { background: $hover; }
QFrame[role="card"]:focus, QFrame[role="card-current"]:focus { border: 2px solid $focus; }
QFrame[role="row"] { border: 1px solid transparent; border-radius: 6px; }
QFrame[role="row"]:hover { background: $hover; }
QFrame[role="row"]:focus { border: 2px solid $focus; }
QFrame[role="notice"], QFrame[role="notice-caution"], QFrame[role="notice-bad"],
QFrame[role="notice-good"] {
    background: $raised; border: none; border-bottom: 1px solid $line;
}
QFrame[role="notice"] { border-left: 4px solid $outline; }
QFrame[role="notice-caution"] { border-left: 4px solid $caution; }
QFrame[role="notice-bad"] { border-left: 4px solid $bad; }
QFrame[role="notice-good"] { border-left: 4px solid $good; }

QLabel[role="muted"] { color: $muted; }
QLabel[role="section"] { color: $text; }
QLabel[role="accent"] { color: $accent; }
QLabel[role="good"] { color: $good; }
QLabel[role="caution"] { color: $caution; }
QLabel[role="bad"] { color: $bad; }
QLabel:focus { background: $hover; border-radius: 4px; }

QPushButton, QToolButton {
    color: $text; background: transparent; border: 1px solid transparent;
    border-radius: 6px; padding: 4px 8px;
}
QPushButton { background: $raised; border-color: $outline; padding: 5px 12px; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed, QToolButton:open { background: $pressed; }
QPushButton:focus, QToolButton:focus { border: 2px solid $focus; padding: 3px 7px; }
QPushButton:focus { padding: 4px 11px; }
QPushButton:disabled { color: $disabled; border-color: $line; background: transparent; }
QToolButton:disabled { color: $disabled; }
QPushButton[role="primary"] {
    color: $on_accent; background: $accent; border-color: $accent;
}
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { color: $disabled; background: $hover; border-color: $line; }
QPushButton[role="small"] { padding: 2px 8px; }
QPushButton[role="small"]:focus { padding: 1px 7px; }
QPushButton[role="foot"] { padding: 1px 8px; border-color: $line; }
QPushButton[role="foot"]:focus { padding: 0 7px; border-color: $focus; }
QToolButton:checked { background: $pressed; border-color: $outline; }
QToolButton:checked:focus { border-color: $focus; }
QToolButton::menu-indicator { image: none; }
QToolButton[role="anchor"] { color: $muted; padding: 6px 8px; border-radius: 4px; }
QToolButton[role="anchor"]:checked {
    color: $text; background: transparent; border: none; border-bottom: 2px solid $accent;
    border-radius: 0;
}
QToolButton[role="anchor"]:focus { border: 2px solid $focus; border-radius: 4px; }
QToolButton[role="tile"] { padding: 8px; border-radius: 8px; }
QToolButton[role="tile"]:focus { padding: 7px; }

QLineEdit, QComboBox, QDoubleSpinBox, QPlainTextEdit {
    color: $text; background: $field; border: 1px solid $outline; border-radius: 6px;
    padding: 4px 8px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:focus, QComboBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus {
    border: 2px solid $focus; padding: 3px 7px;
}
QLineEdit:disabled, QComboBox:disabled, QDoubleSpinBox:disabled {
    color: $disabled; border-color: $line; background: transparent;
}
QComboBox { padding-right: 24px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$mark_down"); width: 12px; height: 11px; }
QDoubleSpinBox { padding-right: 22px; }
QDoubleSpinBox:focus { padding-right: 21px; }
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
    subcontrol-origin: border; width: 20px; border: none; background: transparent;
}
QDoubleSpinBox::up-button { subcontrol-position: top right; }
QDoubleSpinBox::down-button { subcontrol-position: bottom right; }
QDoubleSpinBox::up-button:hover, QDoubleSpinBox::down-button:hover { background: $hover; }
QDoubleSpinBox::up-arrow { image: url("$mark_up"); width: 10px; height: 9px; }
QDoubleSpinBox::down-arrow { image: url("$mark_down"); width: 10px; height: 9px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar::handle:vertical {
    background: $disabled; border-radius: 4px; min-height: 32px; margin: 2px;
}
QScrollBar::handle:vertical:hover { background: $outline; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle:horizontal {
    background: $disabled; border-radius: 4px; min-width: 32px; margin: 2px;
}
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSplitter::handle { background: $line; }
QSplitter::handle:hover { background: $outline; }
QProgressBar { background: $field; border: 1px solid $line; border-radius: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
""")
