"""One model: what it is, what it needs, how much of it is here, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.panels.flow import FlowLayout
from app.panels.model_texts import (
    disk_text,
    family_title,
    memory_text,
    plan_title,
    transfer_text,
    wording_title,
)
from app.panels.parts import CalmChoice, Prose, button, line_of_text
from app.services.shelf import Job, Model, Presence
from app.services.status import Notice, Severity
from app.theme.apply import set_role
from app.theme.fonts import Step
from engine.choice import Wording

STEPS = 1000
_WIDEST = 380
_ROLES = {Severity.INFO: "good", Severity.WARNING: "caution", Severity.ERROR: "bad"}


class ModelCard(QFrame):
    """Shows one model. Signals carry its name, `use_asked` its EngineChoice."""

    use_asked = Signal(object)
    download_asked = Signal(str)
    verify_asked = Signal(str)
    remove_asked = Signal(str)
    stop_asked = Signal(str)
    wording_asked = Signal(str, object)

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._in_use = False
        self._asking = False
        set_role(self, "answer")
        self._title = Prose("", Step.TITLE)
        self._badge = line_of_text("", Step.SMALL, "muted")
        self._about = Prose("")
        self._facts = Prose("", Step.SMALL, "muted")
        self._memory = Prose("", Step.SMALL, "muted")
        self._prompts = QWidget()
        self._wording = CalmChoice()
        self._wording.setMinimumContentsLength(12)
        self._wording.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._wording.setMaximumWidth(_WIDEST)
        self._wording.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._wording.view().setAccessibleName(self.tr("Kinds of prompts"))
        for wording in Wording:
            self._wording.addItem(wording_title(wording), wording)
        self._wording.activated.connect(self._ask_wording)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._work = Prose("", Step.SMALL)
        self._said = Prose("", Step.SMALL)
        self._question = Prose("", Step.STRONG)
        self._use = self._button(self.tr("Use"), self._ask_use, primary=True)
        self._download = self._button(self.tr("Download"), self._ask_download)
        self._verify = self._button(self.tr("Check"), self._ask_verify)
        self._remove = self._button(self.tr("Remove…"), self._ask_whether)
        self._page = self._button(self.tr("Its page"), self._open_page)
        self._stop = self._button(self.tr("Stop"), self._ask_stop)
        self._yes = self._button(self.tr("Remove"), self._ask_remove, primary=True)
        self._no = self._button(self.tr("Keep"), self._keep)
        self._arrange()
        self.show_model(model, in_use=False)

    def show_model(self, model: Model, *, in_use: bool) -> None:
        """Show the model as it is now; one in use cannot be removed."""
        self._model, self._in_use = model, in_use
        if model.work is not None or model.presence is Presence.ABSENT:
            self._asking = False
        self._title.show_text(model.title)
        self._badge.setText(self._badge_text())
        set_role(self._badge, "accent" if in_use else "muted")
        self._about.show_text(model.about)
        self._facts.show_text(self._facts_text())
        self._memory.show_text(self._memory_text())
        self._show_prompts()
        self._show_work()
        self._show_said()
        self._show_buttons()
        self.setAccessibleName(f"{model.title}, {self._badge.text()}")

    def _badge_text(self) -> str:
        model = self._model
        if self._in_use:
            return self.tr("In use")
        if model.work is not None:
            return {
                Job.DOWNLOAD: self.tr("Downloading"),
                Job.VERIFY: self.tr("Being checked"),
                Job.REMOVE: self.tr("Being removed"),
            }[model.work.job]
        match model.presence:
            case Presence.READY:
                return self.tr("Your folder") if model.added else self.tr("Installed")
            case Presence.PARTIAL:
                return self.tr("Partly downloaded")
            case Presence.BROKEN:
                return self.tr("Not whole")
            case Presence.ABSENT:
                return self.tr("Not installed")

    def _facts_text(self) -> str:
        model = self._model
        facts = [family_title(model.family)]
        if model.stage:
            facts.append(self.tr("trained for {stage}").format(stage=model.stage))
        if model.size and model.presence in (Presence.ABSENT, Presence.PARTIAL):
            facts.append(self.tr("download {size}").format(size=disk_text(model.size)))
        elif model.size:
            facts.append(self.tr("{size} on the disk").format(size=disk_text(model.size)))
        lines = [" · ".join(fact for fact in facts if fact)]
        if model.licence:
            lines.append(self.tr("Licence: {licence}").format(licence=model.licence))
        if model.added:
            lines.append(self.tr("Folder: {folder}").format(folder=model.folder))
        return "\n".join(line for line in lines if line)

    def _memory_text(self) -> str:
        if not self._model.memory:
            return ""
        plans = (f"{plan_title(plan)} {memory_text(size)}" for plan, size in self._model.memory)
        return self.tr("Memory, about: {plans}").format(plans=" · ".join(plans))

    def _show_prompts(self) -> None:
        model = self._model
        self._prompts.setVisible(model.presence is Presence.READY and model.work is None)
        self._wording.setCurrentIndex(self._wording.findData(model.wording))
        self._wording.setEnabled(not self._in_use)
        self._wording.setToolTip(self.tr("Choose another engine first.") if self._in_use else "")
        words = self.tr("Prompts for {title}")
        self._wording.setAccessibleName(words.format(title=model.title))

    def _show_work(self) -> None:
        model, work = self._model, self._model.work
        known = work is not None and work.transfer is not None and work.transfer.total > 0
        partial = work is None and model.presence is Presence.PARTIAL and model.size > 0
        self._bar.setVisible(work is not None or partial)
        if known:
            assert work is not None
            assert work.transfer is not None
            self._bar.setRange(0, STEPS)
            self._bar.setValue(int(STEPS * work.transfer.fraction))
        elif partial:
            self._bar.setRange(0, STEPS)
            self._bar.setValue(int(STEPS * model.done / model.size))
        else:
            self._bar.setRange(0, 0)
        self._work.show_text(self._work_text(partial=partial))
        self._bar.setAccessibleName(self._work.text() or self.tr("Progress"))

    def _work_text(self, *, partial: bool) -> str:
        model, work = self._model, self._model.work
        if partial:
            words = self.tr("{done} of {total} are here; a download goes on from there.")
            return words.format(done=disk_text(model.done), total=disk_text(model.size))
        if work is None:
            return ""
        if work.stopping:
            return self.tr("Stopping…")
        if work.transfer is None:
            return self.tr("Beginning soon…")
        return transfer_text(work.transfer)

    def _show_said(self) -> None:
        model = self._model
        said = model.said
        if said is None and model.presence is Presence.BROKEN:
            said = Notice(model.reason, severity=Severity.WARNING)
        self._said.show_text(
            f"{said.text} {said.remedy}".strip() if said and not model.work else ""
        )
        set_role(self._said, _ROLES[said.severity] if said else "muted")

    def _show_buttons(self) -> None:
        model, asking = self._model, self._asking
        free = model.work is None and not asking
        ready = model.presence is Presence.READY
        here = model.presence is not Presence.ABSENT
        self._download.setText(
            self.tr("Download")
            if model.presence is Presence.ABSENT
            else self.tr("Go on with the download")
            if model.presence is Presence.PARTIAL
            else self.tr("Download what is missing")
        )
        self._remove.setEnabled(not self._in_use)
        self._remove.setToolTip(self.tr("Choose another engine first.") if self._in_use else "")
        self._yes.setText(self.tr("Forget") if model.added else self.tr("Delete"))
        stoppable = model.work is not None and model.work.job is not Job.REMOVE
        self._stop.setEnabled(model.work is not None and not model.work.stopping)
        for part, shown in (
            (self._use, free and ready and not self._in_use),
            (self._download, free and model.downloadable),
            (self._verify, free and here and model.presence is not Presence.PARTIAL),
            (self._remove, free and here),
            (self._page, free and bool(model.page)),
            (self._stop, stoppable),
            (self._yes, asking),
            (self._no, asking),
        ):
            self._name(part)
            self._set_shown(part, shown)
        self._question.show_text(self._question_text() if asking else "")

    def _name(self, part: QPushButton) -> None:
        words = self.tr("{button}: {title}")
        part.setAccessibleName(words.format(button=part.text(), title=self._model.title))

    def _set_shown(self, part: QPushButton, shown: bool) -> None:
        """A button that goes while it has the focus leaves it to the one that comes."""
        if part.isHidden() != shown:
            return
        if not shown and part.hasFocus():
            part.hide()
            self._refocus = True
        else:
            part.setVisible(shown)
            if shown and self._refocus and part.isEnabled():
                self._refocus = False
                part.setFocus(Qt.FocusReason.OtherFocusReason)

    def _question_text(self) -> str:
        model = self._model
        if model.added:
            words = self.tr("Forget this folder? Its files stay where they are: {folder}")
            return words.format(folder=model.folder)
        words = self.tr("Delete this download? That frees {size}.")
        return words.format(size=disk_text(model.done))

    # ── what the photographer asks for ───────────────────────────────────────────────────────────

    def _ask_use(self) -> None:
        self.use_asked.emit(self._model.choice)

    def _ask_download(self) -> None:
        self.download_asked.emit(self._model.name)

    def _ask_verify(self) -> None:
        self.verify_asked.emit(self._model.name)

    def _ask_stop(self) -> None:
        self.stop_asked.emit(self._model.name)

    def _ask_whether(self) -> None:
        self._asking = True
        self._show_buttons()
        self._no.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self) -> None:
        self._asking = False
        self._show_buttons()
        self._remove.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ask_remove(self) -> None:
        self._asking = False
        self.remove_asked.emit(self._model.name)

    def _ask_wording(self, index: int) -> None:
        wording = Wording(self._wording.itemData(index))
        if wording is not self._model.wording:
            self.wording_asked.emit(self._model.name, wording)

    def _open_page(self) -> None:
        QDesktopServices.openUrl(QUrl(self._model.page))

    def _button(self, text: str, answer, *, primary: bool = False) -> QPushButton:
        result = button(text, role="primary" if primary else "")
        result.clicked.connect(answer)
        return result

    def _arrange(self) -> None:
        self._refocus = False
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._title, 1)
        head.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        buttons = FlowLayout(spacing=8)
        for part in (
            *(self._yes, self._no, self._use, self._download, self._stop),
            *(self._verify, self._remove, self._page),
        ):
            buttons.addWidget(part)
        facts = QVBoxLayout()
        facts.setSpacing(2)
        facts.addWidget(self._facts)
        facts.addWidget(self._memory)
        prompts = QHBoxLayout(self._prompts)
        prompts.setContentsMargins(0, 0, 0, 0)
        prompts.setSpacing(8)
        prompts.addWidget(line_of_text(self.tr("Prompts"), Step.SMALL, "muted"))
        prompts.addWidget(self._wording, 1000)
        prompts.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._about)
        layout.addLayout(facts)
        for part in (self._prompts, self._bar, self._work, self._said, self._question):
            layout.addWidget(part)
        layout.addLayout(buttons)
