"""What is said about focus, motion, noise and tilt."""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import Final

from engine.builtin.observe import WORTH_MENTIONING, Observation
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import degrees, pixels, slider
from engine.builtin.wording.spoken import Speak, Words, code, number
from engine.vocabulary import FindingKind

_CONVERGING: Final = 3.0
"""Degrees by which uprights must lean apart to be spoken of."""
_PLAIN: Final = 2.5
"""Degrees from which a tilt is plain to everyone."""
_EDGE: Final = 2.5
"""How many times its σ a blur spreads an edge, from a tenth to nine tenths of its height."""
_STEADY: Final = 0.08
"""A smear of this many percent of the long side no longer shows; half the time halves it."""
_CLEAN: Final = 1.2
"""Noise of this σ in percent no longer shows; a stop of ISO less takes off about a third."""


def _soft_focus(seen: Observation, say: Say) -> Words:
    blur = number(seen, "blur_px")
    values = {
        "pixels": pixels(say, max(_EDGE * blur, 1.0)),
        "radius": say.number(max(blur, 0.5)),
    }
    sharpen = say(
        "Sharpen with a radius of {radius} and a light hand, and show the picture small; detail"
        " that was never caught does not come back.",
        **values,
    )
    if code(seen, "pattern") == "motion":
        values["direction"] = _direction(say, code(seen, "direction_code"))
        return Words(
            say("smeared {direction} by {pixels}", **values),
            say("Movement spoils it: everything is smeared {direction}.", **values),
            say(
                "Nothing is quite sharp: edges are smeared {direction} by {pixels}, so the camera"
                " or the scene moved.",
                **values,
            ),
            taking=say(
                "Make the shutter speed {times} times as short and raise ISO to match, or put the"
                " camera on a tripod.",
                times=2 ** min(max(round(log2(max(seen.value, 0.01) / _STEADY)), 1), 4),
            ),
            afterwards=sharpen,
        )
    return Words(
        say("soft everywhere, edges {pixels} wide", **values),
        say("Focus lets it down: not even the sharpest part is crisp."),
        say("Nothing is quite sharp: even the crispest edges spread over {pixels}.", **values),
        taking=say(
            "Put a single focus point on what matters, focus anew before each frame, and stop down"
            " by one or two."
        ),
        afterwards=sharpen,
    )


def _direction(say: Say, name: str) -> str:
    return {
        "horizontal": say("sideways"),
        "vertical": say("up and down"),
        "falling": say("from upper left to lower right"),
        "rising": say("from lower left to upper right"),
    }[name]


def _noise(seen: Observation, say: Say) -> Words:
    over = log2(max(seen.value, 0.1) / _CLEAN)
    values = {
        "sigma": say.percent(seen.value / 100, digits=1),
        "tone": {
            "shadows": say("in the shadows"),
            "midtones": say("in the mid-tones"),
            "highlights": say("in the bright tones"),
        }[code(seen, "tone")],
        "stops": min(max(round(2 * over), 1), 4),
        "luminance": slider(say, 15 + 15 * over, least=15, most=60),
    }
    return Words(
        say("noise of {sigma}, strongest {tone}", **values),
        say("Noise lies over it, most of it {tone}, and costs it its fine detail.", **values),
        say("Noise eats into the fine detail, most of all {tone}.", **values),
        taking=say(
            "Take ISO down by as many as {stops} stops and win the light back with a tripod, a"
            " wider aperture or a lamp.",
            **values,
        ),
        afterwards=say(
            "Set colour noise reduction to about +25 and luminance noise reduction to about"
            " {luminance}, no further than the texture bears.",
            **values,
        ),
    )


def _tilted_horizon(seen: Observation, say: Say) -> Words:
    said = _leaning_right(seen, say) if seen.value > 0 else _leaning_left(seen, say)
    converging = number(seen, "converging")
    if abs(converging) < _CONVERGING:
        return said
    perspective = say(
        "The uprights also differ by {converging}° in their lean: even them out with Vertical"
        " perspective after turning.",
        converging=degrees(say, converging),
    )
    return Words(
        said.short,
        said.headline,
        said.sentence,
        taking=said.taking,
        afterwards=say.joined((said.afterwards, perspective)),
    )


def _leaning_right(seen: Observation, say: Say) -> Words:
    values = {"degrees": degrees(say, seen.value)}
    return Words(
        say("leans {degrees}° clockwise", **values),
        say("It leans to the right, and that disturbs most."),
        _tipping_right(seen, say),
        taking=say(
            "Raise the left end of the camera by {degrees}°, with the level in the finder switched"
            " on.",
            **values,
        ),
        afterwards=say(
            "Turn the picture {degrees}° anticlockwise, as the straightened crop does.", **values
        )
        if seen.severity >= WORTH_MENTIONING
        else say("Turn the picture {degrees}° anticlockwise.", **values),
    )


def _leaning_left(seen: Observation, say: Say) -> Words:
    values = {"degrees": degrees(say, seen.value)}
    return Words(
        say("leans {degrees}° anticlockwise", **values),
        say("It leans to the left, and that disturbs most."),
        _tipping_left(seen, say),
        taking=say(
            "Raise the right end of the camera by {degrees}°, with the level in the finder"
            " switched on.",
            **values,
        ),
        afterwards=say(
            "Turn the picture {degrees}° clockwise, as the straightened crop does.", **values
        )
        if seen.severity >= WORTH_MENTIONING
        else say("Turn the picture {degrees}° clockwise.", **values),
    )


def _tipping_right(seen: Observation, say: Say) -> str:
    values = {"degrees": degrees(say, seen.value)}
    if abs(seen.value) < _PLAIN:
        if code(seen, "by") == "upright":
            return say("Upright lines tip {degrees}° to the right, enough to be noticed.", **values)
        return say("Level lines drop {degrees}° to the right, enough to be noticed.", **values)
    if code(seen, "by") == "upright":
        return say(
            "Upright lines tip {degrees}° to the right, so the scene seems to fall.", **values
        )
    return say("Level lines drop {degrees}° to the right, so the scene seems to slide.", **values)


def _tipping_left(seen: Observation, say: Say) -> str:
    values = {"degrees": degrees(say, seen.value)}
    if abs(seen.value) < _PLAIN:
        if code(seen, "by") == "upright":
            return say("Upright lines tip {degrees}° to the left, enough to be noticed.", **values)
        return say("Level lines drop {degrees}° to the left, enough to be noticed.", **values)
    if code(seen, "by") == "upright":
        return say(
            "Upright lines tip {degrees}° to the left, so the scene seems to fall.", **values
        )
    return say("Level lines drop {degrees}° to the left, so the scene seems to slide.", **values)


SPEAKERS: Final[Mapping[FindingKind, Speak]] = {
    FindingKind.SOFT_FOCUS: _soft_focus,
    FindingKind.NOISE: _noise,
    FindingKind.TILTED_HORIZON: _tilted_horizon,
}
