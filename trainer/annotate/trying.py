"""A dry run: the words that would be sent for the first subjects, and counts; nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.review.records import Draft
from trainer.annotate import rationale, refine
from trainer.annotate.comments import Commented
from trainer.annotate.making import Staff
from trainer.annotate.rationale import Crop
from trainer.endpoints.asking import Asked, Shown

_DRAFT = Draft(impression="…", analysis="…", guidance="…", rationale="…")
"""In the place of what the teacher will write."""


def try_refining(
    subjects: Sequence[Commented], root: Path, staff: Staff, *, shown: int
) -> Iterator[str]:
    """Lines for a terminal: prompts of the first `shown` subjects, then counts."""

    def asked(each: Commented, picture: Shown) -> tuple[Asked, Asked]:
        first = refine.drafting(each, picture, staff)
        return first, refine.checking(each, picture, _DRAFT, staff)

    names = [each.photo for each in subjects]
    for each in subjects[:shown]:
        yield from _prompts(each.photo, *asked(each, Shown(root / each.photo, "")), staff)
    first = (asked(each, picture)[0] for each, picture in _pictures(subjects, root))
    yield from _counts(names, first, root, staff)


def try_explaining(
    subjects: Sequence[Crop], root: Path, staff: Staff, *, shown: int
) -> Iterator[str]:
    """The same for crops."""
    names = [each.photo for each in subjects]
    for each in subjects[:shown]:
        picture = Shown(root / each.photo, "", each.box)
        edges = ", ".join(f"{edge:.3f}" for edge in each.box)
        first = rationale.drafting(each, picture, staff)
        second = rationale.checking(each, picture, _DRAFT.rationale, staff)
        yield from _prompts(f"{each.photo}, red box at {edges}", first, second, staff)
    first = (
        rationale.drafting(each, Shown.of(root / each.photo, each.box), staff)
        for each in subjects
        if (root / each.photo).is_file()
    )
    yield from _counts(names, first, root, staff)


def _pictures(subjects: Sequence[Commented], root: Path) -> Iterator[tuple[Commented, Shown]]:
    for each in subjects:
        if (root / each.photo).is_file():
            yield each, Shown.of(root / each.photo)


def _prompts(title: str, first: Asked, second: Asked, staff: Staff) -> Iterator[str]:
    for asker, asked in ((staff.teacher, first), (staff.verifier, second)):
        yield f"── {asker.account.role}: {asker.endpoint.name}, with {title}"
        yield asked.words
        yield ""


def _counts(
    photos: Sequence[str], first: Iterator[Asked], root: Path, staff: Staff
) -> Iterator[str]:
    missing = [each for each in dict.fromkeys(photos) if not (root / each).is_file()]
    known = sum(staff.teacher.known(each) is not None for each in first)
    yield (
        f"{len(photos)} records, {len(set(photos))} photos: at least {2 * len(photos)} requests,"
        f" of which the teacher's first answer is kept already for {known}."
    )
    if missing:
        yield f"{len(missing)} photos are missing, the first of them {root / missing[0]}."
    yield "Nobody was asked."
