"""What engines say in words of their own beside the model's: English sentences are the keys."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from engine.builtin.wording import LANGUAGES, Say, TableTranslations
from engine.builtin.wording import wording as builtin_wording
from engine.builtin.wording.phrases import listed, side
from engine.dialogue.posterior import Posterior
from engine.dialogue.proposals import Proposal
from engine.dialogue.translations import TABLES
from engine.dialogue.verdict import Verdict
from engine.vocabulary import Box, Purpose

_TRIM: Final = 0.015
"""Sides that lose less than this part of the photo are not named."""
_SIDES: Final = ("left", "top", "right", "bottom")


@cache
def wording(language: str) -> Say:
    """The words for a language code; English for one that has no table. Sides and lists are the
    built-in engine's.
    """
    known = builtin_wording(language).language
    if known.table is None:
        return builtin_wording(language)
    shared: Mapping[str, str] = import_module(known.table).MESSAGES
    code = next(code for code, each in LANGUAGES.items() if each == known)
    return Say(known, TableTranslations({**shared, **TABLES[code]}))


def rationale(
    proposal: Proposal, posterior: Posterior, say: Say, *, first: bool, upright: bool
) -> str:
    """Why a crop is offered, from the model's own boxes. `upright`: it is higher than wide."""
    values = {
        "count": posterior.count,
        "score": say.percent(proposal.score or 0.0),
        "share": say.percent(proposal.share),
        "trims": _trims(proposal.box, say),
    }
    alone, asked = posterior.count == 1, proposal.purpose is Purpose.REQUESTED
    if proposal.purpose is Purpose.WHOLE_PHOTO and alone:
        return say("The one crop that the model gave is the whole frame.")
    if proposal.purpose is Purpose.WHOLE_PHOTO:
        return say(
            "The model's own crops agree best with the whole frame, which overlaps with them by"
            " {score}: no crop gains.",
            **values,
        )
    if alone and asked:
        return say(
            "It is as you asked, and as near as can be to the one crop that the model gave. It"
            " takes off {trims}.",
            **values,
        )
    if alone:
        return say(
            "It is the one crop that the model gave; there are no others to score it by. It takes"
            " off {trims}.",
            **values,
        )
    if first and asked:
        return say(
            "Of all crops as you asked it agrees best with {count} that the model drew: it overlaps"
            " with them by {score}. It takes off {trims}.",
            **values,
        )
    if first:
        return say(
            "Of all crops it agrees best with {count} that the model drew: it overlaps with them by"
            " {score}. It takes off {trims}.",
            **values,
        )
    match proposal.purpose:
        case Purpose.TIGHTER:
            return say(
                "It goes closer, nearest to {share} of the model's own crops. It takes off"
                " {trims}.",
                **values,
            )
        case Purpose.OTHER_ORIENTATION if upright:
            return say(
                "It makes an upright format of it, nearest to {share} of the model's own crops. It"
                " takes off {trims}.",
                **values,
            )
        case Purpose.OTHER_ORIENTATION:
            return say(
                "It makes a landscape format of it, nearest to {share} of the model's own crops. It"
                " takes off {trims}.",
                **values,
            )
        case Purpose.REQUESTED:
            return say(
                "It is as you asked, and nearest to {share} of the model's own crops. It takes off"
                " {trims}.",
                **values,
            )
        case _:
            return say(
                "It is another framing, nearest to {share} of the model's own crops. It takes off"
                " {trims}.",
                **values,
            )


def _trims(box: Box, say: Say) -> str:
    """What goes at which side, the most first."""
    cut = (box.left, box.top, 1 - box.right, 1 - box.bottom)
    named = [
        say("{share} at the {side}", share=say.percent(share), side=side(say, name))
        for share, name in sorted(zip(cut, _SIDES, strict=True), key=lambda each: -each[0])
        if share >= _TRIM
    ]
    return listed(say, named) or say("almost nothing")


def judged(found: Verdict, score: float, percentile: float, *, alone: bool, say: Say) -> str:
    """What the model's own boxes say about a crop. `alone`: it gave one box only."""
    values = {"score": say.percent(score), "better": say.percent(min(percentile, 0.99))}
    if alone:
        return say(
            "The model gave one crop of its own, and this one overlaps with it by {score}.",
            **values,
        )
    match found:
        case Verdict.FOR:
            return say(
                "The model's own crops speak for this one: it overlaps with them by {score}, more"
                " than {better} of the crops that could be made.",
                **values,
            )
        case Verdict.AGAINST:
            return say(
                "The model's own crops speak against this one: it overlaps with them by {score},"
                " more than only {better} of the crops that could be made.",
                **values,
            )
        case Verdict.BOTH:
            return say(
                "The model's own crops speak neither clearly for this one nor against it: it"
                " overlaps with them by {score}, more than {better} of the crops that could be"
                " made.",
                **values,
            )


def unjudged(say: Say) -> str:
    """Where the model gave no box."""
    return say("The model gave no crop of its own to judge this one by; it was asked both ways.")


def not_parted(say: Say) -> str:
    """Under guidance, where a joined answer shows no guidance of its own."""
    return say("The model gave its advice as one with its analysis: it stands there.")
