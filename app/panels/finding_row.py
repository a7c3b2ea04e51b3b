"""One finding or strength in the critique: its weight, its measurement, what to do about it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.panels.parts import Prose, button, set_tip
from app.panels.pointable import Pointable
from app.panels.texts import finding_title, severity_word, strength_title
from app.theme.apply import current_tokens, set_role
from app.theme.fonts import Step
from engine.vocabulary import Finding, FindingKind, Strength

_BARS = 3


class Mark(QWidget):
    """Three small bars, filled as far as a finding's severity goes; a tick for a strength."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._severity: float | None = None
        self.setFixedSize(20, 14)

    def show_severity(self, severity: float | None) -> None:
        """Show a finding's severity; None stands for a strength."""
        self._severity = severity
        word = self.tr("Good") if severity is None else severity_word(severity)
        self.setAccessibleName(word)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, severity = current_tokens(), self._severity
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if severity is None:
            painter.setPen(QPen(QColor(tokens.good), 1.6))
            painter.drawPolyline([QPointF(4, 8), QPointF(8, 12), QPointF(15, 3)])
            return
        filled = 1 + (severity >= 0.3) + (severity >= 0.6)
        full = QColor((tokens.muted, tokens.caution, tokens.bad)[filled - 1])
        painter.setPen(Qt.PenStyle.NoPen)
        for index in range(_BARS):
            height = 6 + 4 * index
            painter.setBrush(full if index < filled else QColor(tokens.line))
            painter.drawRoundedRect(index * 7, 14 - height, 5, height, 1.5, 1.5)


class Row(Pointable):
    """An observation that shows its evidence while it is pointed at or has the focus."""

    straighten_asked = Signal(object)
    """The Finding whose horizon to straighten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.observation: Finding | Strength | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_role(self, "row")
        self._mark = Mark()
        self._title = Prose("", Step.STRONG)
        self._measured = Prose("", Step.SMALL, "muted")
        self._straighten = button(
            self.tr("Straighten"), self.tr("Straighten the horizon"), role="small"
        )
        self._straighten.clicked.connect(self._ask_straighten)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._measured)
        words.addWidget(self._straighten, 0, Qt.AlignmentFlag.AlignLeft)
        across = QHBoxLayout(self)
        across.setContentsMargins(8, 6, 8, 6)
        across.setSpacing(8)
        across.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        across.addLayout(words, 1)

    def show_observation(self, observation: Finding | Strength | None) -> None:
        """Show a finding or a strength; None hides the row."""
        self.setVisible(observation is not None)
        if observation == self.observation:
            return
        self.observation = observation
        if isinstance(observation, Finding):
            self._show_finding(observation)
        elif observation is not None:
            self._show_strength(observation)

    def _show_finding(self, finding: Finding) -> None:
        title, weight = finding_title(finding.kind), severity_word(finding.severity)
        self._show(title, finding.measurement.text, finding.severity)
        self._straighten.setVisible(finding.kind is FindingKind.TILTED_HORIZON)
        self._mark.setToolTip(self.tr("How much it weighs: {word}").format(word=weight))
        self.setAccessibleName(
            self.tr("{title}, {weight}: {measurement}").format(
                title=title, weight=weight, measurement=finding.measurement.text
            )
        )
        self.setAccessibleDescription(f"{finding.taking} {finding.afterwards}".strip())
        parts = (
            (self.tr("Taking it:"), finding.taking),
            (self.tr("Afterwards:"), finding.afterwards),
        )
        set_tip(self, "\n".join(f"{label} {text}" for label, text in parts if text))

    def _show_strength(self, strength: Strength) -> None:
        title, measured = strength_title(strength.kind), strength.measurement.text
        self._show(title, measured, None)
        self._straighten.hide()
        self._mark.setToolTip("")
        self.setAccessibleName(
            self.tr("{title}: {measurement}").format(title=title, measurement=measured)
        )
        self.setAccessibleDescription("")
        set_tip(self, "")

    def _show(self, title: str, measured: str, severity: float | None) -> None:
        self._title.show_text(title)
        self._measured.show_text(measured)
        self._mark.show_severity(severity)

    def _ask_straighten(self) -> None:
        self.straighten_asked.emit(self.observation)
