"""The review desk's state: which record is on it, which words stand, what can be undone. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.review.decisions import Action, Decision, Standing, standing
from engine.review.records import Draft, Record, Records


class Mode(StrEnum):
    """What the keys are for: reading and deciding, writing other words, or giving a reason."""

    READING = "reading"
    EDITING = "editing"
    REJECTING = "rejecting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """What a reviewer typed about a record and has not decided with; `of` as in a Decision."""

    of: str
    draft: Draft | None = None
    score: float | None = None
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return self.draft is None and self.score is None and not self.note


@dataclass(frozen=True, slots=True)
class Step:
    """A decision that can be taken back: the word that stood before it (None: none), and it."""

    before: Decision | None
    after: Decision


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the records somebody has judged."""

    name: str
    done: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What lies on the desk. `steps` are the reviewer's own, the latest last."""

    records: Records
    reviewer: str
    words: Standing
    steps: tuple[Step, ...] = ()
    unfinished: Mapping[str, Unfinished] = field(default_factory=dict)
    place: int = 0
    mode: Mode = Mode.READING

    @property
    def count(self) -> int:
        return len(self.records.records)

    @property
    def record(self) -> Record | None:
        """The one in front; None in a file without records."""
        return self.records.records[self.place] if self.count else None

    @property
    def mine(self) -> Decision | None:
        """The reviewer's own word about the record in front."""
        return None if self.record is None else self._word(self.record)

    @property
    def others(self) -> tuple[Decision, ...]:
        """The other reviewers' words about it, by name. None before one's own: so that
        agreement is honest.
        """
        if self.record is None or self.mine is None:
            return ()
        words = self.words.get(self.record.id, {})
        return tuple(words[name] for name in sorted(words) if name != self.reviewer)

    @property
    def begun(self) -> Unfinished | None:
        """What was typed about the record in front, where it is still about these words."""
        if self.record is None:
            return None
        found = self.unfinished.get(self.record.id)
        return found if found is not None and found.of == self.record.fingerprint else None

    @property
    def draft(self) -> Draft:
        """The words to read: the reviewer's own where they edited, else the record's."""
        if self.mine is not None and self.mine.draft is not None:
            return self.mine.draft
        return Draft() if self.record is None else self.record.draft

    @property
    def draft_to_edit(self) -> Draft:
        """The words to go on writing."""
        begun = self.begun
        return self.draft if begun is None or begun.draft is None else begun.draft

    @property
    def score(self) -> float | None:
        """The reviewer's own score of the photo, decided or typed."""
        if self.mine is not None:
            return self.mine.score
        return None if self.begun is None else self.begun.score

    @property
    def progress(self) -> tuple[Progress, ...]:
        """The reviewer's own, then the others' by name."""
        done: dict[str, int] = {self.reviewer: 0}
        for words in self.words.values():
            for name in words:
                done[name] = done.get(name, 0) + 1
        names = (self.reviewer, *sorted(set(done) - {self.reviewer}))
        return tuple(Progress(name, done[name], self.count) for name in names)

    def next_open(self, start: int) -> int | None:
        """Where the first record without the reviewer's word is, from `start` round to it again."""
        for offset in range(self.count):
            place = (start + offset) % self.count
            if self._word(self.records.records[place]) is None:
                return place
        return None

    def at(self, place: int) -> Desk:
        """Another record in front."""
        return replace(self, place=min(max(place, 0), max(self.count - 1, 0)), mode=Mode.READING)

    def at_record(self, record: str) -> Desk:
        """The record of this id in front, where there is one."""
        ids = (number for number, each in enumerate(self.records.records) if each.id == record)
        place = next(ids, None)
        return self if place is None else self.at(place)

    def decided(self, word: Decision) -> Desk:
        """The same after a word of the reviewer's own. What was typed and is no part of it stays:
        words that were begun, when the record is accepted without them or rejected.
        """
        words = dict(self.words.get(word.record, {}))
        before = words.pop(self.reviewer, None)
        if word.action is not Action.OPEN:
            words[self.reviewer] = word
        left = self.unfinished.get(word.record)
        if left is not None:
            used = word.action is Action.EDIT
            note = "" if word.action is Action.REJECT else left.note
            left = replace(left, draft=None if used else left.draft, score=None, note=note)
        return replace(
            self if left is None else self.typed(word.record, left),
            words={**self.words, word.record: words},
            steps=_stepped(self.steps, before, word),
            mode=Mode.READING,
        )

    def heard(self, decisions: Iterable[Decision]) -> Desk:
        """The same after the latest words of other reviewers, in their order."""
        drafts = {each.id: each for each in self.records.records}
        words = dict(self.words)
        for word in decisions:
            record = drafts.get(word.record)
            if record is None or record.fingerprint != word.of:
                continue
            about = dict(words.get(word.record, {}))
            about.pop(word.reviewer, None)
            if word.action is not Action.OPEN:
                about[word.reviewer] = word
            words[word.record] = about
        return replace(self, words=words)

    def typed(self, record: str, begun: Unfinished) -> Desk:
        """The same with what was typed about a record."""
        others = {each: was for each, was in self.unfinished.items() if each != record}
        return replace(self, unfinished=others if begun.is_empty else {**others, record: begun})

    def _word(self, record: Record) -> Decision | None:
        return self.words.get(record.id, {}).get(self.reviewer)


def seated(
    records: Records,
    decisions: Iterable[Decision],
    reviewer: str,
    *,
    unfinished: Mapping[str, Unfinished] | None = None,
) -> Desk:
    """The desk as a reviewer finds it: the first record without their word in front."""
    known = tuple(decisions)
    desk = Desk(
        records=records,
        reviewer=reviewer,
        words=standing(known, records.records),
        steps=_steps(known, records, reviewer),
        unfinished=unfinished or {},
    )
    return desk.at(desk.next_open(0) or 0)


def _steps(decisions: Iterable[Decision], records: Records, reviewer: str) -> tuple[Step, ...]:
    """What a reviewer can still undo, from their file alone: it holds after a restart too."""
    drafts = {each.id: each.fingerprint for each in records.records}
    stands: dict[str, Decision] = {}
    found: list[Step] = []
    for word in decisions:
        if word.reviewer != reviewer or drafts.get(word.record) != word.of:
            continue
        before = stands.pop(word.record, None)
        if word.action is not Action.OPEN:
            stands[word.record] = word
        _step(found, before, word)
    return tuple(found)


def _stepped(steps: tuple[Step, ...], before: Decision | None, word: Decision) -> tuple[Step, ...]:
    found = list(steps)
    _step(found, before, word)
    return tuple(found)


def _step(steps: list[Step], before: Decision | None, word: Decision) -> None:
    """A word that says again what stood before the last one takes that one back."""
    if says_the_same(before, word):
        return
    last = steps[-1] if steps else None
    if last is not None and last.after.record == word.record and says_the_same(last.before, word):
        steps.pop()
    else:
        steps.append(Step(before, word))


def says_the_same(before: Decision | None, word: Decision) -> bool:
    """Whether a word changes nothing where `before` stands."""
    if before is None or word.action is Action.OPEN:
        return before is None and word.action is Action.OPEN
    return (before.action, before.draft, before.score, before.note) == (
        word.action,
        word.draft,
        word.score,
        word.note,
    )
