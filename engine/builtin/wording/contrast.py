"""What is said about contrast: too little and too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.observe import Observation
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import part, slider
from engine.builtin.wording.spoken import Speak, Words, number
from engine.vocabulary import FindingKind

_FULL_END: Final = 6.0
"""In L*: tones that come this near to black or white leave no room there."""


def _low_contrast(seen: Observation, say: Say) -> Words:
    black, white = number(seen, "black"), number(seen, "white")
    values = {
        "black": say.percent(black / 100),
        "white": say.percent(white / 100),
        "blacks": slider(say, -1.2 * black),
        "whites": slider(say, 1.2 * (100 - white)),
    }
    short = say("tones only from {black} to {white} of the way from black to white", **values)
    side_light = say(
        "Wait for light from the side, early or late in the day, which gives the tones their depth."
    )
    if white > 100 - _FULL_END:
        return Words(
            short,
            say("A grey veil holds it back: even its darkest tones are not dark.", **values),
            say(
                "The picture has no black: its darkest tones lie no lower than {black}.",
                **values,
            ),
            taking=say(
                "Keep stray light off the lens with a hood or a hand, and let the sun stand beside"
                " you instead of before you."
            ),
            afterwards=say("Set Blacks to about {blacks} until the veil lifts.", **values),
        )
    if black < _FULL_END:
        return Words(
            short,
            say("Dull light holds it back: even its brightest tones stay grey.", **values),
            say(
                "The picture has no white: its brightest tones stop at {white}, which makes it"
                " look dull.",
                **values,
            ),
            taking=side_light,
            afterwards=say("Set Whites to about {whites} until the light tones glow.", **values),
        )
    return Words(
        short,
        say("Flat tone holds it back: neither black nor white is reached.", **values),
        say(
            "The tones are flat: they run only from {black} to {white} of the way from black to"
            " white.",
            **values,
        ),
        taking=side_light,
        afterwards=say(
            "Set Blacks to about {blacks} and Whites to about {whites}, until the histogram"
            " reaches both ends.",
            **values,
        ),
    )


def _harsh_contrast(seen: Observation, say: Say) -> Words:
    dark, bright = number(seen, "dark_end") / 100, number(seen, "bright_end") / 100
    values = {
        "dark": part(say, dark),
        "bright": part(say, bright),
        "highlights": slider(say, -30 - 100 * bright, most=70),
        "shadows": slider(say, 20 + 100 * dark, most=60),
    }
    return Words(
        say(
            "{dark} nearly black, {bright} nearly white",
            dark=say.percent(dark),
            bright=say.percent(bright),
        ),
        say("The light is harder than one exposure can hold, and that is its main trouble."),
        say(
            "The light is harder than one exposure can hold: {dark} of the frame is nearly black"
            " while {bright} is nearly white.",
            **values,
        ),
        taking=say(
            "Wait for a cloud or a lower sun, or bracket three frames two stops apart and blend"
            " them."
        ),
        afterwards=say(
            "Set Highlights to about {highlights} and Shadows to about {shadows}.", **values
        ),
    )


SPEAKERS: Final[Mapping[FindingKind, Speak]] = {
    FindingKind.LOW_CONTRAST: _low_contrast,
    FindingKind.HARSH_CONTRAST: _harsh_contrast,
}
