"""Why a crop is better or worse: a teacher who sees it as a red box, a second model that checks.

A rationale that is rejected goes back to the teacher with the reason (paper, figure on data).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from engine.dialogue.speaker import Turn
from engine.photo import PhotoError
from engine.review.records import Check, Checked, Draft, Kind, Record, Source, record_id
from engine.vocabulary import Box
from trainer.annotate.making import TEACHER, VERIFIER, Made, Staff, aside, sources, unreadable
from trainer.data.cropping import boxes_to_explain
from trainer.data.layouts import Annotated
from trainer.data.sample import Verdict as Quality
from trainer.endpoints.asking import Asked, Heard, Shown
from trainer.endpoints.conversing import NotUnderstoodError, understood
from trainer.endpoints.objects import read_object
from trainer.endpoints.prompts import Prompts, read_prompts

WANTED: Final[Mapping[str, frozenset[str]]] = {
    "teacher": frozenset({"better"}),
    "verifier": frozenset({"better", "rationale"}),
    "rejected": frozenset({"reason"}),
    "again": frozenset({"reason"}),
}


@dataclass(frozen=True, slots=True)
class Crop:
    """A photo, by its path relative to the root, and a box that makes it better or worse."""

    photo: str
    box: Box
    better: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The teacher's words, in the form that is asked for."""

    rationale: str

    def __post_init__(self) -> None:
        if not self.rationale.strip():
            raise ValueError("the rationale is empty")


class Verdict(StrEnum):
    """What the verifier may say."""

    ACCEPT = "accept"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verifier's words, in the form that is asked for."""

    verdict: Verdict
    reason: str = ""

    def __post_init__(self) -> None:
        if self.verdict is Verdict.REJECT and not self.reason.strip():
            raise ValueError('"reject" needs a reason')


def prompts(file: Path | None = None) -> Prompts:
    """Our own, or a lab's. PromptsError."""
    return read_prompts(file, WANTED, package="trainer.annotate", resource="rationale.toml")


def crops_of(
    annotated: Iterable[Annotated], *, root: Path, seed: int = 0, bad: int = 1
) -> list[Crop]:
    """The crops to explain: each photo's good ones, and up to `bad` bad ones for each of them."""
    found: dict[Crop, None] = {}
    for each in annotated:
        name = each.photo
        photo = (name.relative_to(root) if name.is_relative_to(root) else name).as_posix()
        for box, quality in boxes_to_explain(each, seed=seed, bad=bad):
            found[Crop(photo, box, quality is Quality.GOOD)] = None
    return list(found)


def drafting(crop: Crop, shown: Shown, staff: Staff) -> Asked:
    """What the teacher is asked at first."""
    words = staff.prompts.fill("teacher", _values(crop))
    return Asked(words=words, shown=shown, sampling=staff.teaching)


def checking(crop: Crop, shown: Shown, rationale: str, staff: Staff) -> Asked:
    """What the verifier is asked about a draft."""
    words = staff.prompts.fill("verifier", {**_values(crop), "rationale": rationale})
    return Asked(words=words, shown=shown, sampling=staff.verifying)


async def explain(crop: Crop, root: Path, staff: Staff, *, rounds: int = 3) -> Made:
    """The record of one crop, after at most `rounds` drafts, or why there is none.

    The record of a crop whose last draft was rejected has that draft and says so. EngineError
    where a model cannot be asked.
    """
    ident = record_id(Kind.RATIONALE, crop.photo, crop.box, crop.better)
    path = root / crop.photo
    try:
        shown = await asyncio.to_thread(Shown.of, path, crop.box)
        return await _rounds(ident, crop, shown, staff, rounds)
    except PhotoError as error:
        return aside(ident, crop.photo, "photo", error.reason)
    except OSError as error:
        return aside(ident, crop.photo, "photo", unreadable(path, error))


async def _rounds(ident: str, crop: Crop, shown: Shown, staff: Staff, rounds: int) -> Made:
    asked = drafting(crop, shown, staff)
    told: list[Source] = []
    words, tries = staff.prompts, staff.tries
    for number in range(1, rounds + 1):
        step = TEACHER
        try:
            drafted = await understood(staff.teacher, asked, _explained, prompts=words, tries=tries)
            told += sources(TEACHER, drafted.replies, words)
            step = VERIFIER
            question = checking(crop, shown, drafted.value, staff)
            judged = await understood(staff.verifier, question, _judged, prompts=words, tries=tries)
            told += sources(VERIFIER, judged.replies, words)
        except NotUnderstoodError as error:
            return aside(ident, crop.photo, step, error.reason, error.replies)
        if judged.value.verdict is Verdict.ACCEPT or number == rounds:
            return _record(ident, crop, drafted.value, judged.value, number, told)
        turn = Turn(asked.words, drafted.replies[-1].heard.text)
        again = words.fill("rejected", {**_values(crop), "reason": judged.value.reason.strip()})
        asked = Asked(
            words=again,
            history=(*asked.history, turn),
            shown=shown,
            sampling=staff.teaching,
        )
    raise AssertionError("there is at least one round")


def _record(
    ident: str, crop: Crop, rationale: str, judged: Judged, rounds: int, told: list[Source]
) -> Record:
    accepted = judged.verdict is Verdict.ACCEPT
    return Record(
        id=ident,
        kind=Kind.RATIONALE,
        photo=crop.photo,
        box=crop.box,
        better=crop.better,
        draft=Draft(rationale=rationale),
        checked=Checked(
            result=Check.ACCEPTED if accepted else Check.REJECTED,
            reason=judged.reason.strip(),
            rounds=rounds,
        ),
        sources=tuple(told),
    )


def _values(crop: Crop) -> dict[str, str]:
    return {"better": "better" if crop.better else "worse"}


def _explained(heard: Heard) -> str:
    return read_object(Explained, heard).rationale.strip()


def _judged(heard: Heard) -> Judged:
    return read_object(Judged, heard)
