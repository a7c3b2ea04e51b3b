"""The one owner of the desk's state: decides, goes on, takes back, and hears of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QThreadPool, QTimer, Signal, Slot

from app.review.archive import Archive
from app.review.desk import Desk, Mode, Unfinished, says_the_same
from app.services.image_loader import ImageLoader
from app.services.status import Notice, Severity
from engine.review.agreement import agreement
from engine.review.decisions import Action, Decision
from engine.review.records import Draft, ReviewError

LISTEN_MS: Final = 2000
"""How often the others' files are looked at; a watcher would not hear of a shared folder's."""

SETTLE_MS: Final = 300
"""Rest after which typed words are written, and agreement is computed."""

_AHEAD: Final = 2
"""Photos that are read before they are asked for."""

translate = QCoreApplication.translate  # pyside6-lupdate looks for this name


def utc_now() -> str:
    """The time as decisions tell it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class ReviewController(QObject):
    """A reviewer at a file of records. ReviewError where there is nothing to review."""

    changed = Signal(object)
    """Desk, after every change."""

    typed = Signal(object)
    """Desk, after what was typed was kept: nobody need show words that are in their field."""

    photo_changed = Signal()
    """Another photo is being read."""

    picture_changed = Signal(object)
    """Picture, first a preview, then the whole; or PhotoFailure."""

    agreement_changed = Signal(object)
    """Agreement of all who have decided; comes from a thread."""

    noticed = Signal(object)
    """Notice."""

    def __init__(
        self,
        file: Path,
        reviewer: str,
        loader: ImageLoader,
        *,
        now: Callable[[], str] = utc_now,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._archive, self._loader, self._now = Archive(file, reviewer), loader, now
        self._desk, self._first_problems = self._archive.open()
        self._photo: Path | None = None
        self._listening = QTimer(self, interval=LISTEN_MS)
        self._listening.timeout.connect(self.listen)
        self._counting = QThreadPool(self)
        self._counting.setMaxThreadCount(1)
        self._settling = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settling.timeout.connect(self._settle)
        loader.loaded.connect(self.picture_changed)
        loader.failed.connect(self.picture_changed)

    @property
    def desk(self) -> Desk:
        return self._desk

    @Slot()
    def start(self) -> None:
        """Tell everything once, and listen from now on to what others decide."""
        self.changed.emit(self._desk)
        self._show_photo()
        self._tell_problems(self._first_problems)
        self._settling.start()
        self._listening.start()

    @Slot()
    def shut_down(self) -> None:
        """Keep what was typed, and end the threads."""
        self._listening.stop()
        self._settling.stop()
        self._keep()
        self._counting.clear()
        self._counting.waitForDone()
        self._loader.close()

    # ── where one is ─────────────────────────────────────────────────────────────────────────────

    @Slot()
    def next(self) -> None:
        self._set(self._desk.at(self._desk.place + 1))

    @Slot()
    def previous(self) -> None:
        self._set(self._desk.at(self._desk.place - 1))

    @Slot()
    def next_open(self) -> None:
        """The next record without a word of the reviewer's, from the beginning after the last."""
        place = self._desk.next_open(self._desk.place + 1)
        if place is None:
            self._tell(translate("Review", "You have decided about every record of this file."))
        else:
            self._set(self._desk.at(place))

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def accept(self) -> None:
        """Let the record pass with the words that are shown: its own, or the reviewer's edit."""
        mine = self._desk.mine
        if mine is None or mine.draft is None:
            self._decide(Action.ACCEPT)
        else:
            self._decide(Action.EDIT, draft=mine.draft)

    @Slot()
    def begin_edit(self) -> None:
        self._set(replace(self._desk, mode=Mode.EDITING))

    @Slot()
    def begin_reject(self) -> None:
        self._set(replace(self._desk, mode=Mode.REJECTING))

    @Slot()
    def leave(self) -> None:
        """Back to reading; what was typed stays for the next time."""
        self._set(replace(self._desk, mode=Mode.READING))

    @Slot(object)
    def type_draft(self, draft: Draft) -> None:
        """Keep other words that are not decided with yet."""
        self._type(draft=None if draft == self._desk.draft else draft)

    @Slot(str)
    def type_note(self, note: str) -> None:
        """Keep a reason that is not given yet."""
        self._type(note=note)

    @Slot()
    def begin_anew(self) -> None:
        """Take the record's own words into the edit."""
        if (record := self._desk.record) is not None:
            self._type(draft=None if record.draft == self._desk.draft else record.draft)
            self.changed.emit(self._desk)

    @Slot()
    def finish_edit(self) -> None:
        """Accept the record with the words that were typed; unchanged, it is just accepted."""
        record, draft = self._desk.record, self._desk.draft_to_edit
        if record is None:
            return
        if not any(part.strip() for part in _parts(draft)):
            text = translate("Review", "An edit needs words.")
            remedy = translate("Review", "Write some, or reject the record.")
            self._tell(text, remedy, Severity.WARNING)
        elif draft == record.draft:
            self._type(draft=None)
            self._decide(Action.ACCEPT)
        else:
            self._decide(Action.EDIT, draft=draft)

    @Slot(str)
    def reject(self, reason: str) -> None:
        """Let the record not pass. The reason is what those who mend it go by: it must be there."""
        if reason.strip():
            self._decide(Action.REJECT, note=reason.strip())
        else:
            text = translate("Review", "A rejection needs its reason.")
            remedy = translate("Review", "A few words will do.")
            self._tell(text, remedy, Severity.WARNING)

    @Slot(object)
    def set_score(self, score: float | None) -> None:
        """The reviewer's score of the photo; it joins the word that stands, or the next one."""
        mine = self._desk.mine
        if score == self._desk.score:
            return
        if mine is None:
            self._type(score=score)
            self.changed.emit(self._desk)
        else:
            self._say(replace(mine, score=score, at=self._now()))

    @Slot()
    def undo(self) -> None:
        """Take the last decision back and show its record; what was typed for it is there still."""
        if not self._desk.steps:
            return
        step = self._desk.steps[-1]
        last = step.after
        if step.before is not None:
            word = replace(step.before, at=self._now())
        else:
            word = replace(
                last, action=Action.OPEN, draft=None, score=None, note="", at=self._now()
            )
        if self._say(word) and step.before is None:
            left = self._desk.unfinished.get(last.record) or Unfinished(of=last.of)
            draft, note = last.draft or left.draft, last.note or left.note
            begun = Unfinished(of=last.of, draft=draft, score=last.score, note=note)
            self._desk = self._desk.typed(last.record, begun)
            self._settling.start()
        self._set(self._desk.at_record(last.record))

    def _decide(self, action: Action, *, draft: Draft | None = None, note: str = "") -> None:
        record = self._desk.record
        if record is None:
            return
        word = Decision(
            record=record.id,
            of=record.fingerprint,
            reviewer=self._desk.reviewer,
            action=action,
            at=self._now(),
            draft=draft,
            score=self._desk.score,
            note=note,
        )
        if says_the_same(self._desk.mine, word):
            self.leave()  # a key that is held says nothing new
        else:
            self._say(word)

    def _say(self, word: Decision) -> bool:
        """On the disk first, then on the desk."""
        try:
            self._archive.add(word)
        except OSError as error:
            self._tell_unkept(error)
            return False
        self._set(self._desk.decided(word))
        self._settling.start()
        return True

    # ── what was typed ───────────────────────────────────────────────────────────────────────────

    def _type(self, **changes: Draft | float | str | None) -> None:
        record = self._desk.record
        if record is None:
            return
        begun = self._desk.begun or Unfinished(of=record.fingerprint)
        self._desk = self._desk.typed(record.id, replace(begun, **changes))
        self.typed.emit(self._desk)
        self._settling.start()

    def _settle(self) -> None:
        self._keep()
        records, words = self._desk.records.records, self._desk.words
        # In a thread: the correlation of some thousand scores takes a moment.
        self._counting.clear()
        self._counting.start(lambda: self.agreement_changed.emit(agreement(records, words)))

    def _keep(self) -> None:
        try:
            self._archive.keep(self._desk.unfinished)
        except OSError as error:
            self._tell_unkept(error)

    # ── the others ───────────────────────────────────────────────────────────────────────────────

    @Slot()
    def listen(self) -> None:
        """Take in what others have written since."""
        try:
            news = self._archive.news(self._desk)
        except ReviewError as error:
            remedy = translate("Review", "The desk goes on with what it knows.")
            self._tell(f"{error}.", remedy, Severity.WARNING)
            return
        if news is not None:
            desk, problems = news
            self._set(desk)
            self._tell_problems(problems)
            self._settling.start()

    # ── telling ──────────────────────────────────────────────────────────────────────────────────

    def _set(self, desk: Desk) -> None:
        if desk != self._desk:
            self._desk = desk
            self.changed.emit(desk)
            self._show_photo()

    def _show_photo(self) -> None:
        records, place = self._desk.records, self._desk.place
        shown = records.records[place : place + 1 + _AHEAD]
        photos = [records.photo(each) for each in shown]
        if photos and photos[0] != self._photo:
            self._photo = photos[0]
            self.photo_changed.emit()
            self._loader.load(photos[0])
            self._loader.prefetch(dict.fromkeys(photos[1:]))

    def _tell(self, text: str, remedy: str = "", severity: Severity = Severity.INFO) -> None:
        self.noticed.emit(Notice(text, remedy, severity))

    def _tell_unkept(self, error: OSError) -> None:
        text = translate("Review", "Nothing can be written into {folder}: {reason}.").format(
            folder=self._archive.folder, reason=error.strerror
        )
        remedy = translate("Review", "Make room or ask for the right to write there; then again.")
        self._tell(text, remedy, Severity.ERROR)

    def _tell_problems(self, found: Sequence[str]) -> None:
        if not found:
            return
        text = f"{found[0]}."
        if len(found) > 1:
            others = translate("Review", "So it is with {count} more.").format(count=len(found) - 1)
            text = f"{text} {others}"
        remedy = translate("Review", "It is left as it is and counts for nothing.")
        self._tell(text, remedy, Severity.WARNING)


def _parts(draft: Draft) -> tuple[str, ...]:
    return draft.impression, draft.analysis, draft.guidance, draft.rationale
