"""The line at the foot: which engine on what, what it is doing, what else is under way, Stop."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QToolButton, QWidget

from app.panels.model_texts import memory_text, speed_text
from app.panels.parts import button, line_of_text, set_tip
from app.services.engine_names import engine_name
from app.services.shelf import Job, Model, Shelf
from app.services.status import Arriving, EngineStatus, Phase
from app.theme.apply import keep_room, set_role
from app.theme.fonts import Step, set_step
from app.theme.icons import IconButton

STEPS = 1000


class StatusLine(QWidget):
    """Engine · device · memory · tokens/s · state · progress · Stop · downloads · zoom.

    What is not known is not shown.
    """

    stop_asked = Signal()
    cancel_asked = Signal()
    """The engine that is being loaded is not wanted any more."""
    models_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "foot")
        keep_room(self)
        self.setFixedHeight(32)
        self._engine = line_of_text("", Step.SMALL)
        self._state = _Elided()
        self._zoom = line_of_text("", Step.SMALL, "muted")
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setFixedSize(QSize(96, 6))
        self._stop = IconButton("stop", self.tr("Stop (Esc)"))
        self._stop.setIconSize(QSize(16, 16))
        self._stop.setAccessibleName(self.tr("Stop the engine"))
        self._stop.clicked.connect(self.stop_asked)
        self._cancel = button(self.tr("Cancel"), self.tr("Do not load this engine"), role="foot")
        self._cancel.clicked.connect(self.cancel_asked)
        self._models = QToolButton()
        self._models.setAccessibleName(self.tr("Show the models"))
        set_step(self._models, Step.SMALL)
        self._models.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._models.clicked.connect(self.models_asked)
        self._models.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(12)
        layout.addWidget(self._engine)
        layout.addWidget(self._state, 1)
        for part in (self._progress, self._cancel, self._stop, self._models, self._zoom):
            layout.addWidget(part)
        self.show_status(EngineStatus())

    def show_status(self, status: EngineStatus) -> None:
        """Show what the engine is doing, and the one that is being loaded."""
        info, arriving = status.info, status.arriving
        facts = []
        if info is not None:
            facts = [info.name, info.device]
            if info.memory:
                facts.append(memory_text(info.memory))
            if status.speed is not None:
                facts.append(speed_text(status.speed))
        self._engine.setText(" · ".join(fact for fact in facts if fact))
        self._engine.setVisible(info is not None)
        set_tip(self._engine, "\n".join((info.plan, *info.notes)).strip() if info else "")
        self._state.show_text(
            self._arriving_text(arriving)
            if arriving is not None
            else status.text or self._phase_text(status.phase)
        )
        self._show_progress(
            busy=status.busy or arriving is not None,
            fraction=arriving.fraction if arriving is not None else status.fraction,
            name=self.tr("An engine is being loaded")
            if arriving is not None
            else self.tr("The engine is working"),
        )
        self._stop.setVisible(status.phase in (Phase.OPENING, Phase.ANSWERING, Phase.SILENT))
        self._cancel.setVisible(arriving is not None)

    def show_shelf(self, shelf: Shelf) -> None:
        """Show that models are being downloaded, checked or removed."""
        busy = [model for model in shelf.models if model.work is not None]
        self._models.setVisible(bool(busy))
        if busy:
            words = self._work_text(busy[0])
            several = self.tr("{work} and {count} more")
            if len(busy) > 1:
                words = several.format(work=words, count=len(busy) - 1)
            self._models.setText(words)
            self._models.setAccessibleName(f"{words}: {busy[0].title}")
            set_tip(self._models, ", ".join(model.title for model in busy))

    def show_zoom(self, zoom: float | None) -> None:
        """Show the zoom, in screen pixels for a pixel of the photo; None without a photo."""
        self._zoom.setVisible(zoom is not None)
        if zoom is None:
            return
        self._zoom.setText(self.tr("{percent} %").format(percent=round(100 * zoom)))
        self._zoom.setAccessibleName(self.tr("Zoom {percent} %").format(percent=round(100 * zoom)))

    def _show_progress(self, *, busy: bool, fraction: float | None, name: str) -> None:
        """A bar that fills where it is known how far the work is, and one that moves where not."""
        if fraction is None:
            self._progress.setRange(0, 0)
        else:
            self._progress.setRange(0, STEPS)
            self._progress.setValue(round(STEPS * fraction))
        self._progress.setAccessibleName(name)
        self._progress.setVisible(busy)

    def _arriving_text(self, arriving: Arriving) -> str:
        name = engine_name(arriving.choice)
        if not arriving.text:
            return self.tr("Loading {engine}…").format(engine=name)
        return self.tr("Loading {engine}: {text}").format(engine=name, text=arriving.text)

    def _work_text(self, model: Model) -> str:
        assert model.work is not None
        transfer = model.work.transfer
        words = {
            Job.DOWNLOAD: self.tr("Downloading"),
            Job.VERIFY: self.tr("Checking"),
            Job.REMOVE: self.tr("Removing"),
        }[model.work.job]
        if transfer is None or not transfer.total:
            return f"{words}…"
        percent = int(100 * transfer.fraction)
        return self.tr("{work} {percent} %").format(work=words, percent=percent)

    def _phase_text(self, phase: Phase) -> str:
        texts = {
            Phase.OFF: "",
            Phase.STARTING: self.tr("Starting…"),
            Phase.READY: self.tr("Ready"),
            Phase.OPENING: self.tr("Reading the photo…"),
            Phase.ANSWERING: self.tr("Answering…"),
            Phase.SILENT: self.tr("No word for a while"),
            Phase.CRASHED: self.tr("Stopped unexpectedly"),
        }
        return texts[phase]


class _Elided(QLabel):
    """One muted line that gives way where there is no room; its tip has the whole of it."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        set_step(self, Step.SMALL)
        set_role(self, "muted")

    def show_text(self, text: str) -> None:
        self._whole = text
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(room)
        set_tip(self, self._whole if room != self._whole else "")
        self.setAccessibleName(self._whole)
