"""What reviewers decided: one file a reviewer, only ever added to, joined when they are read.

Beside `records.jsonl` lies `records.reviews/` with a file for each reviewer, so that two people at
one time never write into the same one. A reviewer's last word about a record counts; undoing
writes the earlier word again, or OPEN. Nothing is ever taken out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Final
from urllib.parse import quote

from engine.review.records import Draft, Record, ReviewError
from engine.saving import append_line, as_line
from engine.wire import WireError, from_json, to_json

_LONGEST_NAME: Final = 200
"""Of a file, in bytes, with what file systems take."""


class Action(StrEnum):
    """A reviewer's word. EDIT accepts the record with other words; OPEN takes a word back."""

    ACCEPT = "accept"
    EDIT = "edit"
    REJECT = "reject"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One word of one reviewer about a record.

    `of` is the fingerprint of the draft that was seen: when the draft changes, the decision waits
    for a new one. `draft` has the words of an EDIT; `score` is the reviewer's own for the photo,
    on whatever scale the reviewers agreed on; `at` is the time in UTC (ISO 8601).
    """

    record: str
    of: str
    reviewer: str
    action: Action
    at: str
    draft: Draft | None = None
    score: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if (self.action is Action.EDIT) != (self.draft is not None):
            raise ValueError("an edit has a draft, and nothing else has one")
        if not self.reviewer.strip():
            raise ValueError("a decision needs its reviewer's name")
        if self.score is not None and not isfinite(self.score):
            raise ValueError("a score is a finite number")


Standing = Mapping[str, Mapping[str, Decision]]
"""Of each record, by its id, the words that count, by the reviewer's name."""


@dataclass(frozen=True, slots=True)
class Read:
    """All decisions of a file of records, each reviewer's in order, and the lines that are none."""

    decisions: tuple[Decision, ...]
    problems: tuple[str, ...]


def folder_of(records: Path) -> Path:
    """Where the decisions about a file of records lie."""
    return records.with_suffix(".reviews")


def log_of(records: Path, reviewer: str) -> Path:
    """A reviewer's file. ReviewError where the name cannot be that of one."""
    name = f"{quote(reviewer.strip(), safe=' ')}.jsonl"
    if not reviewer.strip() or len(name) > _LONGEST_NAME:
        raise ReviewError(f"{reviewer!r} is no reviewer's name: give one of 1 to 60 letters")
    return folder_of(records) / name


def add(records: Path, decision: Decision) -> None:
    """Keep a decision: it is on the disk when this returns. OSError where that cannot be."""
    append_line(log_of(records, decision.reviewer), as_line(to_json(decision)))


def read(records: Path) -> Read:
    """Every reviewer's decisions. ReviewError where a file of them cannot be read."""
    several = [read_on(log) for log in sorted(folder_of(records).glob("*.jsonl"))]
    return Read(
        tuple(word for each in several for word in each.decisions),
        tuple(problem for each in several for problem in each.problems),
    )


def read_on(log: Path, start: int = 0) -> Read:
    """What one reviewer's file says from its byte `start` on, from which lines are counted too.
    ReviewError where it cannot be read.
    """
    found: list[Decision] = []
    problems: list[str] = []
    try:
        with log.open("rb") as source:
            source.seek(start)
            lines = source.read().split(b"\n")
    except OSError as error:
        raise ReviewError(f"{log} cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(from_json(Decision, json.loads(line)))
        except (ValueError, WireError) as error:
            problems.append(f"{log}, line {number}, is no decision ({error})")
    return Read(tuple(found), tuple(problems))


def standing(decisions: Iterable[Decision], records: Iterable[Record]) -> Standing:
    """Each reviewer's last word about each record's present draft, OPEN left out."""
    drafts = {each.id: each.fingerprint for each in records}
    found: dict[str, dict[str, Decision]] = {}
    for each in decisions:
        if drafts.get(each.record) != each.of:
            continue
        words = found.setdefault(each.record, {})
        if each.action is Action.OPEN:
            words.pop(each.reviewer, None)
        else:
            words[each.reviewer] = each
    return found


def stale(decisions: Iterable[Decision], records: Iterable[Record]) -> int:
    """How many decisions are about words that have changed since, or about no record here."""
    drafts = {each.id: each.fingerprint for each in records}
    return sum(drafts.get(each.record) != each.of for each in decisions)
