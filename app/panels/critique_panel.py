"""The critique in words: impression, analysis, guidance, what was found, what works."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.domain.session import Progress, Session
from app.panels.finding_row import Row
from app.panels.model_texts import time_text
from app.panels.parts import Paragraphs, Prose, button
from app.panels.texts import progress_text
from app.services.engine_names import engine_name, short_name
from app.services.status import EngineStatus
from app.theme.apply import set_role
from app.theme.fonts import Step
from engine.choice import EngineChoice
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
    """The critique should begin, or go on where it was stopped."""

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
        self._request = _Request()
        self._request.asked.connect(self.resumed)
        self._session: Session | None = None
        self._status = EngineStatus()
        self._resume = button(self.tr("Go on with the critique"))
        self._resume.clicked.connect(self.resumed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 8)
        layout.setSpacing(16)
        guidance = QVBoxLayout()
        guidance.setSpacing(8)
        for part in (self._guidance_title, self._taking, self._afterwards):
            guidance.addWidget(part)
        self._guidance = QWidget()
        self._guidance.setLayout(guidance)
        guidance.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._failure)
        layout.addWidget(self._request)
        layout.addWidget(self._impression)
        layout.addWidget(self._analysis)
        layout.addWidget(self._guidance)
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
        self._session = session
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
        self._show_request()

    def show_status(self, status: EngineStatus) -> None:
        """Offer to ask a slow engine, which says nothing of itself."""
        self._status = status
        self._show_request()

    def _show_request(self) -> None:
        session, status = self._session, self._status
        if session is None:
            return
        untouched = all(progress is Progress.WAITING for _task, progress in session.progress)
        wanted = status.on_request and untouched
        self._request.show_engine(status.choice, status.pace)
        for part, shown in (
            (self._request, wanted),
            (self._impression, not wanted),
            (self._analysis, not wanted),
            (self._guidance, not wanted),
        ):
            if part.isHidden() == shown:
                part.setVisible(shown)

    def prepare(self, count: int) -> bool:
        """Make one row beforehand, up to `count` of each; False once there are so many."""
        return self._findings.prepare(count) or self._strengths.prepare(count)

    def settle_pointed(self) -> None:
        """The rows may have moved under the pointer."""
        self._findings.settle_pointed()
        self._strengths.settle_pointed()


class _Request(QFrame):
    """Says that this engine waits to be asked, and asks it."""

    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "answer")
        self._title = Prose("", Step.STRONG)
        self._ask = button("", role="primary")
        self._ask.clicked.connect(self.asked)
        self._pace = Prose("", role="muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        for part in (self._title, self._pace, self._ask):
            layout.addWidget(part)
        self.hide()

    def show_engine(self, choice: EngineChoice, pace: float | None) -> None:
        """Which engine would be asked, and how many seconds it took for its last critique."""
        self._pace.show_text(
            self.tr("How long it takes for a critique is not known yet.")
            if pace is None
            else self.tr("Its last critique took {time}.").format(time=time_text(pace))
        )
        words = self.tr("{engine} has not looked at this photo yet.")
        self._title.show_text(words.format(engine=engine_name(choice)))
        words = self.tr("Ask {engine} for a critique").format(engine=short_name(choice))
        self._ask.setText(words.replace("&", "&&"))
        self._ask.setAccessibleName(words)


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
        while self.prepare(len(observations)):
            pass
        for number, row in enumerate(self._rows):
            row.show_observation(observations[number] if number < len(observations) else None)
        if self.isHidden() == bool(observations):
            self.setVisible(bool(observations))

    def prepare(self, count: int) -> bool:
        """Make one hidden row, up to `count`; False once there are so many."""
        if len(self._rows) >= count:
            return False
        row = Row(self)
        row.hide()
        row.entered.connect(partial(self._show_evidence, row))
        row.left.connect(self._hide_evidence)
        row.straighten_asked.connect(self.straighten_asked)
        self._layout.addWidget(row)
        self._rows.append(row)
        return True

    def settle_pointed(self) -> None:
        for row in self._rows:
            row.settle()

    def _show_evidence(self, row: Row) -> None:
        if row.observation is not None:
            self.evidence_wanted.emit(row.observation.where)

    def _hide_evidence(self) -> None:
        self.evidence_wanted.emit(None)
