"""What a teacher of photography may say about a photo's composition, claimed only where it is
nearly always right; silence is the normal answer.

Kinds, units and facts (facts are numbers or codes, in no language)
    empty_space      % of the frame. side ("left", "top", "right", "bottom"),
                     contrast (% of the photo's mean contrast that is left there)
    strong_subject   times the photo's mean contrast in the area that stands out ("x").
                     area (% of the frame), place (code of `engine.builtin.place`),
                     barrier (Lab levels by which it is set off from the border)
    rule_of_thirds   % of the width or height off the third. by ("horizon", "area"),
                     axis ("across", "down"), third (1 or 2, from the left or the top)
    balanced         % of the light and dark left or right of an upright axis that the other side
                     repeats. axis (% of the width at which it lies)
    colour_harmony   % of all colour that lies in one hue or in two. hues (1 or 2),
                     hue, second (codes of `engine.builtin.measure.colour.HUES`), apart
                     (degrees between them), scheme ("one", "neighbours", "opposites", "two")
What each rests on was tuned on 150 photos of FLMS and counted on 100 others, labelled by eye
(`python -m bench.composition`). Left out, because on those it was right too seldom or never said:
subject_small, subject_at_edge, subject_centred, edge_distraction, cluttered_background,
leading_lines, symmetry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from engine.builtin.composition.form import Form, form
from engine.builtin.composition.harmony import Harmony
from engine.builtin.composition.thirds import nearest_third
from engine.builtin.crops.scene import Scene
from engine.builtin.measure.colour import hue_name
from engine.builtin.measure.skyline import Skyline
from engine.builtin.observe import Observation, sorted_by_weight
from engine.builtin.place import place_of
from engine.vocabulary import EVERYWHERE, FindingKind, StrengthKind, Where

_GRAVEST: Final = 0.6
"""Composition is a matter of taste: its faults never weigh as much as a photo that is unsharp."""
_EMPTY: Final = (0.36, 0.6)
"""The part of the width or height from which a side is empty."""
_THING: Final = (2.4, 6.0)
"""How sure it is that one clear thing stands out, from which on it is said."""
_DENSITY: Final = 2.3
"""... and how many times the photo's mean contrast it has at least."""
_ON_THIRD: Final = 0.055
_NARROW: Final = 0.5
"""The widest thing that can lie on a third line, in widths."""
_BALANCE: Final = 0.55
"""Likeness of the two sides from which they balance each other."""
_MIRRORED: Final = 0.75
"""... and from which a dark or bright side is the frame of what lies between."""
_AXIS: Final = 0.05
_HARMONY: Final = (0.635, 0.75)
_SPREAD_COST: Final = 0.5
_TEXTURE_COST: Final = 0.008
"""What a spread of hues and a level of texture take off: busy photos seem to have more colours."""
_COLOURED: Final = 0.5
_CHROMA: Final = 7.0
_ONE_HUE: Final = 0.9
_NEIGHBOURS: Final = 70.0
_OPPOSITES: Final = 140.0
"""Degrees between two hues."""


def compose(scene: Scene, skyline: Skyline) -> tuple[Observation, ...]:
    """All observations about the composition of a photo, from its scene and its skyline: faults
    before strengths, the weightiest first, each kind at most once.
    """
    measured = form(scene, skyline)
    found = (claim(measured) for claim in _CLAIMS)
    return sorted_by_weight(each for each in found if each is not None)


def _ramp(value: float, limits: tuple[float, float], *, most: float = 1.0) -> float:
    """0.3 at the lower limit, `most` at the upper one."""
    low, high = limits
    return float(np.clip(0.3 + (most - 0.3) * (value - low) / (high - low), 0.3, most))


def _empty(seen: Form) -> Observation | None:
    strip = seen.strip
    if strip is None or strip.depth < _EMPTY[0]:
        return None
    if abs(seen.mirror.axis - 0.5) <= _AXIS and seen.mirror.light >= _MIRRORED:
        return None
    return Observation(
        FindingKind.EMPTY_SPACE,
        _ramp(strip.depth, _EMPTY, most=_GRAVEST),
        Where(boxes=(strip.box,)),
        100 * strip.depth,
        "%",
        {"side": strip.side, "contrast": 100 * strip.contrast},
    )


def _is_clear(seen: Form) -> bool:
    """Whether one clear thing stands out."""
    return seen.stand is not None and seen.thing >= _THING[0] and seen.stand.density >= _DENSITY


def _strong(seen: Form) -> Observation | None:
    if seen.stand is None or seen.figure is None or not _is_clear(seen):
        return None
    return Observation(
        StrengthKind.STRONG_SUBJECT,
        _ramp(seen.thing, _THING),
        Where(boxes=(seen.figure.box,)),
        seen.stand.density,
        "x",
        {
            "area": 100 * seen.figure.area,
            "place": place_of(seen.figure.flags),
            "barrier": seen.figure.barrier,
        },
    )


def _thirds(seen: Form) -> Observation | None:
    if seen.horizon is not None:
        height = (seen.horizon.y1 + seen.horizon.y2) / 2
        third = nearest_third(height)
        if third.away <= _ON_THIRD:
            return _on_third(third.away, third.number, "horizon", "down", Where(line=seen.horizon))
    if seen.figure is None or not _is_clear(seen) or seen.figure.box.width > _NARROW:
        return None
    third = nearest_third(seen.figure.centre[0])
    if third.away > _ON_THIRD:
        return None
    where = Where(boxes=(seen.figure.box,))
    return _on_third(third.away, third.number, "area", "across", where)


def _on_third(away: float, number: int, by: str, axis: str, where: Where) -> Observation:
    return Observation(
        StrengthKind.RULE_OF_THIRDS,
        _ramp(-away, (-_ON_THIRD, 0.0)),
        where,
        100 * away,
        "%",
        {"by": by, "axis": axis, "third": float(number)},
    )


def _balanced(seen: Form) -> Observation | None:
    found = seen.mirror
    if abs(found.axis - 0.5) > _AXIS or found.light < _BALANCE:
        return None
    return Observation(
        StrengthKind.BALANCED,
        _ramp(found.light, (_BALANCE, 1.0)),
        EVERYWHERE,
        100 * found.light,
        "%",
        {"axis": 100 * found.axis},
    )


def _harmonious(seen: Form) -> Observation | None:
    colours = seen.harmony
    worth = colours.pair - _SPREAD_COST * colours.spread - _TEXTURE_COST * seen.texture
    if worth < _HARMONY[0] or colours.coloured < _COLOURED or colours.chroma < _CHROMA:
        return None
    scheme = _scheme(colours)
    one = scheme == "one"
    return Observation(
        StrengthKind.COLOUR_HARMONY,
        _ramp(worth, _HARMONY),
        EVERYWHERE,
        100 * (colours.near if one else colours.pair),
        "%",
        {
            "hues": 1.0 if one else 2.0,
            "hue": hue_name(colours.hue),
            "second": hue_name(colours.second),
            "apart": colours.apart,
            "scheme": scheme,
        },
    )


def _scheme(colours: Harmony) -> str:
    if colours.near >= _ONE_HUE or hue_name(colours.hue) == hue_name(colours.second):
        return "one"
    if colours.apart <= _NEIGHBOURS:
        return "neighbours"
    return "opposites" if colours.apart >= _OPPOSITES else "two"


_CLAIMS: Final[tuple[Callable[[Form], Observation | None], ...]] = (
    _empty,
    _strong,
    _thirds,
    _balanced,
    _harmonious,
)
