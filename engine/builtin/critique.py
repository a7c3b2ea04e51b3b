"""Findings, strengths and the analysis, made of whole sentences from what was observed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.builtin.crops.why import third_distance
from engine.builtin.look import GREY, MUTED, STRONG
from engine.builtin.observe import Observation
from engine.builtin.opening import WEAK, idle_sides
from engine.builtin.reading import Reading, virtues
from engine.builtin.wording import Say
from engine.builtin.wording.observations import words
from engine.builtin.wording.phrases import coded_place, hue, listed, part, place, side, stops
from engine.vocabulary import Finding, FindingKind, Measurement, Strength, StrengthKind
from engine.vocabulary import FindingKind as Fault
from engine.vocabulary import StrengthKind as Virtue

_ON_A_THIRD: Final = 0.06
_IN_THE_MIDDLE: Final = (0.06, 0.09)
_AT_THE_EDGE: Final = 0.2
_MUCH: Final = 0.15
"""The idle part of the frame from which the analysis speaks of it."""
_PLAIN: Final = 0.4
_CORNER_TO_CORNER: Final = 0.97
_ALMOST: Final = 0.9

_COMPOSITION: Final = frozenset(
    {
        Virtue.STRONG_SUBJECT,
        Virtue.RULE_OF_THIRDS,
        Virtue.SYMMETRY,
        Virtue.BALANCED,
        Virtue.LEADING_LINES,
    }
)
_LIGHT: Final = frozenset(
    {
        Virtue.WELL_EXPOSED,
        Fault.UNDEREXPOSED,
        Fault.OVEREXPOSED,
        Fault.CLIPPED_HIGHLIGHTS,
        Fault.CRUSHED_SHADOWS,
        Fault.LOW_CONTRAST,
        Fault.HARSH_CONTRAST,
    }
)
_COLOUR: Final = frozenset({Virtue.COLOUR_HARMONY, Fault.COLOUR_CAST, Fault.OVERSATURATED})


# ── values ───────────────────────────────────────────────────────────────────────────────────────


def finding(seen: Observation, say: Say) -> Finding:
    """An observed fault as the vocabulary has it. TypeError for a virtue."""
    if not isinstance(seen.kind, FindingKind):
        raise TypeError(f"{seen.kind} is no fault")
    said = words(seen, say)
    measurement = Measurement(seen.value, seen.unit, said.short)
    return Finding(seen.kind, seen.severity, seen.where, measurement, said.taking, said.afterwards)


def strength(seen: Observation, say: Say) -> Strength:
    """An observed virtue as the vocabulary has it. TypeError for a fault."""
    if not isinstance(seen.kind, StrengthKind):
        raise TypeError(f"{seen.kind} is no virtue")
    measurement = Measurement(seen.value, seen.unit, words(seen, say).short)
    return Strength(seen.kind, seen.where, measurement)


# ── analysis ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of the analysis, whether it praises, and how it goes after one that does not."""

    sentence: str
    praises: bool
    turned: str = ""


def analysis(reading: Reading, say: Say) -> Iterator[str]:
    """The sentences of one paragraph: the grave faults first, then composition, light, colour and
    focus; praise that follows a fault turns to it with a word.
    """
    said = [_Said(words(each, say).sentence, False) for each in reading.grave]
    said += _composition(reading, say)
    said += _about(reading, _LIGHT, say) or _tones(reading, say)
    said += _about(reading, _COLOUR, say) or _colours(reading, say)
    said += _focus(reading, say)
    turn = bool(reading.grave)
    for each in said:
        if not each.sentence:
            continue
        if each.praises and turn:
            yield each.turned or each.sentence
            turn = False
        else:
            yield each.sentence
        turn = turn or not each.praises


def _about(
    reading: Reading, kinds: frozenset[Fault | Virtue] | frozenset[Virtue], say: Say
) -> list[_Said]:
    """The virtues of these kinds; an empty praise where a grave fault has said all there is."""
    found = []
    for each in sorted(virtues(reading.seen), key=lambda o: o.kind is not Virtue.STRONG_SUBJECT):
        if each.kind in kinds:
            told = words(each, say)
            found.append(_Said(told.sentence, True, told.turned))
    if not found and any(each.kind in kinds for each in reading.grave):
        return [_Said("", True)]
    return found


def _composition(reading: Reading, say: Say) -> list[_Said]:
    said = _about(reading, _COMPOSITION, say)
    if not any(o.kind is Virtue.STRONG_SUBJECT for o in reading.seen):
        said += _placing(reading, say)
    if idle_sides(reading) or reading.crop.area > 1 - _MUCH:
        return said
    sides = [side(say, name) for _, name in reading.trims]
    if len(sides) > 1:
        said.append(
            _Said(
                say(
                    "Little happens at the {sides}: {part} of the frame in all could go.",
                    sides=listed(say, sides),
                    part=part(say, 1 - reading.crop.area),
                ),
                False,
            )
        )
    return said


