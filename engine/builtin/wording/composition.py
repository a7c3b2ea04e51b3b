"""What is said about the faults of a composition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.observe import Observation
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import part, place, side
from engine.builtin.wording.spoken import Speak, Words, code, number
from engine.vocabulary import FindingKind

_SMALL_CROP: Final = 0.02
"""A distraction on more of the frame than this is cropped off rather than retouched."""


def _edge_distraction(seen: Observation, say: Say) -> Words:
    area = number(seen, "area") / 100
    values = {"side": side(say, code(seen, "side")), "area": part(say, area)}
    if number(seen, "lighter") > 0:
        short = say("something bright at the {side} edge", **values)
        headline = say(
            "What disturbs it is something bright at the {side} edge, which pulls the eye out of"
            " the frame.",
            **values,
        )
        sentence = say(
            "Something bright at the {side} edge takes up {area} of the frame and pulls the eye"
            " out of it.",
            **values,
        )
    else:
        short = say("something dark at the {side} edge", **values)
        headline = say(
            "What disturbs it is something dark at the {side} edge, which juts into the frame.",
            **values,
        )
        sentence = say(
            "Something dark at the {side} edge takes up {area} of the frame and weighs on that"
            " side.",
            **values,
        )
    return Words(
        short,
        headline,
        sentence,
        taking=say(
            "Look round the edges of the finder before you press, and move until the {side} edge"
            " is clean.",
            **values,
        ),
        afterwards=say("Crop the {side} edge until the disturbing thing is outside.", **values)
        if area > _SMALL_CROP
        else say(
            "Retouch what disturbs at the {side} edge, or darken it until it no longer calls.",
            **values,
        ),
    )


def _cluttered(seen: Observation, say: Say) -> Words:
    values = {"busy": part(say, number(seen, "busy") / 100)}
    return Words(
        say("fine detail over {busy} of the frame", **values),
        say("Its main trouble is restlessness: detail everywhere, and none of it leads."),
        say(
            "Fine, contrasty detail fills {busy} of the frame, and nothing in it leads, so the eye"
            " keeps wandering.",
            **values,
        ),
        taking=say(
            "Open the aperture by two or three stops, or change your place until one thing stands"
            " before a calm background."
        ),
        afterwards=say(
            "Mask what matters, then set Clarity to about −20 and Exposure to −0.5 on all the rest."
        ),
    )


def _empty_space(seen: Observation, say: Say) -> Words:
    name = code(seen, "side")
    values = {"part": part(say, seen.value / 100), "side": side(say, name)}
    return Words(
        say("{part} of the frame at the {side} empty", **values),
        say("What weakens it is empty space: {part} of the frame at the {side}.", **values),
        say(
            "At the {side}, {part} of the frame stays empty, more room than the rest needs.",
            **values,
        ),
        taking={
            "left": say(
                "Turn the camera to the right or go closer, until the empty part at the left is"
                " half as wide."
            ),
            "right": say(
                "Turn the camera to the left or go closer, until the empty part at the right is"
                " half as wide."
            ),
            "top": say(
                "Lower the camera or go closer, until the empty part at the top is half as high."
            ),
            "bottom": say(
                "Raise the camera or go closer, until the empty part at the bottom is half as high."
            ),
        }[name],
        afterwards=say("Crop the empty part at the {side} to about half.", **values),
    )


def _subject_small(seen: Observation, say: Say) -> Words:
    values = {"place": _place(seen, say), "part": part(say, _area(seen))}
    return Words(
        say("what stands out fills only {part} of the frame", **values),
        say("Its main trouble is distance: what stands out {place} is small.", **values),
        say(
            "What stands out {place} fills only {part} of the frame, so the surroundings win.",
            **values,
        ),
        taking=say("Halve the distance, or double the focal length, and let it fill the frame."),
        afterwards=say("Take the tighter crop, as far as the pixels bear it."),
    )


def _subject_at_edge(seen: Observation, say: Say) -> Words:
    values = {"place": _place(seen, say)}
    return Words(
        say("what stands out lies close to the edge {place}", **values),
        say(
            "What disturbs its balance is that all that stands out crowds the edge {place}.",
            **values,
        ),
        say(
            "All that stands out crowds the edge {place}, and the eye leaves the frame there.",
            **values,
        ),
        taking=say("Turn the camera towards what stands out {place} and give it room.", **values),
        afterwards=say("Crop the side away from it, so that it moves towards a third."),
    )


def _subject_centred(seen: Observation, say: Say) -> Words:
    return Words(
        say("what stands out lies in the very middle"),
        say("What makes it stiff is that all that stands out lies in the very middle."),
        say(
            "All that stands out lies in the very middle, which makes the picture still, even"
            " stiff."
        ),
        taking=say("Turn the camera to one side, so that what stands out comes onto a third."),
        afterwards=say("Crop one side, so that what stands out comes onto a third."),
    )


def _area(seen: Observation) -> float:
    return sum(box.area for box in seen.where.boxes)


def _place(seen: Observation, say: Say) -> str:
    return place(say, seen.where.boxes[0].centre)


SPEAKERS: Final[Mapping[FindingKind, Speak]] = {
    FindingKind.EDGE_DISTRACTION: _edge_distraction,
    FindingKind.CLUTTERED_BACKGROUND: _cluttered,
    FindingKind.EMPTY_SPACE: _empty_space,
    FindingKind.SUBJECT_SMALL: _subject_small,
    FindingKind.SUBJECT_AT_EDGE: _subject_at_edge,
    FindingKind.SUBJECT_CENTRED: _subject_centred,
}
