"""The line at the foot: which engine, what it is doing, and Stop."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from app.panels.parts import line_of_text
from app.services.status import EngineStatus, Phase
from app.theme.apply import keep_room, set_role
from app.theme.fonts import Step
from app.theme.icons import IconButton


class StatusLine(QWidget):
    """Engine · state · progress · Stop · zoom."""

    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "foot")
        keep_room(self)
        self.setFixedHeight(32)
        self._engine = line_of_text("", Step.SMALL)
        self._state = line_of_text("", Step.SMALL, "muted")
        self._state.setMinimumWidth(0)
        self._zoom = line_of_text("", Step.SMALL, "muted")
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setFixedSize(QSize(96, 6))
        self._progress.setAccessibleName(self.tr("The engine is working"))
        self._stop = IconButton("stop", self.tr("Stop (Esc)"))
        self._stop.setIconSize(QSize(16, 16))
        self._stop.setAccessibleName(self.tr("Stop the engine"))
        self._stop.clicked.connect(self.stop_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(12)
        layout.addWidget(self._engine)
        layout.addWidget(self._state, 1)
        layout.addWidget(self._progress)
        layout.addWidget(self._stop)
        layout.addWidget(self._zoom)
        self.show_status(EngineStatus())

    def show_status(self, status: EngineStatus) -> None:
        """Show what the engine is doing."""
        info = status.info
        self._engine.setText(
            self.tr("{engine} · {device}").format(engine=info.name, device=info.device)
            if info is not None
            else ""
        )
        self._engine.setVisible(info is not None)
        self._state.setText(status.text or self._phase_text(status.phase))
        self._progress.setVisible(status.busy)
        self._stop.setVisible(status.phase in (Phase.OPENING, Phase.ANSWERING, Phase.SILENT))

    def show_zoom(self, zoom: float | None) -> None:
        """Show the zoom, in screen pixels for a pixel of the photo; None without a photo."""
        self._zoom.setVisible(zoom is not None)
        if zoom is None:
            return
        self._zoom.setText(self.tr("{percent} %").format(percent=round(100 * zoom)))
        self._zoom.setAccessibleName(self.tr("Zoom {percent} %").format(percent=round(100 * zoom)))

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
