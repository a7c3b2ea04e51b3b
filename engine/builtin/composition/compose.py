"""What a teacher of photography may say about a photo's composition, claimed only where it is
nearly always right; silence is the normal answer.

Kinds, units and facts (facts are numbers or codes, in no language)
    cluttered_background  mean gradient, 8-bit Lab levels a pixel ("levels/px").
                          busy (% of the frame with much of it)
    empty_space           % of the frame. side ("left", "top", "right", "bottom"),
                          contrast (% of the photo's mean contrast that is left there)
    edge_distraction      Lab levels by which it is set off ("levels"). side, area (% of the frame),
                          lighter (0, 1: than what is around it)
    strong_subject        times the photo's mean contrast in the area that stands out ("x").
                          area (% of the frame), place (code of `engine.builtin.place`),
                          barrier (Lab levels by which it is set off from the border)
    rule_of_thirds        % of the width or height off the third. by ("horizon", "area"),
                          axis ("across", "down"), third (1 or 2, from the left or the top)
    symmetry              % of the light left or right that its mirror image repeats. axis (% of
                          the width at which it lies)
    balanced              the same measure, where it does not reach symmetry. axis
    colour_harmony        % of all colour that lies in one hue or in two. hues (1 or 2),
                          hue, second (codes of `engine.builtin.measure.colour.HUES`), apart
                          (degrees between them), scheme ("one", "neighbours", "opposites", "two")
    leading_lines         lines, counted ("lines"). point_x, point_y (% of width and height),
                          support (their length, % of the long side)
Left out, because what can be measured without knowing what a photo shows was not right often
enough: subject_small, subject_at_edge, subject_centred.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.builtin.composition.form import Form, form
from engine.builtin.composition.harmony import Harmony
from engine.builtin.composition.thirds import nearest_third
from engine.builtin.crops.scene import Scene
from engine.builtin.measure.colour import hue_name
from engine.builtin.measure.skyline import Skyline
from engine.builtin.observe import Observation, sorted_by_weight
from engine.builtin.place import place_of
from engine.vocabulary import EVERYWHERE, FindingKind, Line, StrengthKind, Where

_GRAVEST: Final = 0.6
"""Composition is a matter of taste: its faults never weigh as much as a photo that is unsharp."""
_CLUTTER: Final = (33.0, 50.0)
"""Mean texture from which a photo is cluttered, and beyond which it cannot be more so."""
_CLUTTER_HUES: Final = 0.5
_CLUTTER_DENSITY: Final = 1.8
"""What stands out more than this stands above the clutter."""
_EMPTY: Final = (0.36, 0.6)
_INTRUDER: Final = (125.0, 190.0)
"""Barrier, in Lab levels, from which a thing at the edge is said to draw the eye."""
_INTRUDER_STEP: Final = 75.0
_INTRUDER_SHARED: Final = 0.08
_THING: Final = (2.4, 6.0)
"""How sure it is that one clear thing stands out, from which on it is said."""
_DENSITY: Final = 2.3
"""... and how many times the photo's mean contrast it has at least."""
_ON_THIRD: Final = 0.055
_NARROW: Final = 0.5
"""The widest thing that can lie on a third line, in widths."""
_SYMMETRY: Final = (0.75, 0.55)
"""Likeness of light and of edges."""
_BALANCE: Final = 0.55
_AXIS: Final = 0.05
_HARMONY: Final = (0.635, 0.75)
_COLOURED: Final = 0.5
_CHROMA: Final = 7.0
_ONE_HUE: Final = 0.9
_LEADING: Final = (0.59, 1.2)
_RADIAL: Final = 0.3
_SIDES: Final = 0.25
_AGREED: Final = 0.16
_MIDDLE: Final = 0.22
_TOP, _BOTTOM = 0.20, 0.75
_HIGH: Final = 0.3
_SIDES_HIGH: Final = 0.2
_TANGLE: Final = 0.9
"""Where so much of the photo is busy, lines that meet are chance."""


def compose(rgb: NDArray[np.uint8], scene: Scene, skyline: Skyline) -> tuple[Observation, ...]:
    """All observations about the composition, faults before strengths, the weightiest first.

    `rgb` is a reduced upright 8-bit sRGB copy, height × width × 3, of the photo that `scene` and
    `skyline` are about.
    """
    measured = form(rgb, scene, skyline)
    found = (claim(measured) for claim in _CLAIMS)
    return sorted_by_weight(each for each in found if each is not None)


