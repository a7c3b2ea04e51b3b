"""What is said about virtues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.observe import Observation
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import blur_width, coded_place, signed, size_of_number
from engine.builtin.wording.spoken import Speak, Words, code, number
from engine.vocabulary import StrengthKind


def _well_exposed(seen: Observation, say: Say) -> Words:
    values = {
        "middle": signed(seen.value),
        "range": size_of_number(number(seen, "range_ev")),
    }
    return Words(
        say("mid-tones {middle} EV from middle grey", **values),
        say(
            "The mid-tones are exposed right, {middle} stops from middle grey, and the tones span"
            " {range} stops.",
            **values,
        ),
    )


def _sharp(seen: Observation, say: Say) -> Words:
    values = {
        "blur": size_of_number(seen.value, digits=2),
        "pixels": blur_width(say, number(seen, "blur_px")),
        "place": coded_place(say, code(seen, "place")),
    }
    if code(seen, "extent") == "everywhere":
        return Words(
            say("sharp over most of the frame, edges {pixels} wide", **values),
            say("It is sharp over most of the frame: edges are {pixels} wide.", **values),
        )
    return Words(
        say("sharp {place}, edges {pixels} wide", **values),
        say("The focus lies {place}, where edges are {pixels} wide.", **values),
    )


SPEAKERS: Final[Mapping[StrengthKind, Speak]] = {
    StrengthKind.WELL_EXPOSED: _well_exposed,
    StrengthKind.SHARP: _sharp,
}
