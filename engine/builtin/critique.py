"""Impression, analysis and guidance, made of whole sentences from what was observed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine.builtin.crops.facts import SIDES, CropFacts, brighter_inside, colour_inside
from engine.builtin.crops.scene import Scene
from engine.builtin.crops.why import third_distance
from engine.builtin.look import Look
from engine.builtin.observe import WORTH_MENTIONING, Observation
from engine.builtin.wording import Say
from engine.builtin.wording.observations import words
from engine.builtin.wording.phrases import percent, place, side, size_of_number
from engine.vocabulary import Box, Crop, Finding, FindingKind, Measurement, Strength, StrengthKind

_ACTIONS: Final = 3
_MINOR: Final = 2
_SLIGHT: Final = 0.2
"""How many findings below the bar the analysis still mentions, and from which severity on."""
_APART_EV: Final = 0.5
_APART_CHROMA: Final = 6.0
"""By how many stops, or how much mean chroma C*, an area must differ to be called different."""
_CHROMA_PER_EV: Final = 12.0
"""How much chroma weighs as much as one stop."""
_ON_A_THIRD: Final = 0.06
_CLEAR: Final = 1.25
"""An area with less than this many times the photo's average contrast leads the eye weakly."""
_TRIM: Final = 0.04
"""A crop that takes less than this off every side is no advice."""


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


def faults(seen: Sequence[Observation], *, least: float = 0.0) -> list[Observation]:
    """The faults of at least this severity, in their order."""
    return [o for o in seen if isinstance(o.kind, FindingKind) and o.severity >= least]


def virtues(seen: Sequence[Observation]) -> list[Observation]:
    """The virtues, in their order."""
    return [o for o in seen if isinstance(o.kind, StrengthKind)]


# ── impression ───────────────────────────────────────────────────────────────────────────────────


def opening(scene: Scene, look: Look, say: Say) -> str:
    """What the photo is about visually; needs the reduced copy only."""
    values = {
        "tones": look.tones(say),
        "contrast": look.contrast(say),
        "colour": look.colour(say),
    }
    if scene.stand is None:
        return say("{tones}, {contrast}, {colour}; nothing stands out from the rest.", **values)
    return say(
        "{tones}, {contrast}, {colour}; the area that stands out most, {how}, lies {place} and"
        " takes {share} of the frame.",
        how=_how(scene, scene.stand.box, say),
        place=place(say, scene.stand.centre),
        share=percent(scene.stand.box.area),
        **values,
    )


def _how(scene: Scene, area: Box, say: Say) -> str:
    """What sets an area apart: brighter, darker, stronger or weaker in colour, or detail."""
    light, colour = brighter_inside(scene, Crop(area)) or 0.0, colour_inside(scene, area)
    by = size_of_number(light)
    if abs(light) >= _APART_EV and abs(light) * _CHROMA_PER_EV >= abs(colour):
        if light > 0:
            return say("{stops} stops brighter than the rest", stops=by)
        return say("{stops} stops darker than the rest", stops=by)
    if colour >= _APART_CHROMA:
        return say("stronger in colour than the rest")
    if colour <= -_APART_CHROMA:
        return say("paler than the rest")
    return say("set off by its detail rather than by light or colour")


def main_point(seen: Sequence[Observation], say: Say) -> str:
    """The weightiest trouble, or else the most marked virtue."""
    grave = faults(seen, least=WORTH_MENTIONING)
    if grave:
        return say("What holds it back most: {trouble}.", trouble=words(grave[0], say).short)
    good = virtues(seen)
    if good:
        return say(
            "Nothing technical holds it back; what serves it best: {virtue}.",
            virtue=words(good[0], say).short,
        )
    return say("Nothing measured here holds it back.")


# ── analysis ─────────────────────────────────────────────────────────────────────────────────────


def analysis(scene: Scene, crop: CropFacts, seen: Sequence[Observation], say: Say) -> Iterator[str]:
    """The sentences of one paragraph: faults, the weightiest first, composition, virtues."""
    grave = faults(seen, least=WORTH_MENTIONING)
    minor = [o for o in faults(seen, least=_SLIGHT) if o.severity < WORTH_MENTIONING]
    for each in grave:
        yield words(each, say).sentence
    yield from _composition(scene, crop, say)
    for each in virtues(seen):
        yield words(each, say).sentence
    if minor:
        named = "; ".join(words(each, say).short for each in minor[:_MINOR])
        yield say("Measured, but too slight to matter much: {named}.", named=named)