def _placing(reading: Reading, say: Say) -> list[_Said]:
    """Where the area that stands out lies in the frame, and what that does."""
    stand = reading.scene.stand
    if stand is None:
        return [
            _Said(
                say("No part differs from its surroundings, so the eye finds no place to rest."),
                False,
            )
        ]
    x, y = stand.centre
    values = {"place": place(say, stand.centre), "part": part(say, stand.box.area)}
    ratio = reading.scene.size.width / reading.scene.size.height
    if stand.density < WEAK:
        return [
            _Said(
                say(
                    "No part leads: the one that stands out most, {place}, is hardly stronger than"
                    " the rest.",
                    **values,
                ),
                False,
            )
        ]
    if third_distance(stand.centre, ratio) <= _ON_A_THIRD:
        return [
            _Said(
                say(
                    "The area that stands out most lies {place}, where two thirds cross, and has"
                    " room to one side.",
                    **values,
                ),
                True,
                say(
                    "The area that stands out most is well placed, though: it lies {place}, where"
                    " two thirds cross.",
                    **values,
                ),
            )
        ]
    if abs(x - 0.5) <= _IN_THE_MIDDLE[0] and abs(y - 0.5) <= _IN_THE_MIDDLE[1]:
        return [
            _Said(
                say(
                    "The area that stands out most sits in the very middle, which keeps the"
                    " picture calm but still."
                ),
                False,
            )
        ]
    if min(x, 1 - x) <= _AT_THE_EDGE:
        return [
            _Said(
                say(
                    "The area that stands out most lies far out {place}, so the eye is soon out of"
                    " the frame.",
                    **values,
                ),
                False,
            )
        ]
    return [
        _Said(
            say(
                "The area that stands out most lies {place} and fills {part} of the frame, between"
                " the middle and a third.",
                **values,
            )
            if abs(x - 0.5) <= 1 / 6
            else say(
                "The area that stands out most lies {place} and fills {part} of the frame, clear"
                " of the middle.",
                **values,
            ),
            abs(x - 0.5) > 1 / 6,
        )
    ]


def _tones(reading: Reading, say: Say) -> list[_Said]:
    """The light, where neither fault nor virtue speaks of it."""
    middle = reading.exposure.middle_ev
    values = {
        "step": stops(say, middle),
        "range": say.number(reading.exposure.range_ev, digits=0),
    }
    if middle < 0:
        return [
            _Said(
                say(
                    "The light is kept low, with the mid-tones {step} under middle grey and {range}"
                    " stops in all.",
                    **values,
                ),
                False,
            )
        ]
    return [
        _Said(
            say(
                "The light is high, with the mid-tones {step} over middle grey and {range} stops in"
                " all.",
                **values,
            ),
            False,
        )
    ]


def _colours(reading: Reading, say: Say) -> list[_Said]:
    """The colour, where neither fault nor virtue speaks of it."""
    look = reading.look
    first = hue(say, look.hues[0]) if look.hues else ""
    if look.chroma < GREY:
        return [_Said(say("There is hardly any colour in it, so light and form do all."), True)]
    if not look.hues:
        if look.chroma > STRONG:
            return [
                _Said(
                    say("Several strong colours compete, and none of them takes the lead."), False
                )
            ]
        return [_Said(say("The colours are mixed, and none of them takes the lead."), False)]
    if len(look.hues) > 1:
        return [
            _Said(
                say(
                    "The colour is shared between {first} and {second}.",
                    first=first,
                    second=hue(say, look.hues[1]),
                ),
                True,
            )
        ]
    if look.chroma < MUTED:
        return [
            _Said(say("The {hue} stay quiet and leave the picture to the light.", hue=first), True)
        ]
    if look.chroma > STRONG:
        return [_Said(say("Strong {hue} set the mood.", hue=first), True)]
    return [_Said(say("The {hue} set the mood without shouting.", hue=first), True)]


def _focus(reading: Reading, say: Say) -> list[_Said]:
    depth = reading.depth
    if depth is None or any(o.kind is Fault.SOFT_FOCUS for o in reading.grave):
        return []
    if depth.sharp < _ALMOST:
        return [
            _Said(
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
            _Said(
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
            _Said(say("It is sharp almost throughout, and the few soft spots do no harm."), True)
        ]
    stand = reading.scene.stand
    if stand is None or stand.density < WEAK:
        return [
            _Said(say("Everything is equally sharp, so focus does not choose for the eye."), True)
        ]
    if any(o.kind is Virtue.STRONG_SUBJECT for o in reading.seen):
        return [
            _Said(
                say("It is sharp from corner to corner, and a shape so clear can afford it."), True
            )
        ]
    return [
        _Said(
            say("It is sharp from corner to corner, so light and colour alone do the pointing."),
            True,
        )
    ]
