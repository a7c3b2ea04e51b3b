"""All that is measured of one photo's composition, once, before anything is claimed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.builtin.composition.barrier import lab_copy
from engine.builtin.composition.figure import Figure, figure
from engine.builtin.composition.harmony import Harmony, harmony
from engine.builtin.composition.mirror import Mirror, mirror
from engine.builtin.composition.quiet import Strip, emptiest, texture
from engine.builtin.composition.thirds import horizon
from engine.builtin.crops.scene import Scene
from engine.builtin.crops.standout import StandOut
from engine.builtin.measure.skyline import Skyline
from engine.geometry import iou
from engine.vocabulary import Line

_SAME_THING: Final = 0.3
_WIDEST: Final = 0.63
_BARRIER: Final = 80.0


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """The measurements that the claims of `engine.builtin.composition.compose` rest on.

    `thing` is how sure it is that the figure and the area that stands out are one clear thing:
    0 when they are not the same place, else the area's density times the figure's barrier in
    units of 80 Lab levels; `texture` is the mean gradient, in 8-bit Lab levels a pixel.
    """

    stand: StandOut | None
    figure: Figure | None
    thing: float
    texture: float
    strip: Strip | None
    harmony: Harmony
    mirror: Mirror
    horizon: Line | None


def form(scene: Scene, skyline: Skyline) -> Form:
    """Measure the photo that `scene` and `skyline` are about."""
    small = scene.rgb
    found = figure(lab_copy(small))
    cells = texture(small)
    return Form(
        stand=scene.stand,
        figure=found,
        thing=_thing(scene.stand, found),
        texture=float(cells.mean()),
        strip=emptiest(cells, scene.posterior.maps.contrast),
        harmony=harmony(small),
        mirror=mirror(small),
        horizon=horizon(small, cells, skyline),
    )


def _thing(stand: StandOut | None, found: Figure | None) -> float:
    if stand is None or found is None:
        return 0.0
    if iou(stand.box, found.box) < _SAME_THING or stand.box.width > _WIDEST:
        return 0.0
    return stand.density * found.barrier / _BARRIER
