"""What is said about the faults of a composition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.observe import Observation
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import part, side
from engine.builtin.wording.spoken import Speak, Words, code
from engine.vocabulary import FindingKind


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


SPEAKERS: Final[Mapping[FindingKind, Speak]] = {
    FindingKind.EMPTY_SPACE: _empty_space,
}
