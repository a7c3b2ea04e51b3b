"""From raw comments to analysis and guidance: a teacher drafts, a second model checks (AGGF)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from engine.photo import PhotoError
from engine.review.records import Check, Checked, Draft, Kind, Record, record_id
from engine.wire import to_json
from trainer.annotate.comments import Commented
from trainer.annotate.making import TEACHER, VERIFIER, Made, Staff, aside, sources, unreadable
from trainer.endpoints.asking import Asked, Heard, Reply, Shown
from trainer.endpoints.conversing import NotUnderstoodError, understood
from trainer.endpoints.objects import read_object
from trainer.endpoints.prompts import Prompts, read_prompts

WANTED: Final[Mapping[str, frozenset[str]]] = {
    "teacher": frozenset({"comments"}),
    "verifier": frozenset({"draft"}),
    "again": frozenset({"reason"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The teacher's words, in the form that is asked for."""

    impression: str
    analysis: str
    guidance: str

    def __post_init__(self) -> None:
        if not self.analysis.strip() or not self.guidance.strip():
            raise ValueError("analysis and guidance may not be empty")

    @property
    def draft(self) -> Draft:
        return Draft(
            impression=self.impression.strip(),
            analysis=self.analysis.strip(),
            guidance=self.guidance.strip(),
        )


class Verdict(StrEnum):
    """What the verifier may say."""

    ACCEPT = "accept"
    CORRECT = "correct"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verifier's words, in the form that is asked for."""

    verdict: Verdict
    reason: str = ""
    draft: Written | None = None

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.CORRECT) != (self.draft is not None):
            raise ValueError('"correct", and nothing else, comes with a draft')
        if self.verdict is not Verdict.ACCEPT and not self.reason.strip():
            raise ValueError(f'"{self.verdict}" needs a reason')


_RESULTS: Final = {
    Verdict.ACCEPT: Check.ACCEPTED,
    Verdict.CORRECT: Check.CORRECTED,
    Verdict.REJECT: Check.REJECTED,
}


def prompts(file: Path | None = None) -> Prompts:
    """Our own, or a lab's. PromptsError."""
    return read_prompts(file, WANTED, package="trainer.annotate", resource="refine.toml")


def drafting(subject: Commented, shown: Shown, staff: Staff) -> Asked:
    """What the teacher is asked."""
    words = staff.prompts.fill("teacher", {"comments": numbered(subject.comments)})
    return Asked(words=words, shown=shown, sampling=staff.teaching)


def checking(subject: Commented, shown: Shown, draft: Draft, staff: Staff) -> Asked:
    """What the verifier is asked about a draft."""
    told = {
        name: text for name, text in to_json(draft).items() if name in Written.__dataclass_fields__
    }
    values = {
        "comments": numbered(subject.comments),
        "draft": json.dumps(told, ensure_ascii=False, indent=1),
    }
    return Asked(
        words=staff.prompts.fill("verifier", values), shown=shown, sampling=staff.verifying
    )


async def refine(subject: Commented, root: Path, staff: Staff) -> Made:
    """The record of one photo, or why there is none. EngineError where a model cannot be asked."""
    ident = record_id(Kind.GUIDANCE, subject.photo)
    path, step = root / subject.photo, TEACHER
    try:
        shown = await asyncio.to_thread(Shown.of, path)
        drafted = await understood(
            staff.teacher,
            drafting(subject, shown, staff),
            _written,
            prompts=staff.prompts,
            tries=staff.tries,
        )
        step = VERIFIER
        judged = await understood(
            staff.verifier,
            checking(subject, shown, drafted.value, staff),
            _judged,
            prompts=staff.prompts,
            tries=staff.tries,
        )
    except NotUnderstoodError as error:
        return aside(ident, subject.photo, step, error.reason, error.replies)
    except PhotoError as error:
        return aside(ident, subject.photo, "photo", error.reason)
    except OSError as error:
        return aside(ident, subject.photo, "photo", unreadable(path, error))
    return _record(
        ident, subject, drafted.value, judged.value, drafted.replies, judged.replies, staff.prompts
    )


def numbered(comments: tuple[str, ...]) -> str:
    """Comments as lines of a prompt, each one on a line of its own."""
    lines = (" ".join(each.split()) for each in comments)
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def _record(
    ident: str,
    subject: Commented,
    draft: Draft,
    judged: Judged,
    drafting_replies: tuple[Reply, ...],
    checking_replies: tuple[Reply, ...],
    words: Prompts,
) -> Record:
    corrected = judged.draft.draft if judged.draft is not None else None
    return Record(
        id=ident,
        kind=Kind.GUIDANCE,
        photo=subject.photo,
        comments=subject.comments,
        draft=corrected or draft,
        checked=Checked(
            result=_RESULTS[judged.verdict],
            reason=judged.reason.strip(),
            first=draft if corrected is not None else None,
        ),
        sources=(
            *sources(TEACHER, drafting_replies, words),
            *sources(VERIFIER, checking_replies, words),
        ),
    )


def _written(heard: Heard) -> Draft:
    return read_object(Written, heard).draft


def _judged(heard: Heard) -> Judged:
    return read_object(Judged, heard)
