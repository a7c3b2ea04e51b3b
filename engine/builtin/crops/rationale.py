"""Two sentences for each proposed crop: what it keeps, what it removes, where the eye lands."""

from __future__ import annotations

from typing import Final

from engine.builtin.crops.cropper import Proposal
from engine.builtin.crops.facts import SIDES, CropFacts, crop_facts
from engine.builtin.crops.scene import Scene
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import listed, percent, place, side, size_of_number
from engine.vocabulary import Crop, Purpose

_TRIM: Final = 0.015
"""Sides that lose less than this part of the photo are not named."""


def rationale(scene: Scene, proposal: Proposal, say: Say) -> str:
    """Why the engine offers this crop."""
    facts = crop_facts(scene, Crop(proposal.box, proposal.angle))
    if proposal.purpose is Purpose.WHOLE_PHOTO:
        return _whole(facts, say)
    return say("{first} {second}", first=_first(proposal, facts, say), second=_second(facts, say))


def _whole(facts: CropFacts, say: Say) -> str:
    held, name = min(zip(facts.strips, SIDES, strict=True))
    return say(
        "No crop gains on the whole frame: even the fifth at the {side}, the emptiest, holds {held}"
        " of the photo's contrast.",
        side=side(say, name),
        held=percent(held),
    )


def _first(proposal: Proposal, facts: CropFacts, say: Say) -> str:
    """What the crop is for, with what it removes."""
    values = {
        "trims": _trims(facts, say),
        "dropped": percent(1 - facts.area),
        "kept": percent(facts.area),
        "lost": percent(1 - facts.contrast),
        "angle": size_of_number(proposal.angle),
    }
    match proposal.purpose:
        case Purpose.STRAIGHTENED if proposal.angle < 0:
            return say(
                "Turned {angle}° anticlockwise so that the scene stands level; {kept} of the"
                " frame stays.",
                **values,
            )
        case Purpose.STRAIGHTENED:
            return say(
                "Turned {angle}° clockwise so that the scene stands level; {kept} of the"
                " frame stays.",
                **values,
            )
        case Purpose.TIGHTER:
            return say(
                "Closer: {dropped} of the frame goes, and with it {lost} of what stands out by"
                " light and colour.",
                **values,
            )
        case Purpose.WITHOUT_DISTRACTION:
            return say(
                "Leaves out the distraction at the border by taking {trims}; {lost} of what stands"
                " out goes with it.",
                **values,
            )
        case Purpose.HORIZON:
            return say(
                "Moves the level line from the middle to a third by taking {trims}.",
                **values,
            )
        case Purpose.OTHER_ORIENTATION if facts.wide:
            return say(
                "The same scene in a wide format: it takes {trims}, the parts with less to see.",
                **values,
            )
        case Purpose.OTHER_ORIENTATION:
            return say(
                "The same scene upright: it takes {trims}, the parts with less to see.", **values
            )
        case Purpose.REQUESTED if facts.area > 0.999:
            return say("The whole frame already is as you asked.", **values)
        case Purpose.REQUESTED:
            return say(
                "As you asked, with {dropped} of the frame and {lost} of what stands out by light"
                " and colour given up.",
                **values,
            )
        case _ if sum(part >= _TRIM for part in facts.trimmed) == 1:
            return say(
                "Takes {trims}, which hold only {lost} of what stands out by light and colour.",
                **values,
            )
        case _:
            return say(
                "Takes {trims}: {dropped} of the frame, but only {lost} of what stands out by"
                " light and colour.",
                **values,
            )


def _trims(facts: CropFacts, say: Say) -> str:
    """What goes at which side, the most first."""
    trimmed = sorted(zip(facts.trimmed, SIDES, strict=True), key=lambda each: -each[0])
    named = [
        say("{share} at the {side}", share=percent(share), side=side(say, name))
        for share, name in trimmed
        if share >= _TRIM
    ]
    return listed(say, named) or say("almost nothing")


def _second(facts: CropFacts, say: Say) -> str:
    """Where the eye lands."""
    if facts.stand_kept is None or facts.stand_centre is None:
        return say(
            "Nothing stands out clearly, so the whole of it counts: {contrast} of the photo's"
            " contrast stays.",
            contrast=percent(facts.contrast),
        )
    values = {
        "place": place(say, facts.stand_centre),
        "fill": percent(facts.stand_fill),
        "kept": percent(facts.stand_kept),
    }
    if facts.stand_kept >= 0.99:
        return say(
            "The area that stands out most then lies {place} and fills {fill} of the crop.",
            **values,
        )
    if facts.stand_kept > 0.01:
        return say(
            "It keeps {kept} of the area that stands out most, which then lies {place}.", **values
        )
    return say("The area that stands out most is left out.", **values)
