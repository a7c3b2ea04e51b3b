"""Bars above the photo: what just happened with its way out, and an engine in trouble."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.panels.parts import Prose, announce, button
from app.services.status import EngineStatus, Notice, Phase, Severity
from app.theme.apply import set_role
from app.theme.icons import IconButton

INFO_MS = 12_000
_ROLES = {
    Severity.INFO: "notice-good",
    Severity.WARNING: "notice-caution",
    Severity.ERROR: "notice-bad",
}


class NoticeBar(QFrame):
    """Shows the latest notice. News goes by itself, trouble stays until it is closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lasting = False
        self._text = Prose()
        self._close = IconButton("close", self.tr("Close this message"))
        self._close.clicked.connect(self.hide)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MS)
        self._timer.timeout.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._close)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of the one before."""
        text = f"{notice.text} {notice.remedy}".strip()
        set_role(self, _ROLES[notice.severity])
        self._text.show_text(text)
        self.setAccessibleName(text)
        announce(self, text)
        self._lasting = notice.severity is Severity.WARNING
        self.show()
        if notice.severity is Severity.INFO:
            self._timer.start()
        else:
            self._timer.stop()

    def leave_photo(self) -> None:
        """Another photo: what was said of the one before is over; a warning holds on."""
        if not self._lasting:
            self.hide()


class EngineBar(QFrame):
    """Says that the engine is silent or gone, and offers to start it anew."""

    restart_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = Prose()
        self._restart = button(self.tr("Restart"), self.tr("Restart the engine"))
        self._restart.clicked.connect(self.restart_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 12, 8)
        layout.setSpacing(12)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._restart)
        self.hide()

    def show_status(self, status: EngineStatus) -> None:
        """Show the bar while the engine is in trouble."""
        if status.phase not in (Phase.SILENT, Phase.CRASHED):
            self.hide()
            return
        silent = status.phase is Phase.SILENT
        set_role(self, "notice-caution" if silent else "notice-bad")
        words = status.text or (
            self.tr("The engine has not said a word for a while.")
            if silent
            else self.tr("The engine has stopped unexpectedly.")
        )
        way_out = (
            self.tr("You can wait, or restart it; your crops stay.")
            if silent
            else self.tr("Your crops are still here. The next question starts it again.")
        )
        text = f"{words} {way_out}"
        self._text.show_text(text)
        self.setAccessibleName(text)
        if not self.isVisible():
            self.show()
            announce(self, text)
