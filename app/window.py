"""The window: joins the panels and the photo view to the session controller, and no more."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.canvas.view import PhotoView
from app.domain.session import Session
from app.domain.settings import Settings
from app.panels.actions import Actions
from app.panels.crop_bar import CropBar
from app.panels.dialogs import Dialogs
from app.panels.dropping import dropped_path
from app.panels.engine_desk import EngineDesk
from app.panels.language import install_language
from app.panels.message_page import MessagePage
from app.panels.notice_bar import EngineBar, NoticeBar
from app.panels.side import Side
from app.panels.start_page import StartPage
from app.panels.status_line import StatusLine
from app.panels.toolbar import Toolbar, fill_menus
from app.panels.view_settings import ViewSettings
from app.services.picture import Picture
from app.services.session_controller import SessionController
from app.services.status import EngineStatus, Notice, Phase, Place, Severity
from app.theme.apply import apply_theme
from engine.vocabulary import Where

FIRST_SIZE = QSize(1360, 860)
SIDE_WIDTH = 400


class MainWindow(QMainWindow):
    """Shows what the controller says and passes on what the photographer asks for."""

    def __init__(self, controller: SessionController) -> None:
        super().__init__()
        self._controller = controller
        apply_theme(controller.settings.theme)
        install_language(controller.settings.language)
        self.setWindowTitle(self.tr("Venus"))
        self.setAcceptDrops(True)
        self.resize(FIRST_SIZE)
        self.actions_ = Actions(self)
        self.toolbar = Toolbar(self.actions_)
        self.notice_bar = NoticeBar()
        self.engine_bar = EngineBar()
        self.start_page = StartPage()
        self.message_page = MessagePage()
        self.view = PhotoView(controller)
        self.crop_bar = CropBar()
        self.side = Side()
        self.status_line = StatusLine()
        self._arrange()
        self.engine_desk = EngineDesk(controller, self.status_line, self.start_page.offer, self)
        self.toolbar.engine.setMenu(self.engine_desk.menu)
        fill_menus(self.menuBar(), self.actions_, self.engine_desk.menu)
        self._wire_controller()
        self._wire_actions()
        self._wire_panels()
        ViewSettings(controller, self.actions_)
        self._show_everything()

    # ── what the controller says ─────────────────────────────────────────────────────────────────

    def _wire_controller(self) -> None:
        controller = self._controller
        controller.session_changed.connect(self._show_session)
        controller.picture_changed.connect(self._show_picture)
        controller.engine_changed.connect(self._show_engine)
        controller.noticed.connect(self._show_notice)
        controller.history_changed.connect(self._show_history)
        controller.place_changed.connect(self._show_place)
        controller.settings_changed.connect(self._show_settings)
        controller.recent_changed.connect(self.start_page.show_recent)

    def _show_everything(self) -> None:
        controller = self._controller
        self._show_settings(controller.settings)
        self._show_history(False, False)
        self._show_engine(controller.engine)
        self._show_session(controller.session)
        self._show_picture(controller.picture)
        self._show_place(controller.place)
        self.start_page.show_recent(controller.recent)

    def _show_session(self, session: Session | None) -> None:
        if session is not None and self._shown_photo != session.photo:
            self._shown_photo = session.photo
            self.side.to_top()
            self.actions_.compare.setChecked(False)
        self.side.show_session(session)
        self.crop_bar.show_session(session)
        self._enable(session)
        self._choose_page()

    def _show_picture(self, picture: Picture | None) -> None:
        self.side.show_picture(picture)
        self._choose_page()

    def _show_engine(self, status: EngineStatus) -> None:
        self.status_line.show_status(status)
        self.engine_bar.show_status(status)
        self.side.critique.show_status(status)
        self.actions_.stop.setEnabled(status.busy and status.phase is not Phase.STARTING)

    def _show_notice(self, notice: Notice) -> None:
        if notice.text == self._controller.engine.text:
            return  # the engine's own bar says it already
        if notice.severity is Severity.ERROR and self._controller.session is None:
            self._failed = True
            self.message_page.show_notice(notice)
            self._choose_page()
        else:
            self.notice_bar.show_notice(notice)

    def _show_history(self, earlier: bool, later: bool) -> None:
        self.actions_.undo.setEnabled(earlier)
        self.actions_.redo.setEnabled(later)

    def _show_place(self, place: Place | None) -> None:
        self._failed = False
        self.toolbar.show_place(place)
        self.notice_bar.leave_photo()
        self.actions_.previous_photo.setEnabled(place is not None and place.index > 0)
        self.actions_.next_photo.setEnabled(place is not None and place.index + 1 < place.count)
        self._choose_page()

    def _show_settings(self, settings: Settings) -> None:
        apply_theme(settings.theme)
        self.actions_.show_settings(settings)

    def _choose_page(self) -> None:
        """The photo, or the way to it; what went wrong where there is none; else the start."""
        session, place = self._controller.session, self._controller.place
        photo = session.photo if session is not None else place.photo if place is not None else None
        name, venus = photo.name if photo is not None else "", self.tr("Venus")
        self.toolbar.show_name(name)
        self.setWindowTitle(f"{name} — {venus}" if name else venus)
        page = self._photo_page if photo is not None else self.start_page
        if self._failed and session is None:
            page = self.message_page
        if page is not self._stack.currentWidget():
            self._stack.setCurrentWidget(page)
            page.setFocus(Qt.FocusReason.OtherFocusReason)
        self.side.setVisible(page is self._photo_page)
        self._show_zoom(self.view.zoom)
        self.actions_.close_photo.setEnabled(page is not self.start_page)

    def _show_zoom(self, zoom: float) -> None:
        shown = self._stack.currentWidget() is self._photo_page
        self.status_line.show_zoom(zoom if shown else None)

    def _enable(self, session: Session | None) -> None:
        actions, photo = self.actions_, session is not None
        looking = (actions.fit, actions.actual, actions.zoom_in, actions.zoom_out)
        crop = session is not None and session.framing.current_crop is not None
        for action in (*looking, actions.ask):
            action.setEnabled(photo)
        for action in (actions.compare, actions.export, actions.why, actions.delete_crop):
            action.setEnabled(crop)
        actions.go_on.setEnabled(session is not None and bool(session.unfinished))
        self.side.ask_box.set_answerable(photo)

    # ── what the photographer asks for ───────────────────────────────────────────────────────────

    def _wire_actions(self) -> None:
        actions, controller = self.actions_, self._controller
        asked = {
            actions.close_photo: controller.close_photo,
            actions.leave: self.close,
            actions.undo: self._undo,
            actions.redo: controller.redo,
            actions.delete_crop: controller.delete_crop,
            actions.why: self._ask_why,
            actions.fit: self.view.fit,
            actions.actual: self.view.zoom_to_actual,
            actions.zoom_in: self.view.zoom_in,
            actions.zoom_out: self.view.zoom_out,
            actions.next_photo: controller.show_next,
            actions.previous_photo: controller.show_previous,
            actions.stop: controller.stop,
            actions.restart: controller.restart_engine,
            actions.go_on: controller.critique,
            actions.to_side: self._change_sides,
            actions.ask: self.side.ask_box.setFocus,
        }
        for action, answer in asked.items():
            action.triggered.connect(answer)
        actions.compare.toggled.connect(self.view.set_comparing)

    def _wire_panels(self) -> None:
        controller, side = self._controller, self.side
        dialogs = Dialogs(controller, self.actions_, self)
        side.asked.connect(controller.ask)
        side.conversation.asked_again.connect(controller.ask_again)
        side.critique.evidence_wanted.connect(self._show_evidence)
        side.critique.straighten_asked.connect(controller.straighten)
        side.critique.resumed.connect(controller.critique)
        side.crops.crop_pointed.connect(self.view.preview_crop)
        side.crops.why_asked.connect(controller.ask_why)
        side.crops.use_asked.connect(controller.choose_crop)
        side.crops.export_asked.connect(dialogs.export_crop)
        self.crop_bar.crop_changed.connect(controller.change_crop)
        self.crop_bar.ratio_kept.connect(self.view.lock_ratio)
        self.crop_bar.turning_begun.connect(controller.begin_gesture)
        self.crop_bar.angle_changed.connect(controller.set_angle)
        self.crop_bar.turning_ended.connect(controller.end_gesture)
        self.start_page.opened.connect(controller.open_path)
        self.start_page.open_asked.connect(dialogs.open_photo)
        self.start_page.open_folder_asked.connect(dialogs.open_folder)
        self.message_page.open_asked.connect(dialogs.open_photo)
        self.message_page.start_asked.connect(controller.close_photo)
        self.view.zoom_changed.connect(self._show_zoom)
        self.engine_bar.restart_asked.connect(controller.restart_engine)
        self.status_line.stop_asked.connect(controller.stop)

    def _undo(self) -> None:
        self.crop_bar.finish_turning()  # what is still turning is the step to take back
        self._controller.undo()

    def _ask_why(self) -> None:
        self._controller.ask_why()

    def _show_evidence(self, where: Where | None) -> None:
        self.view.show_evidence(where if self._controller.settings.evidence else None)

    def _change_sides(self) -> None:
        """Take the keyboard from the photo to the panels, or back."""
        if self.side.isAncestorOf(self.focusWidget()) or not self.side.isVisible():
            self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.side.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # ── Qt's own ─────────────────────────────────────────────────────────────────────────────────

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if not hasattr(self, "view"):
            return  # still being made
        if event.type() is QEvent.Type.PaletteChange:
            self.actions_.retint()
        elif event.type() is QEvent.Type.ActivationChange and not self.isActiveWindow():
            # The release of a held key goes to another window.
            self.view.set_comparing(self.actions_.compare.isChecked())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Backslash and not event.isAutoRepeat():
            self.view.set_comparing(self._controller.session is not None)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Backslash and not event.isAutoRepeat():
            self.view.set_comparing(self.actions_.compare.isChecked())
        else:
            super().keyReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if (path := dropped_path(event)) is not None:
            event.acceptProposedAction()
            self._controller.open_path(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.crop_bar.finish_turning()
        self.start_page.close_workers()
        self.engine_desk.close_workers()
        super().closeEvent(event)

    def _arrange(self) -> None:
        self._shown_photo: Path | None = None
        self._failed = False
        self._photo_page = QWidget()
        self._photo_page.setFocusProxy(self.view)
        photo_column = QVBoxLayout(self._photo_page)
        photo_column.setContentsMargins(0, 0, 0, 0)
        photo_column.setSpacing(0)
        photo_column.addWidget(self.view, 1)
        photo_column.addWidget(self.crop_bar)
        self._stack = QStackedWidget()
        for page in (self.start_page, self._photo_page, self.message_page):
            self._stack.addWidget(page)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._stack)
        splitter.addWidget(self.side)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setCollapsible(0, False)
        splitter.setCollapsible(1, False)
        splitter.setHandleWidth(1)
        splitter.setSizes([FIRST_SIZE.width() - SIDE_WIDTH, SIDE_WIDTH])
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for bar in (self.toolbar, self.engine_bar, self.notice_bar):
            layout.addWidget(bar)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.status_line)
        self.setCentralWidget(content)
        self.side.hide()
        # What is dropped anywhere is for the window: no field may take the path as text.
        for part in self.findChildren(QLineEdit):
            part.setAcceptDrops(False)
