"""What is said about focus, motion, noise and tilt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.observe import WORTH_MENTIONING, Observation
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import size_of_number
from engine.builtin.wording.spoken import Speak, Words, code, number
from engine.vocabulary import FindingKind

_CONVERGING: Final = 2.0
"""Degrees by which uprights must lean apart to be spoken of."""


def _soft_focus(seen: Observation, say: Say) -> Words:
    values = {
        "blur": size_of_number(seen.value, digits=2),
        "pixels": size_of_number(number(seen, "blur_px")),
    }
    sharpen = say(
        "Sharpen with a radius near {pixels} pixels, a little at a time; it lifts edges, it cannot"
        " bring detail back. Show the photo small.",
        **values,
    )
    if code(seen, "pattern") == "motion":
        direction = _direction(say, code(seen, "direction_code"))
        return Words(
            say("smeared by {pixels} pixels, {direction}", direction=direction, **values),
            say(
                "Nothing in the photo is quite sharp: edges are smeared {direction} over about"
                " {pixels} pixels, as by a moving camera or a moving scene.",
                direction=direction,
                **values,
            ),
            say(
                "Use a shutter at least four times as fast, with a higher ISO if need be, or rest"
                " the camera on something firm.",
                **values,
            ),
            sharpen,
        )
    return Words(
        say("edges blurred over {pixels} pixels", **values),
        say(
            "Even the sharpest part is soft: edges spread over about {pixels} pixels, {blur} % of"
            " the long side.",
            **values,
        ),
        say(
            "Put a single focus point on what matters and refocus before each frame; stop down by"
            " one or two, and check at full magnification.",
            **values,
        ),
        sharpen,
    )


def _direction(say: Say, name: str) -> str:
    return {
        "horizontal": say("sideways"),
        "vertical": say("up and down"),
        "falling": say("from upper left to lower right"),
        "rising": say("from lower left to upper right"),
    }[name]


def _noise(seen: Observation, say: Say) -> Words:
    values = {
        "sigma": size_of_number(seen.value),
        "tone": {
            "shadows": say("in the shadows"),
            "midtones": say("in the mid-tones"),
            "highlights": say("in the bright tones"),
        }[code(seen, "tone")],
    }
    return Words(
        say("noise of {sigma} % of full scale, strongest {tone}", **values),
        say(
            "Noise is plain to see: {sigma} % of full scale, strongest {tone}.",
            **values,
        ),
        say(
            "Bring more light to the sensor before raising ISO: a wider aperture, a slower shutter"
            " from a firm stand, or another lamp.",
            **values,
        ),
        say(
            "Use noise reduction, colour noise first; then brightness noise until the grain"
            " {tone} calms down but edges stay.",
            **values,
        ),
    )


def _tilted_horizon(seen: Observation, say: Say) -> Words:
    values = {
        "degrees": size_of_number(seen.value),
        "converging": size_of_number(number(seen, "converging")),
    }
    upright = code(seen, "by") == "upright"
    if seen.value > 0:
        short = say("leans {degrees}° clockwise", **values)
        sentence = say(
            "The scene leans {degrees}° clockwise: its level lines drop to the right.", **values
        )
        if upright:
            sentence = say(
                "The scene leans {degrees}° clockwise: its uprights tip to the right.", **values
            )
        taking = say(
            "Turn the camera {degrees}° clockwise: raise its left end until the level in the"
            " finder is straight.",
            **values,
        )
        afterwards = say("Turn the photo {degrees}° anticlockwise.", **values)
        if seen.severity >= WORTH_MENTIONING:
            afterwards = say(
                "Turn the photo {degrees}° anticlockwise; a straightened crop is offered.", **values
            )
    else:
        short = say("leans {degrees}° anticlockwise", **values)
        sentence = say(
            "The scene leans {degrees}° anticlockwise: its level lines drop to the left.", **values
        )
        if upright:
            sentence = say(
                "The scene leans {degrees}° anticlockwise: its uprights tip to the left.", **values
            )
        taking = say(
            "Turn the camera {degrees}° anticlockwise: raise its right end until the level in the"
            " finder is straight.",
            **values,
        )
        afterwards = say("Turn the photo {degrees}° clockwise.", **values)
        if seen.severity >= WORTH_MENTIONING:
            afterwards = say(
                "Turn the photo {degrees}° clockwise; a straightened crop is offered.", **values
            )
    if abs(number(seen, "converging")) >= _CONVERGING:
        afterwards = say(
            "{turn} The uprights also lean apart by {converging}°: correct the vertical"
            " perspective after turning.",
            turn=afterwards,
            **values,
        )
    return Words(short, sentence, taking, afterwards)


SPEAKERS: Final[Mapping[FindingKind, Speak]] = {
    FindingKind.SOFT_FOCUS: _soft_focus,
    FindingKind.NOISE: _noise,
    FindingKind.TILTED_HORIZON: _tilted_horizon,
}
