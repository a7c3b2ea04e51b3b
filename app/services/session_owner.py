"""Owns the session of the shown photo, and changes its crops: gestures, choosing, undo.

The session controller is built on this; nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.session import Framing, Session
from app.services.gestures import Gestures, made_own
from engine.vocabulary import Crop, Finding


class SessionOwner(QObject):
    """The session, and each way in which the photographer changes its framing."""

    session_changed = Signal(object)
    """Session | None, after every change."""

    history_changed = Signal(bool, bool)
    """Whether there is something to undo, and to redo."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gestures = Gestures()
        self._session: Session | None = None

    @property
    def session(self) -> Session | None:
        return self._session

    @Slot()
    def begin_gesture(self) -> None:
        """What follows, up to `end_gesture`, is one step of undo."""
        if self._session is not None:
            self._gestures.begin(self._session.framing)

    @Slot()
    def end_gesture(self) -> None:
        if self._session is not None:
            self._gestures.end(self._session.framing)
            self._tell_history()

    @Slot()
    def cancel_gesture(self) -> None:
        """Back to how it was before the gesture."""
        if self._session is not None:
            self._reframe(self._gestures.cancel(self._session.framing))

    @Slot(object)
    def show_crop(self, crop: Crop) -> None:
        """Replace the current crop by the photographer's; add it where there is none."""
        if self._session is not None:
            self._reframe(self._gestures.placed(self._session.framing, crop))

    @Slot(object)
    def add_crop(self, crop: Crop) -> None:
        """A new crop of the photographer's, which becomes the current one."""
        self._gesture(lambda framing: framing.adding(made_own(crop)))

    @Slot(object)
    def change_crop(self, crop: Crop) -> None:
        """A whole gesture: the current crop becomes this one."""
        self._gesture(lambda framing: self._gestures.placed(framing, crop))

    @Slot()
    def delete_crop(self) -> None:
        self._gesture(Framing.without_current)

    @Slot(float)
    def set_angle(self, degrees: float) -> None:
        """Turn the photo under the current crop; the crop stays inside."""
        if (session := self._session) is None:
            return
        now = session.framing.current_crop
        if now is None or now.angle != degrees:
            crop = self._gestures.turned(session.framing, degrees, session.size)
            self._gesture(lambda framing: self._gestures.placed(framing, crop))

    @Slot(object)
    def straighten(self, finding: Finding) -> None:
        """Turn against the tilt that the finding measured."""
        self.set_angle(round(-finding.measurement.value, 1))

    @Slot(object)
    def choose_crop(self, index: int | None) -> None:
        """Make one of the crops the current one. Not a step of undo: nothing is changed."""
        if self._session is not None:
            self._reframe(self._session.framing.choosing(index))

    @Slot()
    def next_crop(self) -> None:
        self._cycle(1)

    @Slot()
    def previous_crop(self) -> None:
        self._cycle(-1)

    @Slot()
    def undo(self) -> None:
        self._travel(self._gestures.undo)

    @Slot()
    def redo(self) -> None:
        self._travel(self._gestures.redo)

    def _travel(self, way: Callable[[Framing], Framing]) -> None:
        if self._session is not None and not self._gestures.under_way:
            self._reframe(way(self._session.framing))
            self._tell_history()

    def _gesture(self, change: Callable[[Framing], Framing]) -> None:
        """Change the framing as one step of undo, or as part of the one that is under way."""
        if self._session is None:
            return
        alone = not self._gestures.under_way
        if alone:
            self.begin_gesture()
        self._reframe(change(self._session.framing))
        if alone:
            self.end_gesture()

    def _cycle(self, by: int) -> None:
        if self._session is not None and self._session.framing.crops:
            self.choose_crop(self._session.framing.beside(by))

    def _reframe(self, framing: Framing) -> None:
        if self._session is not None and framing != self._session.framing:
            self._set_session(replace(self._session, framing=framing))

    def _tell_history(self) -> None:
        history = self._gestures.history
        self.history_changed.emit(bool(history.earlier), bool(history.later))

    def _set_session(self, session: Session | None) -> None:
        if session != self._session:
            self._session = session
            self.session_changed.emit(session)
