"""What the analysis says of light, colour and focus where no finding and no strength does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.builtin.look import GREY, MUTED, STRONG
from engine.builtin.measure.colour import HUES
from engine.builtin.opening import WEAK, colour_leads
from engine.builtin.reading import Reading
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import coded_place, hue, part, stops
from engine.vocabulary import FindingKind as Fault
from engine.vocabulary import StrengthKind as Virtue

_PLAIN: Final = 0.4
_CORNER_TO_CORNER: Final = 0.97
_ALMOST: Final = 0.9
_NEIGHBOURS: Final = 2
"""Hues that are at most so many steps apart on a wheel of eight are neighbours."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the analysis, whether it praises (None where it does neither), and how it
    goes after one that does not.
    """

    sentence: str
    praises: bool | None
    turned: str = ""


def tones(reading: Reading, say: Say) -> list[Said]:
    """The light, where neither fault nor virtue speaks of it."""
    middle = reading.exposure.middle_ev
    values = {
        "step": stops(say, middle),
        "range": say.number(reading.exposure.range_ev, digits=0),
    }
    if middle < 0:
        return [
            Said(
                say(
                    "The light is kept low, with the mid-tones {step} under middle grey in a range"
                    " of {range} stops.",
                    **values,
                ),
                None,
            )
        ]
    return [
        Said(
            say(
                "The picture is bright, with the mid-tones {step} over middle grey in a range of"
                " {range} stops.",
                **values,
            ),
            False,
        )
    ]


def colours(reading: Reading, say: Say) -> list[Said]:
    """The colour, where neither fault nor virtue speaks of it."""
    look = reading.look
    first = hue(say, look.hues[0]) if look.hues else ""
    if look.chroma < GREY:
        return [
            Said(say("There is hardly any colour in it, so light and form do all the work."), True)
        ]
    if not look.hues:
        return [_mixed(reading, say)]
    if len(look.hues) > 1:
        values = {"first": first, "second": hue(say, look.hues[1])}
        if _apart(look.hues[0], look.hues[1]) > _NEIGHBOURS:
            return [
                Said(
                    say(
                        "The {first} and the {second} lie far apart on the colour wheel, so each"
                        " makes the other stronger.",
                        **values,
                    ),
                    True,
                )
            ]
        return [
            Said(
                say(
                    "The {first} and the {second} are neighbours on the colour wheel, which keeps"
                    " the colour calm.",
                    **values,
                ),
                True,
            )
        ]
    if look.chroma < MUTED:
        return [
            Said(say("The {hue} stay quiet and leave the picture to the light.", hue=first), True)
        ]
    if look.chroma > STRONG:
        return [Said(say("Strong {hue} set the mood.", hue=first), True)]
    return [Said(say("The {hue} set the mood without shouting.", hue=first), True)]


def _apart(first: str, second: str) -> int:
    """Steps between two hues on the wheel of `HUES`; earth tones are muted oranges."""
    at = [HUES.index("orange" if name == "earth" else name) for name in (first, second)]
    steps = abs(at[0] - at[1])
    return min(steps, len(HUES) - steps)


def _mixed(reading: Reading, say: Say) -> Said:
    """Many colours, in agreement with an opening that has named the strongest of them."""
    leads = colour_leads(reading.scene)
    if reading.look.chroma > STRONG:
        return Said(
            say("Several strong colours compete, so even the strongest does not lead alone.")
            if leads
            else say("Several strong colours compete, and none of them takes the lead."),
            False,
        )
    return Said(
        say("The other colours are mixed and leave the lead to the strongest.")
        if leads
        else say("The colours are mixed, and none of them takes the lead."),
        None,
    )


def focus(reading: Reading, say: Say) -> list[Said]:
    """What is sharp, where nothing says that it is not; nothing before the depth is known."""
    depth = reading.depth
    if depth is None or any(o.kind is Fault.SOFT_FOCUS for o in reading.grave):
        return []
    if depth.sharp < _ALMOST:
        return [
            Said(
                say(
                    "It is sharp but for {part} of the frame, most of that {place}.",
                    part=part(say, (1 - depth.sharp) * (1 - depth.plain)),
                    place=coded_place(say, depth.soft),
                ),
                True,
            )
        ]
    if depth.plain > _PLAIN:
        return [
            Said(
                say(
                    "What has detail is sharp, while {part} of the frame is too smooth to need"
                    " focus.",
                    part=part(say, depth.plain),
                ),
                True,
            )
        ]
    if depth.sharp < _CORNER_TO_CORNER:
        return [
            Said(say("It is sharp almost throughout, and the few soft spots do no harm."), True)
        ]
    stand = reading.scene.stand
    if stand is None or stand.density < WEAK:
        return [
            Said(
                say("Everything is equally sharp, so focus does not choose for the eye either."),
                True,
            )
        ]
    if any(o.kind is Virtue.STRONG_SUBJECT for o in reading.seen):
        return [
            Said(
                say("It is sharp from corner to corner, and a shape so clear can afford it."), True
            )
        ]
    return [
        Said(
            say("It is sharp from corner to corner, so light and colour alone do the pointing.")
            if reading.look.chroma >= MUTED or colour_leads(reading.scene)
            else say(
                "It is sharp from corner to corner, so light and shape alone do the pointing."
            ),
            True,
        )
    ]
