"""Records and decisions for tests about reviews."""

from __future__ import annotations

from engine.review.decisions import Action, Decision
from engine.review.records import Check, Checked, Draft, Kind, Record, record_id
from engine.vocabulary import Box

BOX = Box(0.1, 0.2, 0.9, 0.8)


def guidance(
    photo: str, *, analysis: str = "Soft light.", result: Check = Check.ACCEPTED
) -> Record:
    """A draft for a photo."""
    return Record(
        id=record_id(Kind.GUIDANCE, photo),
        kind=Kind.GUIDANCE,
        photo=photo,
        comments=("nice",),
        draft=Draft(impression="Pleasing.", analysis=analysis, guidance="Step closer."),
        checked=Checked(result=result, reason="seen"),
    )


def rationale(photo: str, *, better: bool = True) -> Record:
    """A draft for a crop."""
    return Record(
        id=record_id(Kind.RATIONALE, photo, BOX, better),
        kind=Kind.RATIONALE,
        photo=photo,
        box=BOX,
        better=better,
        draft=Draft(rationale="It balances."),
        checked=Checked(result=Check.ACCEPTED),
    )


def decided(
    record: Record,
    reviewer: str,
    action: Action,
    *,
    at: str = "2026-01-01T00:00:00+00:00",
    analysis: str = "",
    score: float | None = None,
) -> Decision:
    """A reviewer's word; an edit changes the analysis."""
    draft = None
    if action is Action.EDIT:
        draft = Draft(impression="Pleasing.", analysis=analysis, guidance="Step closer.")
    return Decision(
        record=record.id,
        of=record.fingerprint,
        reviewer=reviewer,
        action=action,
        at=at,
        draft=draft,
        score=score,
    )
