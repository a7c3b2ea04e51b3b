"""Two sentences for each proposed crop: what it keeps, what it removes, where the eye lands."""

from __future__ import annotations

from typing import Final

from engine.builtin.crops.cropper import Proposal
from engine.builtin.crops.facts import SIDES, CropFacts, crop_facts
from engine.builtin.crops.scene import Scene
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import degrees, listed, part, place, side
from engine.vocabulary import Crop, Purpose

_TRIM: Final = 0.015
"""Sides that lose less than this part of the photo are not named."""


def rationale(scene: Scene, proposal: Proposal, say: Say) -> str:
    """Why the engine offers this crop."""
    facts = crop_facts(scene, Crop(proposal.box, proposal.angle))
    if proposal.purpose is Purpose.WHOLE_PHOTO:
        return _whole(facts, say)
    return say.joined((_first(proposal, facts, say), _second(facts, say)))


def _whole(facts: CropFacts, say: Say) -> str:
    held, name = min(zip(facts.strips, SIDES, strict=True))
    return say(
        "The whole frame is best left alone: even its quietest fifth, at the {side}, holds {held}"
        " of what there is to see.",
        side=side(say, name),
        held=say.percent(held),
    )


def _first(proposal: Proposal, facts: CropFacts, say: Say) -> str:
    """What the crop is for, with what it removes."""
    values = {
        "trims": _trims(facts, say),
        "dropped": part(say, 1 - facts.area),
        "seen": say.percent(facts.contrast),
        "angle": degrees(say, proposal.angle),
    }
    match proposal.purpose:
        case Purpose.STRAIGHTENED if proposal.angle < 0:
            return say(
                "It turns the picture {angle}° anticlockwise, so that the scene stands level, and"
                " loses {dropped} of the frame.",
                **values,
            )
        case Purpose.STRAIGHTENED:
            return say(
                "It turns the picture {angle}° clockwise, so that the scene stands level, and"
                " loses {dropped} of the frame.",
                **values,
            )
        case Purpose.TIGHTER:
            return say(
                "It goes closer: {dropped} of the frame falls away, and {seen} of what there is to"
                " see stays.",
                **values,
            )
        case Purpose.WITHOUT_DISTRACTION:
            return say(
                "It leaves the distraction at the border outside by taking off {trims}; {seen} of"
                " what there is to see stays.",
                **values,
            )
        case Purpose.HORIZON:
            return say(
                "It moves the horizon from the middle to a third by taking off {trims}.", **values
            )
        case Purpose.OTHER_ORIENTATION if facts.wide:
            return say(
                "It makes a landscape format of it by taking off {trims}, where there is least to"
                " see.",
                **values,
            )
        case Purpose.OTHER_ORIENTATION:
            return say(
                "It makes an upright format of it by taking off {trims}, where there is least to"
                " see.",
                **values,
            )
        case Purpose.REQUESTED if facts.area > 0.999:
            return say("The whole frame already is as you asked.")
        case Purpose.REQUESTED:
            return say(
                "It is as you asked: {dropped} of the frame goes, and {seen} of what there is to"
                " see stays.",
                **values,
            )
        case _:
            return say(
                "It takes off {trims}, where little happens: {seen} of what there is to see stays.",
                **values,
            )


def _trims(facts: CropFacts, say: Say) -> str:
    """What goes at which side, the most first."""
    trimmed = sorted(zip(facts.trimmed, SIDES, strict=True), key=lambda each: -each[0])
    named = [
        say("{share} at the {side}", share=say.percent(share), side=side(say, name))
        for share, name in trimmed
        if share >= _TRIM
    ]
    return listed(say, named) or say("almost nothing")


def _second(facts: CropFacts, say: Say) -> str:
    """Where the eye lands."""
    if facts.stand_kept is None or facts.stand_centre is None:
        return say(
            "Nothing in it stands out, so the eye is free to roam over {area} of the frame.",
            area=say.percent(facts.area),
        )
    values = {
        "place": place(say, facts.stand_centre),
        "fill": part(say, facts.stand_fill),
        "kept": say.percent(facts.stand_kept),
    }
    if facts.stand_kept >= 0.99:
        return say("What draws the eye then lies {place} and fills {fill} of the crop.", **values)
    if facts.stand_kept > 0.01:
        return say(
            "{kept} of what draws the eye stays and then lies {place}; the rest is cut.", **values
        )
    return say("What draws the eye is left out, so the rest gets its turn.")
