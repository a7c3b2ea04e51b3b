"""The small pieces that panels are made of: texts, headings, rules, buttons."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.theme.apply import set_role
from app.theme.fonts import Step, set_step


def announce(widget: QWidget, text: str) -> None:
    """Have a screen reader say what nobody's focus is on."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


class Prose(QLabel):
    """Wrapped text that can be marked and copied. Plain text: it never obeys marks in it."""

    def __init__(self, text: str = "", step: Step = Step.BODY, role: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(40)
        set_step(self, step)
        if role:
            set_role(self, role)

    def show_text(self, text: str) -> None:
        """Show `text`, or nothing at all where there is none."""
        if text != self.text():
            self.setText(text)
        if self.isHidden() == bool(text):
            self.setVisible(bool(text))


class Paragraphs(QWidget):
    """Text of several lines as paragraphs with room between them; it may grow at its end."""

    def __init__(self) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._lines: list[Prose] = []

    def text(self) -> str:
        return "\n".join(line.text() for line in self._lines if not line.isHidden())

    def show_text(self, text: str) -> None:
        """Show `text`, or nothing at all where there is none."""
        lines = [line for line in text.splitlines() if line.strip()]
        while len(self._lines) < len(lines):
            self._lines.append(Prose())
            self._layout.addWidget(self._lines[-1])
        for number, prose in enumerate(self._lines):
            prose.show_text(lines[number] if number < len(lines) else "")
        if self.isHidden() == bool(lines):
            self.setVisible(bool(lines))


class CalmChoice(QComboBox):
    """A choice inside a scroll area: the wheel scrolls the area and changes nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def line_of_text(text: str = "", step: Step = Step.BODY, role: str = "") -> QLabel:
    """A label for one line of our own."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_step(label, step)
    if role:
        set_role(label, role)
    return label


def set_tip(widget: QWidget, text: str) -> None:
    """Give a widget a tool tip that wraps and, like Prose, obeys no marks in the text."""
    widget.setToolTip(f"<p style='white-space: pre-wrap'>{escape(text)}</p>" if text else "")


def rule(*, upright: bool = False) -> QFrame:
    """A thin line that parts two areas."""
    line = QFrame()
    set_role(line, "rule")
    if upright:
        line.setFixedSize(1, 20)
    else:
        line.setFixedHeight(1)
    return line


def button(text: str, name: str = "", *, role: str = "", parent: QWidget | None = None):
    """A push button; `name` is what a screen reader says where `text` alone would not do."""
    result = QPushButton(text, parent)
    result.setAccessibleName(name or text)
    result.setAutoDefault(False)
    result.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    if role:
        set_role(result, role)
    return result
