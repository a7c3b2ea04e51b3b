"""The two sentences of an impression: what the photo is about visually, its trouble or virtue."""

from __future__ import annotations

from typing import Final

from engine.builtin.crops.facts import SIDES, brighter_inside, colour_inside
from engine.builtin.crops.scene import Scene
from engine.builtin.crops.standout import StandOut
from engine.builtin.look import Look, earthy, main_hues, mean_chroma
from engine.builtin.observe import Observation
from engine.builtin.reading import Reading, virtues
from engine.builtin.wording import Say
from engine.builtin.wording.observations import words
from engine.builtin.wording.phrases import about_stops, hue, part, place, side
from engine.vocabulary import Crop
from engine.vocabulary import StrengthKind as Virtue

WEAK: Final = 1.5
"""An area with less than this many times the photo's average contrast leads the eye weakly."""
_APART_EV: Final = 0.6
_APART_CHROMA: Final = 7.0
"""By how many stops, or how much mean chroma C*, an area must differ to be called different."""
_CHROMA_PER_EV: Final = 12.0
"""How much chroma weighs as much as one stop."""
BANDS_EV: Final = 1.0
"""How many stops the upper third must be brighter or darker than the lower for two bands."""
_LARGE: Final = 0.16
"""An area that takes more than this of the frame is no patch."""
_WIDE: Final = 0.15
_LITTLE: Final = 0.55
"""A side is idle where at least so much of it is trimmed and less than this part of a fair share
of the contrast goes with it."""
_TELLING: Final = (
    Virtue.STRONG_SUBJECT,
    Virtue.RULE_OF_THIRDS,
    Virtue.COLOUR_HARMONY,
    Virtue.BALANCED,
)
"""Virtues that say more of a photo than its exposure and its sharpness, the rarest first."""


def opening(scene: Scene, look: Look, say: Say) -> str:
    """What the photo is about visually; needs the reduced copy only."""
    stand = scene.stand
    values = {"setting": look.setting(say)}
    if stand is None:
        return say("In {setting}, no part calls louder than the others.", **values)
    values |= {"place": place(say, stand.centre), "part": part(say, stand.box.area)}
    if stand.density < WEAK:
        return _even(look, values, say)
    light, colour = _differences(scene, stand)
    values["stops"] = about_stops(say, light)
    if _led_by_light(light, colour):
        return _lit(light, stand.box.area, look, values, say)
    if colour >= _APART_CHROMA:
        return _coloured(scene, stand, values, say)
    if colour <= -_APART_CHROMA:
        return say(
            "In {setting}, the eye stops at a paler part {place}, where the colour gives way.",
            **values,
        )
    if stand.box.area > _LARGE:
        return say(
            "In {setting}, detail rather than light draws the eye to {part} of the frame {place}.",
            **values,
        )
    return say(
        "A small, busy part {place} draws the eye by its detail alone, in {setting}.", **values
    )


def colour_leads(scene: Scene) -> bool:
    """Whether the opening says that colour leads."""
    stand = scene.stand
    if stand is None or stand.density < WEAK:
        return False
    light, colour = _differences(scene, stand)
    return colour >= _APART_CHROMA and not _led_by_light(light, colour)


def _differences(scene: Scene, stand: StandOut) -> tuple[float, float]:
    """By how many stops, and how much C*, what stands out differs from the rest."""
    return brighter_inside(scene, Crop(stand.box)) or 0.0, colour_inside(scene, stand.box)


def _led_by_light(light: float, colour: float) -> bool:
    return abs(light) >= _APART_EV and abs(light) * _CHROMA_PER_EV >= abs(colour)


def _even(look: Look, values: dict[str, str], say: Say) -> str:
    """No part leads: bands of light, if there are any, are what is seen first."""
    values = {**values, "stops": about_stops(say, look.top_ev)}
    if look.top_ev >= BANDS_EV:
        return say(
            "Light lies above and dark below, {stops} apart, in {setting}.",
            **values,
        )
    if look.top_ev <= -BANDS_EV:
        return say(
            "Dark lies above and light below, {stops} apart, in {setting}.",
            **values,
        )
    return say(
        "In {setting}, the strongest contrasts lie {place}, only just ahead of the rest.",
        **values,
    )


def _lit(light: float, area: float, look: Look, values: dict[str, str], say: Say) -> str:
    if light > 0 and look.tone == "dark":
        return say("Light gathers {place}, {stops} above the rest, in {setting}.", **values)
    if light > 0 and area > _LARGE:
        return say(
            "In {setting}, a broad light area {place} leads, {stops} brighter than the rest.",
            **values,
        )
    if light > 0:
        return say(
            "A light spot {place}, {stops} brighter than the rest, catches the eye in {setting}.",
            **values,
        )
    if look.tone == "bright":
        return say("A dark shape {place} stands out by {stops} in {setting}.", **values)
    if area > _LARGE:
        return say(
            "In {setting}, a broad dark mass {place} holds the eye, {stops} darker than the rest.",
            **values,
        )
    return say(
        "A dark spot {place}, {stops} darker than the rest, holds the eye in {setting}.", **values
    )


def _coloured(scene: Scene, stand: StandOut, values: dict[str, str], say: Say) -> str:
    """By the hue of the area, if it has one."""
    rows, columns = scene.rgb.shape[:2]
    left, top, right, bottom = stand.box
    inside = scene.rgb[
        int(top * rows) : max(int(bottom * rows), int(top * rows) + 1),
        int(left * columns) : max(int(right * columns), int(left * columns) + 1),
    ]
    hues = main_hues(inside)
    if not hues:
        return say("In {setting}, a strong mix of colour draws the eye {place}.", **values)
    named = hue(say, earthy(hues[0], mean_chroma(inside)))
    return say(
        "In {setting}, it is colour that leads: the {hue} {place} are the strongest.",
        hue=named,
        **values,
    )


def main_point(reading: Reading, say: Say) -> str:
    """The weightiest trouble, or what weakens the frame, or else the most telling virtue."""
    first = told_first(reading)
    if first is not None:
        return words(first, say).headline
    idle = _idle(reading, say)
    if idle:
        return idle
    good = {o.kind: o for o in virtues(reading.seen)}
    rest = good.get(Virtue.WELL_EXPOSED) or good.get(Virtue.SHARP)
    if rest is not None:
        return words(rest, say).headline
    return say("Nothing measured in it is wrong, and nothing is outstanding.")


def told_first(reading: Reading) -> Observation | None:
    """The gravest fault, or else the most telling virtue."""
    if reading.grave:
        return reading.grave[0]
    good = {o.kind: o for o in virtues(reading.seen)}
    return next((good[kind] for kind in _TELLING if kind in good), None)


def _idle(reading: Reading, say: Say) -> str:
    """The side that does least, where it does hardly anything."""
    for trimmed, name in idle_sides(reading):
        return say(
            "Its weakness is idle space: {part} of the frame at the {side} adds next to nothing.",
            part=part(say, trimmed),
            side=side(say, name),
        )
    return ""


def idle_sides(reading: Reading) -> list[tuple[float, str]]:
    """The sides that do hardly anything, with how much of the frame they take."""
    removed: dict[str, float] = dict(zip(SIDES, reading.crop.removed, strict=True))
    return [
        (trimmed, name)
        for trimmed, name in reading.trims
        if trimmed >= _WIDE and removed[name] < _LITTLE * trimmed
    ]
