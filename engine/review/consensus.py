"""What reviewers together make of a record: whether it passes, with which words and score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.review.agreement import accepts
from engine.review.decisions import Action, Decision
from engine.review.records import Check, Draft, Record


class Outcome(StrEnum):
    """What becomes of a record. CHECKED: no reviewer has judged it, the checking model let it
    pass; UNFIT: none has, and the model rejected it; DISPUTED: as many accept it as reject it.
    """

    PASSED = "passed"
    REJECTED = "rejected"
    DISPUTED = "disputed"
    CHECKED = "checked"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True)
class Settled:
    """A record with the draft that counts: the latest edit among its reviewers', or its own; and
    the mean of their scores.
    """

    record: Record
    outcome: Outcome
    score: float | None = None


def settle(record: Record, words: Mapping[str, Decision]) -> Settled:
    """By the majority of the words that stand about a record; a reviewer's goes before the
    checking model's.
    """
    if not words:
        fit = record.checked.result is not Check.REJECTED
        return Settled(record, Outcome.CHECKED if fit else Outcome.UNFIT)
    scores = [each.score for each in words.values() if each.score is not None]
    score = sum(scores) / len(scores) if scores else None
    passed = sum(accepts(each) for each in words.values())
    rejected = len(words) - passed
    if passed == rejected:
        return Settled(record, Outcome.DISPUTED, score)
    if rejected > passed:
        return Settled(record, Outcome.REJECTED, score)
    return Settled(replace(record, draft=_draft(record, words)), Outcome.PASSED, score)


def _draft(record: Record, words: Mapping[str, Decision]) -> Draft:
    edits = [each for each in words.values() if each.action is Action.EDIT]
    latest = max(edits, key=lambda each: (each.at, each.reviewer), default=None)
    return record.draft if latest is None or latest.draft is None else latest.draft
