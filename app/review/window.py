"""The review desk's window: joins its parts to the controller, and no more."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from app.domain.settings import Settings, Theme
from app.panels.language import install_language
from app.panels.notice_bar import NoticeBar
from app.panels.parts import announce
from app.review.actions import DeskActions
from app.review.bars import Foot, Head
from app.review.controller import ReviewController
from app.review.desk import Desk, Mode
from app.review.desk_keys import DeskKeys
from app.review.photo_pane import PhotoPane
from app.review.words import Words
from app.theme.apply import apply_theme
from engine.review.agreement import Agreement

_FIRST_SIZE = QSize(1360, 860)
_WORDS_WIDTH = 480


class DeskWindow(QMainWindow):
    """Shows what the controller says and passes on what the reviewer asks for."""

    def __init__(self, controller: ReviewController, settings: Settings | None = None) -> None:
        super().__init__()
        self._controller = controller
        settings = settings or Settings()
        apply_theme(settings.theme)
        install_language(settings.language)
        self.resize(_FIRST_SIZE)
        self.actions_ = DeskActions(self)
        self.actions_.light.setChecked(settings.theme is Theme.LIGHT)
        self.head = Head()
        self.notice_bar = NoticeBar()
        self.photo = PhotoPane()
        self.words = Words()
        self.foot = Foot(self.actions_)
        self._place = -1
        self._mode = Mode.READING
        self._arrange()
        self._wire_controller()
        self._wire_actions()
        self._show(controller.desk)

    # ── what the controller says ─────────────────────────────────────────────────────────────────

    def _wire_controller(self) -> None:
        controller = self._controller
        controller.changed.connect(self._show)
        controller.typed.connect(self.words.show_typed)
        controller.photo_changed.connect(self.photo.clear)
        controller.picture_changed.connect(self.photo.show_picture)
        queued = Qt.ConnectionType.QueuedConnection
        controller.agreement_changed.connect(self._show_agreement, queued)
        controller.noticed.connect(self.notice_bar.show_notice)

    def _show(self, desk: Desk) -> None:
        record = desk.record
        if record is None:
            return
        if desk.place != self._place:
            self._place = desk.place
            self.notice_bar.leave_photo()
            self.setWindowTitle(self.tr("{photo} — Review — Venus").format(photo=record.photo))
            place = self.tr("Record {place} of {count}: {photo}")
            text = place.format(place=desk.place + 1, count=desk.count, photo=record.photo)
            announce(self, text)
        self._enable(desk)
        self.head.show_desk(desk)
        self.photo.show_box(record.box)
        self.foot.show_desk(desk)
        self.words.show_desk(desk)
        if self._mode is not desk.mode:
            self._mode = desk.mode
            if desk.mode is Mode.READING:
                self._to_photo()

    def _enable(self, desk: Desk) -> None:
        actions, reading = self.actions_, desk.mode is Mode.READING
        for action in (actions.accept, actions.edit, actions.reject, actions.score):
            action.setEnabled(reading)
        for action in (actions.finish, actions.anew):
            action.setEnabled(desk.mode is Mode.EDITING)
        actions.give.setEnabled(desk.mode is Mode.REJECTING)
        actions.undo.setEnabled(reading and bool(desk.steps))
        actions.previous.setEnabled(desk.place > 0)
        actions.next.setEnabled(desk.place + 1 < desk.count)

    def _show_agreement(self, found: Agreement) -> None:
        desk = self._controller.desk
        self.words.agreement.show_agreement(found, reviewer=desk.reviewer, count=desk.count)

    # ── what the reviewer asks for ───────────────────────────────────────────────────────────────

    def _wire_actions(self) -> None:
        actions, controller = self.actions_, self._controller
        asked: dict[QAction, Callable[[], object]] = {
            actions.accept: controller.accept,
            actions.edit: controller.begin_edit,
            actions.reject: controller.begin_reject,
            actions.score: self.words.begin_score,
            actions.previous: controller.previous,
            actions.next: controller.next,
            actions.next_open: controller.next_open,
            actions.undo: controller.undo,
            actions.finish: controller.finish_edit,
            actions.anew: controller.begin_anew,
            actions.give: self._reject,
            actions.leave: self._leave,
            actions.fit: self.photo.fit,
            actions.keys: self._show_keys,
            actions.close: self.close,
        }
        for action, answer in asked.items():
            action.triggered.connect(lambda _=False, answer=answer: self._answer(answer))
        actions.light.toggled.connect(
            lambda light: apply_theme(Theme.LIGHT if light else Theme.DARK)
        )
        self.words.form.typed.connect(controller.type_draft)
        self.words.score.scored.connect(controller.set_score)
        self.words.score.returnPressed.connect(self._to_photo)
        self.foot.noted.connect(controller.type_note)

    def _answer(self, answer: Callable[[], object]) -> None:
        """A score that is still being typed belongs to the record that it was typed for."""
        self.words.score.commit()
        answer()

    def _reject(self) -> None:
        self._controller.reject(self.foot.reason.text())

    def _leave(self) -> None:
        self._controller.leave()
        self._to_photo()

    def _to_photo(self) -> None:
        """Where letters are keys."""
        self.photo.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_keys(self) -> None:
        sheet = DeskKeys(self.actions_, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    # ── Qt's own ─────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.words.scroll_by(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.words.score.commit()
        self._controller.shut_down()
        super().closeEvent(event)

    def _arrange(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        for number, part in enumerate((self.photo, self.words)):
            splitter.addWidget(part)
            splitter.setCollapsible(number, False)
        splitter.setStretchFactor(0, 1)
        splitter.setHandleWidth(1)
        splitter.setSizes([_FIRST_SIZE.width() - _WORDS_WIDTH, _WORDS_WIDTH])
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.notice_bar)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.foot)
        self.setCentralWidget(content)
        self.photo.setFocus(Qt.FocusReason.OtherFocusReason)
