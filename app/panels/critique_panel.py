"""The critique in words: impression, analysis, guidance, what was found, what works."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.session import Progress, Session
from app.panels.finding_row import Row
from app.panels.parts import Paragraphs, Prose, button
from app.panels.texts import progress_text
from app.theme.fonts import Step
from engine.vocabulary import Finding, Strength, Task


class Passage(QWidget):
    """A heading, the text below it, and a word on how far it has come while there is none."""

    def __init__(self, title: str, step: Step = Step.TITLE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.title = Prose(title, step)
        self.body = Paragraphs()
        self.state = Prose("", Step.SMALL, "muted")
        for part in (self.title, self.body, self.state):
            layout.addWidget(part)

    def show_text(self, text: str, progress: Progress) -> None:
        """Show what has come of an answer, and how far it is."""
        self.body.show_text(text)
        done_without_words = progress is Progress.DONE and not text
        state = self.tr("Nothing to say here.") if done_without_words else progress_text(progress)
        self.state.show_text("" if text and progress is Progress.RUNNING else state)


class CritiquePanel(QWidget):
    """Shows a session's critique. The rows of findings light up their evidence on the photo."""

    evidence_wanted = Signal(object)
    """The Where of the observation that is pointed at, or None."""
    straighten_asked = Signal(object)
    """A Finding."""
    resumed = Signal()
    """The critique should go on where it was stopped."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._impression = Passage(self.tr("Impression"))
        self._analysis = Passage(self.tr("Analysis"))
        self._taking = Passage(self.tr("Taking it"), Step.STRONG)
        self._afterwards = Passage(self.tr("Afterwards"), Step.STRONG)
        self._guidance_title = Prose(self.tr("Guidance"), Step.TITLE)
        self._findings = _Rows(self.tr("What to mend"))
        self._strengths = _Rows(self.tr("What works"))
        self._failure = Prose("", Step.BODY, "bad")
        self._resume = button(self.tr("Go on with the critique"))
        self._resume.clicked.connect(self.resumed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 8)
        layout.setSpacing(16)
        guidance = QVBoxLayout()
        guidance.setSpacing(8)
        for part in (self._guidance_title, self._taking, self._afterwards):
            guidance.addWidget(part)
        layout.addWidget(self._failure)
        layout.addWidget(self._impression)
        layout.addWidget(self._analysis)
        layout.addLayout(guidance)
        layout.addWidget(self._findings)
        layout.addWidget(self._strengths)
        layout.addWidget(self._resume)
        for rows in (self._findings, self._strengths):
            rows.evidence_wanted.connect(self.evidence_wanted)
            rows.straighten_asked.connect(self.straighten_asked)
        self.show_session(None)

    def show_session(self, session: Session | None) -> None:
        """Show the critique as far as it has come."""
        if session is None:
            return  # what is shown is covered until there is another photo
        critique = session.critique
        self._impression.show_text(critique.impression, session.progress_of(Task.IMPRESSION))
        self._analysis.show_text(critique.analysis, session.progress_of(Task.ANALYSIS))
        guidance = session.progress_of(Task.GUIDANCE)
        self._taking.show_text(critique.taking, guidance)
        self._afterwards.show_text(critique.afterwards, guidance)
        # One word on the state is enough for both halves.
        started = bool(critique.taking or critique.afterwards)
        self._taking.setVisible(bool(critique.taking) or not started)
        self._afterwards.setVisible(bool(critique.afterwards))
        self._taking.title.setVisible(started)
        if critique.taking and critique.afterwards:
            self._taking.state.hide()
        self._findings.show_observations(critique.findings)
        self._strengths.show_observations(critique.strengths)
        halted = (Progress.STOPPED, Progress.FAILED)
        self._resume.setVisible(any(progress in halted for _task, progress in session.progress))
        failure = session.failure
        self._failure.show_text(f"{failure.reason} {failure.remedy}".strip() if failure else "")

    def settle_pointed(self) -> None:
        """The rows may have moved under the pointer."""
        self._findings.settle_pointed()
        self._strengths.settle_pointed()


class _Rows(QWidget):
    """A heading with one row an observation; hidden while there is none."""

    evidence_wanted = Signal(object)
    straighten_asked = Signal(object)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._layout.addWidget(Prose(title, Step.TITLE))
        self._rows: list[Row] = []

    def show_observations(self, observations: tuple[Finding | Strength, ...]) -> None:
        """One row an observation. Rows are kept for the next photo: making them takes time."""
        while len(self._rows) < len(observations):
            row = Row(self)
            row.entered.connect(partial(self._show_evidence, row))
            row.left.connect(self._hide_evidence)
            row.straighten_asked.connect(self.straighten_asked)
            self._layout.addWidget(row)
            self._rows.append(row)
        for number, row in enumerate(self._rows):
            row.show_observation(observations[number] if number < len(observations) else None)
        if self.isHidden() == bool(observations):
            self.setVisible(bool(observations))

    def settle_pointed(self) -> None:
        for row in self._rows:
            row.settle()

    def _show_evidence(self, row: Row) -> None:
        if row.observation is not None:
            self.evidence_wanted.emit(row.observation.where)

    def _hide_evidence(self) -> None:
        self.evidence_wanted.emit(None)