def _composition(scene: Scene, crop: CropFacts, say: Say) -> Iterator[str]:
    if scene.stand is None:
        yield say(
            "Nothing in the frame differs clearly from what surrounds it, so the eye finds no"
            " place to rest."
        )
        return
    ratio = scene.size.width / scene.size.height
    away = third_distance(scene.stand.centre, ratio)
    values = {
        "place": place(say, scene.stand.centre),
        "share": percent(scene.stand.share),
        "area": percent(scene.stand.box.area),
        "away": percent(away),
    }
    if scene.stand.density < _CLEAR:
        yield say(
            "No area clearly leads the eye: the strongest lies {place} and holds {share} of all"
            " contrast on {area} of the frame.",
            **values,
        )
    elif away <= _ON_A_THIRD:
        yield say(
            "The area that stands out most lies {place}, on a crossing of the thirds, and holds"
            " {share} of all that catches the eye on {area} of the frame.",
            **values,
        )
    else:
        yield say(
            "The area that stands out most lies {place} and holds {share} of all that catches the"
            " eye on {area} of the frame.",
            **values,
        )
    side_name, trimmed, held = _most_trimmed(crop)
    if trimmed >= _TRIM and held < trimmed:
        yield say(
            "The outermost {share} at the {side} adds little: {held} of the contrast is there.",
            side=side(say, side_name),
            share=percent(trimmed),
            held=percent(held),
        )


def _most_trimmed(crop: CropFacts) -> tuple[str, float, float]:
    """The side at which the safe crop takes most off, how much, and what that holds."""
    trimmed, name, held = max(zip(crop.trimmed, SIDES, crop.removed, strict=True))
    return name, trimmed, held


# ── guidance ─────────────────────────────────────────────────────────────────────────────────────


def taking(crop: CropFacts, seen: Sequence[Observation], say: Say) -> Iterator[str]:
    """Two or three actions for the next shot, in order of effect."""
    actions = [words(each, say).taking for each in faults(seen, least=WORTH_MENTIONING)]
    actions = actions[: _ACTIONS - 1]
    actions.append(_framing(crop, say))
    if len(actions) < 2:
        actions.append(
            say(
                "Keep the settings: nothing measured asks for others. Vary the standpoint instead,"
                " one step left, right and nearer, and compare."
            )
        )
    yield from actions


def _framing(crop: CropFacts, say: Say) -> str:
    name, trimmed, held = _most_trimmed(crop)
    if trimmed < _TRIM:
        return say(
            "Keep the framing: every side carries its share, the emptiest fifth {share} of the"
            " contrast.",
            share=percent(min(crop.strips)),
        )
    values = {"share": percent(trimmed), "held": percent(held)}
    return {
        "left": say(
            "Step closer or turn to the right, so that the {share} at the left, which hold {held}"
            " of the contrast, fall out of the frame.",
            **values,
        ),
        "right": say(
            "Step closer or turn to the left, so that the {share} at the right, which hold {held}"
            " of the contrast, fall out of the frame.",
            **values,
        ),
        "top": say(
            "Point the camera a little lower or step closer, so that the {share} at the top, which"
            " hold {held} of the contrast, fall out of the frame.",
            **values,
        ),
        "bottom": say(
            "Point the camera a little higher or step closer, so that the {share} at the bottom,"
            " which hold {held} of the contrast, fall out of the frame.",
            **values,
        ),
    }[name]


def afterwards(crop: CropFacts, seen: Sequence[Observation], say: Say) -> Iterator[str]:
    """What to do with this frame: sliders, then the crop."""
    for each in faults(seen, least=WORTH_MENTIONING)[:_ACTIONS]:
        yield words(each, say).afterwards
    if crop.area > 0.999:
        yield say("Leave the frame as it is: no crop gains on it.")
        return
    yield say(
        "Use the first crop: it takes off {dropped} of the frame and {lost} of what stands out by"
        " light and colour.",
        dropped=percent(1 - crop.area),
        lost=percent(1 - crop.contrast),
    )
