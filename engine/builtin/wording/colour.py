"""What is said about colour: a cast, too much saturation."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, radians, sin
from typing import Final

from engine.builtin.observe import Observation
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import cast, part, slider
from engine.builtin.wording.spoken import Speak, Words, code, number
from engine.vocabulary import FindingKind

_CLEAR: Final = 7.0
_FAR: Final = 12.0
"""In ΔE: from here a cast is plain, and from here it is strong."""
_TINTED: Final = frozenset({"green", "magenta", "violet"})
"""Hues that nobody would take out with Temperature alone."""
_UNITS: Final = 1.5
"""Units of the white balance sliders for one unit of a* or b*, roughly, on a scale to 100."""
_ASIDE: Final = 4.0
"""In ΔE: a part of the cast that is smaller needs no slider of its own."""


def _colour_cast(seen: Observation, say: Say) -> Words:
    name = code(seen, "hue")
    values = {
        "cast": cast(say, name),
        "delta": say.number(seen.value, digits=0),
    }
    if seen.value >= _FAR:
        sentence = say(
            "White balance is far off: {cast} covers even what should be white or grey.", **values
        )
    elif seen.value >= _CLEAR:
        sentence = say(
            "White balance is clearly off: {cast} shows in what should be white or grey.",
            **values,
        )
    else:
        sentence = say(
            "White balance is slightly off: {cast} tints what should be white or grey.", **values
        )
    return Words(
        say("{cast}, {delta} ΔE from neutral", **values),
        say("Over all of it lies {cast}, and that is its main trouble.", **values),
        sentence,
        taking=_preset(name, say),
        afterwards=_sliders(seen, say),
    )


def _preset(hue: str, say: Say) -> str:
    if hue in ("blue", "cyan"):
        return say("Set white balance to Shade or Cloudy, or to about 7000 K, not to automatic.")
    if hue in ("orange", "yellow"):
        return say(
            "Set white balance about 1000 K lower than it was, or read it from a grey card held in"
            " this light."
        )
    if hue == "green":
        return say(
            "Read white balance from a grey card, or step out from under what throws green light,"
            " leaves or tubes."
        )
    return say("Read white balance from a grey card held in this light, not from automatic.")


def _sliders(seen: Observation, say: Say) -> str:
    """Where to move Temperature and Tint, and how far."""
    angle = radians(number(seen, "angle"))
    a, b = seen.value * cos(angle), seen.value * sin(angle)
    values = {
        "warmth": slider(say, abs(_UNITS * b), least=5, most=40).lstrip("+"),
        "tint": slider(say, abs(_UNITS * a), least=5, most=40).lstrip("+"),
    }
    if abs(a) < _ASIDE and code(seen, "hue") not in _TINTED:
        if b > 0:
            return say(
                "Move Temperature about {warmth} towards blue, until something grey looks grey.",
                **values,
            )
        return say(
            "Move Temperature about {warmth} towards yellow, until something grey looks grey.",
            **values,
        )
    if abs(b) < _ASIDE:
        if a > 0:
            return say(
                "Move Tint about {tint} towards green, until something grey looks grey.", **values
            )
        return say(
            "Move Tint about {tint} towards magenta, until something grey looks grey.", **values
        )
    if b > 0 and a > 0:
        return say(
            "Move Temperature about {warmth} towards blue and Tint about {tint} towards green.",
            **values,
        )
    if b > 0:
        return say(
            "Move Temperature about {warmth} towards blue and Tint about {tint} towards magenta.",
            **values,
        )
    if a > 0:
        return say(
            "Move Temperature about {warmth} towards yellow and Tint about {tint} towards green.",
            **values,
        )
    return say(
        "Move Temperature about {warmth} towards yellow and Tint about {tint} towards magenta.",
        **values,
    )


def _oversaturated(seen: Observation, say: Say) -> Words:
    pinned = number(seen, "pinned") / 100
    values = {
        "share": say.percent(pinned),
        "part": part(say, pinned),
        "saturation": slider(say, -10 - 60 * pinned, most=40),
    }
    return Words(
        say("{share} of the frame at the limit of its colour", **values),
        say("Its colour is turned up until it drowns detail.", **values),
        say(
            "The colours are overdriven: on {part} of the frame they are as strong as the file can"
            " hold, so the texture in them is gone.",
            **values,
        ),
        taking=say("Choose a neutral picture style instead of a vivid one, or shoot raw."),
        afterwards=say(
            "Set Saturation to about {saturation}, until texture shows in the strongest colour.",
            **values,
        ),
    )


SPEAKERS: Final[Mapping[FindingKind, Speak]] = {
    FindingKind.COLOUR_CAST: _colour_cast,
    FindingKind.OVERSATURATED: _oversaturated,
}
