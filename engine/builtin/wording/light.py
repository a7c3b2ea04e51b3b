"""What is said about light and colour: exposure, clipping, contrast, cast, saturation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.observe import Observation
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import coded_place, hue, size_of_number, stops, thirds
from engine.builtin.wording.spoken import Speak, Words, code, number
from engine.vocabulary import FindingKind

_ROOM_EV: Final = 0.3
_FULL_END: Final = 6.0
"""In L*: tones that come this near to black or white leave no room there."""
_WARM: Final = frozenset({"red", "orange", "yellow"})
_COOL: Final = frozenset({"blue", "cyan"})
_GREENISH: Final = frozenset({"green"})


def _underexposed(seen: Observation, say: Say) -> Words:
    room = max(number(seen, "headroom_ev"), 0.0)
    values = {
        "stops": size_of_number(seen.value),
        "step": thirds(seen.value),
        "step_words": stops(say, seen.value),
        "room": size_of_number(room),
    }
    afterwards = say(
        "Raise Exposure by {stops}; the brightest tones have {room} stops of room for it.", **values
    )
    if room + _ROOM_EV < abs(seen.value):
        afterwards = say(
            "Raise Exposure by {stops} and pull Highlights down: only {room} stops are free before"
            " the brightest tones clip.",
            **values,
        )
    if number(seen, "back_lit") > 0:
        return Words(
            say("{stops} stops too dark, against the light", **values),
            say(
                "The middle of the frame lies dark before a bright surround; {stops} stops are"
                " missing there.",
                **values,
            ),
            say(
                "Meter on what stands in the middle and add about {step_words}, or fill it with a"
                " flash or a reflector.",
                **values,
            ),
            afterwards,
        )
    sentence = say(
        "The photo is {stops} stops darker than it needs to be, and its brightest tones still have"
        " {room} stops of room.",
        **values,
    )
    if room < _ROOM_EV:
        sentence = say(
            "The mid-tones are {stops} stops darker than they need to be, although the brightest"
            " tones already reach the end.",
            **values,
        )
        afterwards = say(
            "Raise Shadows or bend the middle of the curve up by about {step_words}; Exposure"
            " would clip the brightest tones.",
            **values,
        )
    if code(seen, "key") == "low":
        sentence = say(
            "The photo is {stops} stops darker than usual; with its bright accents that may be"
            " meant.",
            **values,
        )
    return Words(
        say("{stops} stops too dark", **values),
        sentence,
        say(
            "Set exposure compensation to +{step}, or give {step_words} more by a slower"
            " shutter or a wider aperture.",
            **values,
        ),
        afterwards,
    )


def _overexposed(seen: Observation, say: Say) -> Words:
    values = {
        "stops": size_of_number(seen.value),
        "step": thirds(seen.value),
        "step_words": stops(say, seen.value),
    }
    sentence = say("The photo is {stops} stops brighter than it should be.", **values)
    if code(seen, "key") == "high":
        sentence = say(
            "The photo is {stops} stops brighter than usual; with its dark accents that may be"
            " meant.",
            **values,
        )
    return Words(
        say("{stops} stops too bright", **values),
        sentence,
        say(
            "Set exposure compensation to −{step}, or take {step_words} away by a faster"
            " shutter or a smaller aperture.",
            **values,
        ),
        say("Lower Exposure by {stops}, then Highlights until the bright tones part.", **values),
    )


def _clipped_highlights(seen: Observation, say: Say) -> Words:
    white = number(seen, "white")
    channels = {"red": "red", "green": "green", "blue": "blue"}
    worst = max(channels, key=lambda name: number(seen, name))
    values = {
        "share": _percentage(seen.value),
        "white": _percentage(white),
        "place": coded_place(say, code(seen, "place")),
        "channel": hue_of_channel(say, worst),
    }
    taking = say(
        "Expose for the bright part {place}: watch the blinking highlights and take exposure down"
        " in thirds of a stop until they stop.",
        **values,
    )
    if white >= 0.5 * seen.value:
        return Words(
            say("{share} of the pixels clipped, {white} to pure white", **values),
            say(
                "{share} of the pixels are clipped {place}, and {white} of all are pure white:"
                " there is no detail left to bring back.",
                **values,
            ),
            taking,
            say(
                "Pull Highlights and Whites down to soften the edge of the white; what is lost"
                " inside stays lost, so crop into it or leave it out.",
                **values,
            ),
        )
    return Words(
        say("{share} of the pixels clipped, mostly in {channel}", **values),
        say(
            "{share} of the pixels are clipped in at least one channel {place}, most of them in"
            " {channel}; the colour there is no longer true.",
            **values,
        ),
        taking,
        say(
            "Pull Highlights down and take some saturation out of {channel}; the other channels"
            " still hold the shape.",
            **values,
        ),
    )


def hue_of_channel(say: Say, name: str) -> str:
    """The name of a colour channel, for use after "in" or "of"."""
    return {"red": say("red"), "green": say("green"), "blue": say("blue")}[name]


def _crushed_shadows(seen: Observation, say: Say) -> Words:
    values = {
        "share": _percentage(seen.value),
        "place": coded_place(say, code(seen, "place")),
    }
    return Words(
        say("{share} of the pixels crushed to black", **values),
        say("{share} of the pixels are pure black {place}, without any detail.", **values),
        say(
            "Give the dark part {place} more light: a flash or a reflector into it, or a second"
            " frame one to two stops brighter to blend in.",
            **values,
        ),
        say(
            "Raise Shadows and Blacks only until the edge of the black part softens; inside it"
            " there is nothing to raise.",
            **values,
        ),
    )


def _low_contrast(seen: Observation, say: Say) -> Words:
    values = {
        "spread": size_of_number(seen.value, digits=0),
        "black": size_of_number(number(seen, "black"), digits=0),
        "white": size_of_number(number(seen, "white"), digits=0),
    }
    return Words(
        say("tones use {spread} of 100 steps of lightness", **values),
        say(
            "The tones are flat: they use {spread} of 100 steps of lightness, from {black} to"
            " {white}.",
            **values,
        ),
        say(
            "Wait for harder light or move so that it comes from the side; shade the lens, since"
            " stray light flattens tones as well.",
            **values,
        ),
        _spread(number(seen, "black"), number(seen, "white"), values, say),
    )


def _spread(black: float, white: float, values: dict[str, str], say: Say) -> str:
    """Which end of the tones has room, and so which slider to move."""
    if white > 100 - _FULL_END:
        return say(
            "Pull Blacks down until the darkest tones, now at {black} of 100, reach 0; the bright"
            " end is used already.",
            **values,
        )
    if black < _FULL_END:
        return say(
            "Push Whites up until the brightest tones, now at {white} of 100, near the end; the"
            " dark end is used already.",
            **values,
        )
    return say(
        "Pull Blacks down from {black} towards 0 and push Whites up from {white} towards 100 of"
        " lightness, then add Contrast.",
        **values,
    )


def _harsh_contrast(seen: Observation, say: Say) -> Words:
    values = {
        "dark": _percentage(number(seen, "dark_end")),
        "bright": _percentage(number(seen, "bright_end")),
    }
    return Words(
        say("{dark} of the pixels nearly black, {bright} nearly white", **values),
        say(
            "The contrast is hard: {dark} of the pixels are nearly black while {bright} are nearly"
            " white, and little lies between.",
            **values,
        ),
        say(
            "Wait for a cloud or a lower sun, move into open shade, or lighten the dark side with"
            " a reflector or a flash.",
            **values,
        ),
        say("Lower Contrast, pull Highlights down and raise Shadows by about as much.", **values),
    )


def _colour_cast(seen: Observation, say: Say) -> Words:
    name = code(seen, "hue")
    values = {"hue": hue(say, name), "delta": size_of_number(seen.value)}
    if name in _WARM:
        afterwards = say(
            "Move Temperature towards blue until a grey or white thing loses its {hue} tint.",
            **values,
        )
    elif name in _COOL:
        afterwards = say(
            "Move Temperature towards yellow until a grey or white thing loses its {hue} tint.",
            **values,
        )
    elif name in _GREENISH:
        afterwards = say(
            "Move Tint towards magenta until a grey or white thing loses its {hue} tint.", **values
        )
    else:
        afterwards = say(
            "Move Tint towards green until a grey or white thing loses its {hue} tint.", **values
        )
    return Words(
        say("{hue} cast, {delta} ΔE off neutral", **values),
        say(
            "A {hue} cast lies over the photo: what should be grey is {delta} ΔE away from it.",
            **values,
        ),
        say(
            "Set white balance for the light you are in, or on something grey in it, instead of"
            " automatic.",
            **values,
        ),
        afterwards,
    )


def _oversaturated(seen: Observation, say: Say) -> Words:
    values = {
        "pinned": _percentage(number(seen, "pinned")),
        "chroma": size_of_number(seen.value, digits=0),
    }
    return Words(
        say("{pinned} of the pixels at the limit of their colour", **values),
        say(
            "The colours are overdriven: {pinned} of the pixels are as strong as the file can"
            " hold, and detail within them is gone.",
            **values,
        ),
        say("Choose a calmer picture style in the camera, or shoot raw.", **values),
        say(
            "Take Saturation or Vibrance down until texture shows again in the strongest colour.",
            **values,
        ),
    )


def _percentage(value: float) -> str:
    """A share that is in % already, with a digit where it is small."""
    return f"{value:.0f} %" if value >= 9.5 else f"{value:.1f} %"


SPEAKERS: Final[Mapping[FindingKind, Speak]] = {
    FindingKind.UNDEREXPOSED: _underexposed,
    FindingKind.OVEREXPOSED: _overexposed,
    FindingKind.CLIPPED_HIGHLIGHTS: _clipped_highlights,
    FindingKind.CRUSHED_SHADOWS: _crushed_shadows,
    FindingKind.LOW_CONTRAST: _low_contrast,
    FindingKind.HARSH_CONTRAST: _harsh_contrast,
    FindingKind.COLOUR_CAST: _colour_cast,
    FindingKind.OVERSATURATED: _oversaturated,
}
