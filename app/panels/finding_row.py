"""One finding or strength in the critique: its weight, its measurement, what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.parts import Prose, button, set_tip
from app.panels.pointable import Pointable
from app.panels.texts import finding_title, severity_word, strength_title
from app.theme.apply import current_tokens, set_role
from app.theme.fonts import Step
from engine.vocabulary import Finding, FindingKind, Strength

_BARS = 3


class Weight(QWidget):
    """Three small bars, filled as far as the severity goes."""

    def __init__(self, severity: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filled = 1 + (severity >= 0.3) + (severity >= 0.6)
        self.setFixedSize(20, 14)
        self.setAccessibleName(severity_word(severity))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = current_tokens()
        full = QColor((tokens.muted, tokens.caution, tokens.bad)[self._filled - 1])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for index in range(_BARS):
            height = 6 + 4 * index
            painter.setBrush(full if index < self._filled else QColor(tokens.line))
            painter.drawRoundedRect(index * 7, 14 - height, 5, height, 1.5, 1.5)


class Row(Pointable):
    """An observation that shows its evidence while it is pointed at or has the focus."""

    straighten_asked = Signal(object)
    """The Finding whose horizon to straighten."""

    def __init__(self, observation: Finding | Strength, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.observation = observation
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_role(self, "row")
        if isinstance(observation, Finding):
            self._fill_finding(observation)
        else:
            self._fill_strength(observation)

    def _fill_finding(self, finding: Finding) -> None:
        title = finding_title(finding.kind)
        self.setAccessibleName(
            self.tr("{title}, {weight}: {measurement}").format(
                title=title,
                weight=severity_word(finding.severity),
                measurement=finding.measurement.text,
            )
        )
        self.setAccessibleDescription(f"{finding.taking} {finding.afterwards}".strip())
        weight = Weight(finding.severity)
        weight.setToolTip(
            self.tr("How much it weighs: {word}").format(word=severity_word(finding.severity))
        )
        self._arrange(weight, title, finding.measurement.text)
        set_tip(self, self._remedies(finding))
        if finding.kind is FindingKind.TILTED_HORIZON:
            straighten = button(
                self.tr("Straighten"), self.tr("Straighten the horizon"), role="small"
            )
            straighten.clicked.connect(self._ask_straighten)
            self._words.addWidget(straighten, 0, Qt.AlignmentFlag.AlignLeft)

    def _fill_strength(self, strength: Strength) -> None:
        title = strength_title(strength.kind)
        self.setAccessibleName(
            self.tr("{title}: {measurement}").format(
                title=title, measurement=strength.measurement.text
            )
        )
        mark = QLabel("✓")
        mark.setFixedWidth(20)
        set_role(mark, "good")
        self._arrange(mark, title, strength.measurement.text)

    def _arrange(self, mark: QWidget, title: str, measured: str) -> None:
        across = QHBoxLayout(self)
        across.setContentsMargins(8, 6, 8, 6)
        across.setSpacing(8)
        across.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        self._words = QVBoxLayout()
        self._words.setSpacing(2)
        self._words.addWidget(Prose(title, Step.STRONG))
        self._words.addWidget(Prose(measured, Step.SMALL, "muted"))
        across.addLayout(self._words, 1)

    def _remedies(self, finding: Finding) -> str:
        parts = (
            (self.tr("Taking it:"), finding.taking),
            (self.tr("Afterwards:"), finding.afterwards),
        )
        return "\n".join(f"{label} {text}" for label, text in parts if text)

    def _ask_straighten(self) -> None:
        self.straighten_asked.emit(self.observation)
