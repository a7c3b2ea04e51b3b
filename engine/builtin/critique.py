"""Findings, strengths and the analysis, made of whole sentences from what was observed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.builtin.crops.why import third_distance
from engine.builtin.look import Look
from engine.builtin.observe import Observation
from engine.builtin.opening import BANDS_EV, WEAK, idle_sides, told_first
from engine.builtin.reading import Reading, virtues
from engine.builtin.remarks import Said, colours, focus, tones
from engine.builtin.wording import Say
from engine.builtin.wording.observations import words
from engine.builtin.wording.phrases import listed, part, place, side
from engine.vocabulary import Finding, FindingKind, Measurement, Strength, StrengthKind
from engine.vocabulary import FindingKind as Fault
from engine.vocabulary import StrengthKind as Virtue

_ON_A_THIRD: Final = 0.06
_IN_THE_MIDDLE: Final = (0.06, 0.09)
_OFF_A_THIRD: Final = 0.12
"""From the centre line; a third lies 0.17 from it."""
_AT_THE_EDGE: Final = 0.2
_MUCH: Final = 0.15
"""The idle part of the frame from which the analysis speaks of it."""

_COMPOSITION: Final = frozenset(
    {
        Virtue.STRONG_SUBJECT,
        Virtue.RULE_OF_THIRDS,
        Virtue.BALANCED,
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


def analysis(reading: Reading, say: Say) -> Iterator[str]:
    """The sentences of one paragraph: the grave faults first, then composition, light, colour and
    focus; praise that follows a fault turns to it with a word.
    """
    said = [Said(words(each, say).sentence, False) for each in reading.grave]
    said += _composition(reading, say)
    said += _about(reading, _LIGHT, say) or tones(reading, say)
    said += _about(reading, _COLOUR, say) or colours(reading, say)
    said += focus(reading, say)
    turn = bool(reading.grave)
    for each in said:
        if not each.sentence:
            continue
        if each.praises and turn:
            yield each.turned or each.sentence
            turn = False
        else:
            yield each.sentence
        turn = turn or each.praises is False


def _about(
    reading: Reading, kinds: frozenset[Fault | Virtue] | frozenset[Virtue], say: Say
) -> list[Said]:
    """The virtues of these kinds; an empty praise where a grave fault has said all there is."""
    found = []
    first = told_first(reading)
    for each in sorted(virtues(reading.seen), key=lambda o: o.kind is not Virtue.STRONG_SUBJECT):
        if each is first and each.kind is Virtue.BALANCED:
            continue  # The impression has said all there is to say about it.
        if each.kind in kinds:
            told = words(each, say)
            found.append(Said(told.sentence, True, told.turned))
    if not found and any(each.kind in kinds for each in reading.grave):
        return [Said("", True)]
    return found


def _composition(reading: Reading, say: Say) -> list[Said]:
    said = _about(reading, _COMPOSITION, say)
    if not any(o.kind is Virtue.STRONG_SUBJECT for o in reading.seen):
        said += _placing(reading, say)
    if idle_sides(reading) or reading.crop.area > 1 - _MUCH:
        return said
    sides = [side(say, name) for _, name in reading.trims]
    if len(sides) > 1:
        said.append(
            Said(
                say(
                    "Little happens at the {sides}: {part} of the frame in all could go.",
                    sides=listed(say, sides),
                    part=part(say, 1 - reading.crop.area),
                ),
                False,
            )
        )
    return said


def _placing(reading: Reading, say: Say) -> list[Said]:
    """Where the area that stands out lies in the frame, and what that does."""
    stand = reading.scene.stand
    if stand is None:
        return [
            Said(
                say(
                    "Nothing is set apart by light, colour or detail, so the eye finds no place to"
                    " rest."
                ),
                False,
            )
        ]
    x, y = stand.centre
    values = {"place": place(say, stand.centre), "part": part(say, stand.box.area)}
    ratio = reading.scene.size.width / reading.scene.size.height
    if stand.density < WEAK:
        return [
            Said(
                _leaderless(reading.look, say),
                False,
            )
        ]
    if third_distance(stand.centre, ratio) <= _ON_A_THIRD:
        return [
            Said(
                say(
                    "The area that stands out most lies {place}, where two lines of thirds cross.",
                    **values,
                ),
                True,
                say(
                    "The area that stands out most is well placed, though: it lies {place}, where"
                    " two lines of thirds cross.",
                    **values,
                ),
            )
        ]
    if abs(x - 0.5) <= _IN_THE_MIDDLE[0] and abs(y - 0.5) <= _IN_THE_MIDDLE[1]:
        return [
            Said(
                say(
                    "The area that stands out most sits in the very middle, which makes the"
                    " picture calm, but static."
                ),
                False,
            )
        ]
    if min(x, 1 - x) <= _AT_THE_EDGE:
        return [
            Said(
                say(
                    "The area that stands out most lies far out {place}, so the eye is soon out of"
                    " the frame.",
                    **values,
                ),
                False,
            )
        ]
    if abs(x - 0.5) <= _IN_THE_MIDDLE[0]:
        return [
            Said(
                say(
                    "The area that stands out most fills {part} of the frame {place}, on the centre"
                    " line: a still, frontal placing.",
                    **values,
                ),
                None,
            )
        ]
    if abs(x - 0.5) <= _OFF_A_THIRD:
        return [
            Said(
                say(
                    "The area that stands out most fills {part} of the frame {place}, a little off"
                    " the centre line; on a third it would look more deliberate.",
                    **values,
                ),
                False,
            )
        ]
    return [
        Said(
            say(
                "The area that stands out most lies {place} and fills {part} of the frame, clear"
                " of the middle.",
                **values,
            ),
            True,
        )
    ]


def _leaderless(look: Look, say: Say) -> str:
    if abs(look.top_ev) >= BANDS_EV:
        return say("Two bands of light divide the frame, and no single part leads in either.")
    if look.hard:
        return say("Light and dark are scattered, so no single part leads and the eye wanders.")
    return say("No single part leads, so the eye wanders over the frame.")