def _ramp(value: float, limits: tuple[float, float], *, most: float = 1.0) -> float:
    """0.3 at the lower limit, `most` at the upper one."""
    low, high = limits
    return float(np.clip(0.3 + (most - 0.3) * (value - low) / (high - low), 0.3, most))


def _cluttered(seen: Form) -> Observation | None:
    if seen.texture < _CLUTTER[0] or seen.harmony.spread < _CLUTTER_HUES:
        return None
    if seen.stand is not None and seen.stand.density > _CLUTTER_DENSITY:
        return None
    return Observation(
        FindingKind.CLUTTERED_BACKGROUND,
        _ramp(seen.texture, _CLUTTER, most=_GRAVEST),
        EVERYWHERE,
        seen.texture,
        "levels/px",
        {"busy": 100 * seen.busy},
    )


def _empty(seen: Form) -> Observation | None:
    strip = seen.strip
    if strip is None or strip.depth < _EMPTY[0] or _is_mirror(seen):
        return None
    return Observation(
        FindingKind.EMPTY_SPACE,
        _ramp(strip.depth, _EMPTY, most=_GRAVEST),
        Where(boxes=(strip.box,)),
        100 * strip.depth,
        "%",
        {"side": strip.side, "contrast": 100 * strip.contrast},
    )


def _intruding(seen: Form) -> Observation | None:
    thing = seen.intruder
    if thing is None or thing.barrier < _INTRUDER[0]:
        return None
    if thing.step < _INTRUDER_STEP or thing.shared > _INTRUDER_SHARED:
        return None
    return Observation(
        FindingKind.EDGE_DISTRACTION,
        _ramp(thing.barrier, _INTRUDER, most=_GRAVEST),
        Where(boxes=(thing.box,)),
        thing.barrier,
        "levels",
        {"side": thing.side, "area": 100 * thing.area, "lighter": float(thing.lighter)},
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


def _is_mirror(seen: Form) -> bool:
    found = seen.mirror
    near = abs(found.axis - 0.5) <= _AXIS
    return near and found.light >= _SYMMETRY[0] and found.edges >= _SYMMETRY[1]


def _mirrored(seen: Form) -> Observation | None:
    """Symmetry where the photo is its own mirror image, balance where its masses are."""
    found = seen.mirror
    if abs(found.axis - 0.5) > _AXIS or found.light < _BALANCE:
        return None
    strict = _is_mirror(seen)
    where = Where(line=Line(found.axis, 0.0, found.axis, 1.0)) if strict else EVERYWHERE
    return Observation(
        StrengthKind.SYMMETRY if strict else StrengthKind.BALANCED,
        _ramp(found.light, (_SYMMETRY[0] if strict else _BALANCE, 1.0)),
        where,
        100 * found.light,
        "%",
        {"axis": 100 * found.axis},
    )


def _harmonious(seen: Form) -> Observation | None:
    colours = seen.harmony
    worth = colours.pair - 0.5 * colours.spread - 0.008 * seen.texture
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
    if colours.apart <= 70:
        return "neighbours"
    return "opposites" if colours.apart >= 140 else "two"


def _led(seen: Form) -> Observation | None:
    lines = seen.leading
    if lines is None or lines.apart > _AGREED or not lines.lines or seen.busy > _TANGLE:
        return None
    x, y = lines.point
    # A clear thing has slanting outlines of its own.
    if abs(x - 0.5) > _MIDDLE or not _TOP <= y <= _BOTTOM or seen.thing >= _THING[0]:
        return None
    if lines.radial < _RADIAL and lines.sides < _SIDES:
        return None
    # Outlines that rise to a point near the top are a roof or a peak.
    if y < _HIGH and lines.sides < _SIDES_HIGH:
        return None
    worth = lines.radial + min(lines.sides, 0.5) + 0.3 * min(lines.support, 2.0)
    if worth < _LEADING[0]:
        return None
    return Observation(
        StrengthKind.LEADING_LINES,
        _ramp(worth, _LEADING),
        Where(boxes=(lines.box,), line=lines.lines[0]),
        float(len(lines.lines)),
        "lines",
        {"point_x": 100 * x, "point_y": 100 * y, "support": 100 * lines.support},
    )


_CLAIMS: Final[tuple[Callable[[Form], Observation | None], ...]] = (
    _cluttered,
    _empty,
    _intruding,
    _strong,
    _thirds,
    _mirrored,
    _harmonious,
    _led,
)
