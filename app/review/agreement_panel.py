"""How far the reviewers agree, once two of them have decided enough together."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.panels.parts import Prose, line_of_text
from app.panels.texts import two_digits
from app.theme.fonts import Step
from engine.review.agreement import Agreement, Pair

ENOUGH: Final = 10
"""Records that two have judged, from which on kappa is shown; all, where a file has fewer."""


class AgreementPanel(QWidget):
    """A line for each other reviewer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = Prose()
        self._note = Prose("", Step.SMALL, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(line_of_text(self.tr("Agreement"), Step.STRONG, "section"))
        layout.addWidget(self._lines)
        layout.addWidget(self._note)
        self.hide()

    def show_agreement(self, found: Agreement, *, reviewer: str, count: int) -> None:
        """Show one's own pairs, of a file of `count` records, and all together where more than
        two have decided; nothing before another has begun.
        """
        pairs = [each for each in found.pairs if reviewer in (each.one, each.other)]
        enough = min(ENOUGH, count)
        lines = [self._line(each, reviewer, enough) for each in pairs]
        if len(found.reviewers) > 2 and found.fleiss is not None and found.complete >= enough:
            together = self.tr("All {people}: Fleiss' κ {kappa} over {count} records")
            lines.append(
                together.format(
                    people=len(found.reviewers),
                    kappa=two_digits(found.fleiss),
                    count=found.complete,
                )
            )
        self._lines.show_text("\n".join(lines))
        note = self.tr("κ: 1 is full agreement, 0 what chance would give. An edit accepts.")
        self._note.show_text(note if any(each.together >= enough for each in pairs) else "")
        self.setVisible(bool(lines))

    def _line(self, pair: Pair, reviewer: str, enough: int) -> str:
        other = pair.one if pair.other == reviewer else pair.other
        if pair.together < enough:
            waiting = self.tr("With {name}: after {enough} records that both judged, now {count}")
            return waiting.format(name=other, enough=enough, count=pair.together)
        line = self.tr("With {name}: the same on {same} of {count}, Cohen's κ {kappa}").format(
            name=other, same=pair.same, count=pair.together, kappa=self._value(pair.kappa)
        )
        if pair.scored:
            scores = self.tr("; scores of {count}: Spearman {spearman}, Kendall {kendall}")
            line += scores.format(
                count=pair.scored,
                spearman=self._value(pair.spearman),
                kendall=self._value(pair.kendall),
            )
        return line

    def _value(self, value: float | None) -> str:
        return self.tr("not defined") if value is None else two_digits(value)
