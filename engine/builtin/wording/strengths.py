"""What is said about virtues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.observe import Observation
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import coded_place, hue, part, stops
from engine.builtin.wording.spoken import Speak, Words, code, number
from engine.vocabulary import StrengthKind

_ON_GREY: Final = 0.34
"""Mid-tones within this many stops of middle grey lie on it."""
_WIDE_EV: Final = 7.0
_NARROW_EV: Final = 5.0
"""Tones that span so many stops and more are a wide range, so many and fewer a gentle one."""


def _well_exposed(seen: Observation, say: Say) -> Words:
    values = {
        "step": stops(say, seen.value),
        "range": say.number(number(seen, "range_ev"), digits=0),
    }
    if number(seen, "range_ev") >= _WIDE_EV:
        headline = say(
            "Its strength is the exposure, which holds {range} stops from shadow to highlight.",
            **values,
        )
    elif number(seen, "range_ev") <= _NARROW_EV:
        headline = say(
            "Its strength is the gentle light: {range} stops, and each of them well placed.",
            **values,
        )
    else:
        headline = say(
            "Its strength is the exposure: {range} stops of light, none of them wasted.", **values
        )
    if abs(seen.value) <= _ON_GREY:
        short = say("mid-tones on middle grey", **values)
        sentence = say(
            "The exposure sits right, with the mid-tones on middle grey.",
            **values,
        )
        turned = say(
            "The exposure, though, sits right, with the mid-tones on middle grey.",
            **values,
        )
    elif seen.value < 0:
        short = say("mid-tones {step} under middle grey", **values)
        sentence = say(
            "The exposure keeps to the dark, safe side, with the mid-tones {step} under middle"
            " grey.",
            **values,
        )
        turned = say(
            "The exposure, though, keeps to the dark, safe side, with the mid-tones {step} under"
            " middle grey.",
            **values,
        )
    else:
        short = say("mid-tones {step} over middle grey", **values)
        sentence = say(
            "The exposure is bright without going too far, with the mid-tones {step} over middle"
            " grey.",
            **values,
        )
        turned = say(
            "The exposure, though, is bright without going too far, with the mid-tones {step} over"
            " middle grey.",
            **values,
        )
    return Words(short, headline, sentence, turned)


def _sharp(seen: Observation, say: Say) -> Words:
    values = {"place": coded_place(say, code(seen, "place"))}
    if code(seen, "extent") == "everywhere":
        return Words(
            say("sharp over most of the frame"),
            say("It is sharp over most of the frame, and that is its strength."),
            say("It is sharp over most of the frame."),
            say("It is sharp, though, over most of the frame."),
        )
    return Words(
        say("sharp {place}", **values),
        say("Its strength is a clear focus {place}.", **values),
        say("The focus lies {place}, and the rest is left softer.", **values),
        say("The focus, though, is clear: it lies {place}, and the rest is left softer.", **values),
    )


def _strong_subject(seen: Observation, say: Say) -> Words:
    values = {
        "place": coded_place(say, code(seen, "place")),
        "area": part(say, number(seen, "area") / 100),
    }
    return Words(
        say("one thing stands clear {place}", **values),
        say("One thing stands free of all the rest, and that clarity is its strength."),
        say(
            "Nothing competes with what stands out, although it covers only {area} of the frame.",
            **values,
        )
        if number(seen, "area") < 12
        else say("Nothing competes with what stands out on {area} of the frame.", **values),
        say("Even so, nothing competes with what stands out on {area} of the frame.", **values),
    )


def _rule_of_thirds(seen: Observation, say: Say) -> Words:
    first = number(seen, "third") < 1.5
    if code(seen, "by") == "horizon" and first:
        return Words(
            say("horizon on the upper third"),
            say(
                "Its high horizon on the upper third opens the foreground, and that is a strength."
            ),
            say("The horizon on the upper third gives the room to what lies below it."),
            say(
                "The horizon, though, is well placed on the upper third and gives the room to what"
                " lies below it."
            ),
        )
    if code(seen, "by") == "horizon":
        return Words(
            say("horizon on the lower third"),
            say(
                "Its low horizon on the lower third opens the space above, and that is a strength."
            ),
            say("The horizon on the lower third gives the room to what lies above it."),
            say(
                "The horizon, though, is well placed on the lower third and gives the room to what"
                " lies above it."
            ),
        )
    if first:
        return Words(
            say("what stands out lies on the left third"),
            say("It is well placed on the left third, and that is its strength."),
            say(
                "What stands out lies on the left third and leaves the larger part of the frame"
                " to its right."
            ),
            say(
                "What stands out, though, is well placed on the left third and leaves the larger"
                " part of the frame to its right."
            ),
        )
    return Words(
        say("what stands out lies on the right third"),
        say("It is well placed on the right third, and that is its strength."),
        say(
            "What stands out lies on the right third and leaves the larger part of the frame to"
            " its left."
        ),
        say(
            "What stands out, though, is well placed on the right third and leaves the larger"
            " part of the frame to its left."
        ),
    )


def _balanced(seen: Observation, say: Say) -> Words:
    values = {"share": say.percent(seen.value / 100)}
    return Words(
        say("left and right weigh the same, alike by {share}", **values),
        say("Left and right weigh the same, and that balance is its strength."),
        say("Light and dark are balanced, so neither the left nor the right side weighs more."),
        say(
            "Light and dark, though, are balanced, so neither the left nor the right side weighs"
            " more."
        ),
    )


def _colour_harmony(seen: Observation, say: Say) -> Words:
    values = {
        "share": say.percent(seen.value / 100),
        "first": hue(say, code(seen, "hue")),
        "second": hue(say, code(seen, "second")),
    }
    match code(seen, "scheme"):
        case "one":
            return Words(
                say("{share} of the colour in {first}", **values),
                say("It keeps to {first}, and that unity is its strength.", **values),
                say("The colour keeps to {first}, which holds the picture together.", **values),
                say(
                    "The colour, though, keeps to {first}, which holds the picture together.",
                    **values,
                ),
            )
        case "opposites":
            return Words(
                say("{share} of the colour in {first} and {second}", **values),
                say(
                    "Opposite colours set each other off in it, {first} against {second}.", **values
                ),
                say(
                    "The colour rests on two opposites, {first} and {second}, which set each"
                    " other off.",
                    **values,
                ),
                say(
                    "The colour, though, rests on two opposites, {first} and {second}, which set"
                    " each other off.",
                    **values,
                ),
            )
        case "neighbours":
            return Words(
                say("{share} of the colour in {first} and {second}", **values),
                say("Its colours belong together, {first} beside {second}.", **values),
                say(
                    "The colour rests on two neighbours, {first} and {second}, which belong"
                    " together.",
                    **values,
                ),
                say(
                    "The colour, though, rests on two neighbours, {first} and {second}, which"
                    " belong together.",
                    **values,
                ),
            )
        case _:
            return Words(
                say("{share} of the colour in {first} and {second}", **values),
                say(
                    "It needs only two colours, {first} and {second}, and that is its strength.",
                    **values,
                ),
                say("The colour gets by with two hues, {first} and {second}.", **values),
                say("The colour, though, gets by with two hues, {first} and {second}.", **values),
            )


SPEAKERS: Final[Mapping[StrengthKind, Speak]] = {
    StrengthKind.WELL_EXPOSED: _well_exposed,
    StrengthKind.SHARP: _sharp,
    StrengthKind.STRONG_SUBJECT: _strong_subject,
    StrengthKind.RULE_OF_THIRDS: _rule_of_thirds,
    StrengthKind.BALANCED: _balanced,
    StrengthKind.COLOUR_HARMONY: _colour_harmony,
}
