"""The files behind the desk: records, everybody's decisions, unfinished words. No Qt.

Only the reviewer's own two files are ever written, and decisions are only added to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from app.review import unfinished
from app.review.desk import Desk, Mode, Unfinished, seated
from engine.review.decisions import Decision, add, folder_of, log_of, read, read_on
from engine.review.records import ReviewError, read_records

_State = tuple[int, int]
"""Of a file: its length and its time of change; a file that is not there has none."""

_NOWHERE: _State = (0, 0)


class Archive:
    """Knows how far each file has been read. Its methods raise ReviewError where a file cannot be
    read, and OSError where one's own cannot be written.
    """

    def __init__(self, file: Path, reviewer: str) -> None:
        self.file = file
        self.folder = folder_of(file)
        self._reviewer = reviewer.strip()
        self._own = log_of(file, reviewer)
        self._read: dict[Path, _State] = {}
        self._kept: Mapping[str, Unfinished] = {}
        self._told: set[str] = set()

    def open(self) -> tuple[Desk, tuple[str, ...]]:
        """The desk as the reviewer left it, and what could not be read."""
        problems: list[str] = []
        try:
            self._kept = unfinished.load(self.file, self._reviewer)
        except ReviewError as error:
            problems.append(str(error))
        desk, broken = self._all(self._kept)
        return desk, (*broken, *problems)

    def add(self, word: Decision) -> None:
        """Keep a decision: it is on the disk when this returns."""
        add(self.file, word)
        self._read[self._own] = _state(self._own)

    def keep(self, begun: Mapping[str, Unfinished]) -> None:
        """Keep what was typed."""
        if begun != self._kept:
            unfinished.save(self.file, self._reviewer, begun)
            self._kept = begun

    def news(self, desk: Desk) -> tuple[Desk, tuple[str, ...]] | None:
        """The desk with what was written since, and what of it cannot be read; None where nothing
        was. Others' new lines are joined; where more has changed, all is read anew.
        """
        before, now = self._read, self._states()
        if now == before:
            return None
        self._read = now
        changed = {
            each: before.get(each, _NOWHERE)[0] for each in now if now[each] != before.get(each)
        }
        grown = all(now[each][0] >= start for each, start in changed.items())
        if changed and grown and not {self.file, self._own} & set(changed):
            heard = [read_on(log, start) for log, start in changed.items()]
            if not any(each.problems for each in heard):
                return desk.heard(word for each in heard for word in each.decisions), ()
        return self._anew(desk)

    def _anew(self, desk: Desk) -> tuple[Desk, tuple[str, ...]]:
        """The same record in front, and the same mode while its words are the same."""
        fresh, problems = self._all(desk.unfinished)
        fresh = fresh.at(desk.place)
        if desk.record is not None:
            fresh = fresh.at_record(desk.record.id)
        mode = desk.mode if fresh.record == desk.record else Mode.READING
        return replace(fresh, mode=mode), problems

    def _all(self, begun: Mapping[str, Unfinished]) -> tuple[Desk, tuple[str, ...]]:
        self._read = self._states()
        records, found = read_records(self.file), read(self.file)
        if not records.records:
            raise ReviewError(f"{self.file} has no records: `venus-trainer annotate` makes them")
        problems = tuple(each for each in found.problems if each not in self._told)
        self._told.update(problems)
        return seated(records, found.decisions, self._reviewer, unfinished=begun), problems

    def _states(self) -> dict[Path, _State]:
        return {each: _state(each) for each in (self.file, *self.folder.glob("*.jsonl"))}


def _state(file: Path) -> _State:
    try:
        status = file.stat()
    except OSError:
        return _NOWHERE
    return status.st_size, status.st_mtime_ns
