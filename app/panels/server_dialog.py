"""Connects to a server: its address, one of its models, its key (which only the keyring keeps)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.panels.parts import Prose, announce, button, line_of_text
from app.services.servers import Greeting, Servers
from app.services.status import Notice
from app.theme.apply import set_role
from app.theme.fonts import Step
from engine.choice import EngineChoice

WIDTH = 560
EXAMPLE = "http://127.0.0.1:8000/v1"


class ServerDialog(QDialog):
    """Asks for a server; `use_asked` comes once its key is kept."""

    use_asked = Signal(object)
    """EngineChoice."""
    forget_asked = Signal(str)
    """The address of a server that the menu shall not show any more."""

    def __init__(
        self,
        servers: Servers,
        known: tuple[EngineChoice, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._servers = servers
        self._known = known
        self.setWindowTitle(self.tr("Connect to a server"))
        self._url = QComboBox()
        self._url.setEditable(True)
        self._url.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._url.setAccessibleName(self.tr("Address of the server"))
        self._url.view().setAccessibleName(self.tr("Servers that are known"))
        self._url.addItems(list(dict.fromkeys(choice.url for choice in known)))
        self._url.setCurrentText(known[0].url if known else "")
        self._model = QComboBox()
        self._model.setEditable(True)
        self._model.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._model.setAccessibleName(self.tr("Model on the server"))
        self._model.view().setAccessibleName(self.tr("Models on the server"))
        self._model.setCurrentText(known[0].model if known else "")
        self._key = QLineEdit()
        self._key.setEchoMode(QLineEdit.EchoMode.Password)
        self._key.setAccessibleName(self.tr("Key for the server"))
        for field, words in (
            (self._url.lineEdit(), EXAMPLE),
            (self._model.lineEdit(), self.tr("The only one there, or choose after a test")),
            (self._key, self.tr("Only where the server wants one")),
        ):
            assert field is not None
            field.setPlaceholderText(words)
            field.setAccessibleName(field.accessibleName() or words)
        self._test = button(self.tr("Test"), self.tr("Test the server"))
        self._forget = button(self.tr("Forget"), self.tr("Forget this server and its key"))
        self._cancel = button(self.tr("Cancel"))
        self._connect = button(self.tr("Connect"), role="primary")
        self._connect.setDefault(True)
        self._said = Prose("", Step.SMALL, "muted")
        self._said.hide()
        self._arrange()
        self._wire()
        self._heed_text()
        self.resize(WIDTH, self.sizeHint().height())

    def done(self, result: int) -> None:
        self._servers.cancel()
        super().done(result)

    # ── what the photographer asks for ───────────────────────────────────────────────────────────

    def _wire(self) -> None:
        self._url.currentTextChanged.connect(self._heed_text)
        self._url.activated.connect(self._choose_known)
        self._test.clicked.connect(self._ask)
        self._connect.clicked.connect(self._keep)
        self._forget.clicked.connect(self._forget_server)
        self._cancel.clicked.connect(self.reject)
        self._servers.answered.connect(self._take_greeting)
        self._servers.refused.connect(self._take_refusal)
        self._servers.kept.connect(self._use)

    def _heed_text(self) -> None:
        url = self._url.currentText().strip()
        self._test.setEnabled(bool(url))
        self._connect.setEnabled(bool(url))
        self._forget.setVisible(any(choice.url == url for choice in self._known))

    def _choose_known(self, _index: int) -> None:
        url = self._url.currentText()
        self._model.setCurrentText(next((c.model for c in self._known if c.url == url), ""))

    def _ask(self) -> None:
        self._say(self.tr("Asking the server…"), "muted")
        self._set_busy(True)
        self._servers.ask(self._url.currentText(), self._key.text())

    def _keep(self) -> None:
        self._say(self.tr("Keeping the server…"), "muted")
        self._set_busy(True)
        self._servers.keep(self._url.currentText(), self._model.currentText(), self._key.text())

    def _forget_server(self) -> None:
        url = self._url.currentText().strip()
        self._servers.forget(url)
        self._known = tuple(choice for choice in self._known if choice.url != url)
        self._url.removeItem(self._url.findText(url, Qt.MatchFlag.MatchExactly))
        self._url.setCurrentText("")
        self._model.setCurrentText("")
        self._heed_text()
        self.forget_asked.emit(url)
        self._say(self.tr("{url} and its key are forgotten.").format(url=url), "muted")

    # ── what the server says ─────────────────────────────────────────────────────────────────────

    def _take_greeting(self, greeting: Greeting) -> None:
        self._set_busy(False)
        wanted = self._model.currentText().strip()
        self._url.setCurrentText(greeting.url)
        self._model.clear()
        self._model.addItems(list(greeting.models))
        if wanted in greeting.models or not greeting.models:
            self._model.setCurrentText(wanted)
        count = len(greeting.models)
        words = (
            self.tr("It answers, and has one model.")
            if count == 1
            else self.tr("It answers, and has {count} models.").format(count=count)
        )
        if wanted and wanted not in greeting.models and greeting.models:
            words += " " + self.tr("There is no {model} among them.").format(model=wanted)
        if greeting.key_found:
            words += " " + self.tr("The key is from {place}.").format(place=greeting.key_found)
        self._say(words, "good")

    def _take_refusal(self, notice: Notice) -> None:
        self._set_busy(False)
        self._say(f"{notice.text} {notice.remedy}".strip(), "bad")

    def _use(self, choice: EngineChoice) -> None:
        self.use_asked.emit(choice)
        self.accept()

    def _say(self, text: str, role: str) -> None:
        set_role(self._said, role)
        self._said.show_text(text)
        announce(self, text)
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _set_busy(self, busy: bool) -> None:
        for part in (self._test, self._connect, self._forget):
            part.setEnabled(not busy)

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows = (
            (self.tr("Address"), self._url),
            (self.tr("Key"), self._key),
            (self.tr("Model"), self._model),
        )
        for row, (title, field) in enumerate(rows):
            label = line_of_text(title)
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self._test, 0, 2)
        grid.addWidget(self._forget, 1, 2)
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addStretch(1)
        ends.addWidget(self._cancel)
        ends.addWidget(self._connect)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(
            Prose(
                self.tr(
                    "Any server that speaks OpenAI's protocol and has a model that sees pictures: "
                    "vLLM, llama.cpp, LM Studio, Ollama. The photos that you look at with it are "
                    "sent there. The key is kept in the system's keyring and nowhere else."
                ),
                role="muted",
            )
        )
        layout.addLayout(grid)
        layout.addWidget(self._said)
        layout.addStretch(1)
        layout.addLayout(ends)
