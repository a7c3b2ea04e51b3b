"""Scenes that follow from a seed: a place, a subject, at most one fault, and the crop that is good.

Nothing is stored: a scene's name holds its seed, and `render` draws it at any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import cos, radians, sin
from random import Random
from typing import Final

from engine.vocabulary import Box

GRID: Final = 50
"""Good crops lie on multiples of 1 / 50 when they are taught: steps of 20 in thousandths."""
LEAST_TILT: Final = 10.0
"""Degrees."""
SIZES: Final = (0.16, 0.36)
"""Of a subject, from the least to the most, as shares of the picture's side."""
CENTRES_ACROSS: Final = (0.2, 0.8)
CENTRES_DOWN: Final = (0.22, 0.78)
"""Where a subject's middle may be."""


class Place(StrEnum):
    SEA = "sea"
    MEADOW = "meadow"
    DESERT = "desert"
    SNOW = "snow"


class Subject(StrEnum):
    HOUSE = "house"
    TREE = "tree"
    TOWER = "tower"


class Light(StrEnum):
    NORMAL = "normal"
    DARK = "dark"
    BRIGHT = "bright"


class Tint(StrEnum):
    NEUTRAL = "neutral"
    ORANGE = "orange"
    BLUE = "blue"


class Kind(StrEnum):
    """The faults, and none: what an answer is judged by."""

    BRIGHTNESS = "brightness"
    TINT = "tint"
    SOFTNESS = "softness"
    TILT = "tilt"
    DISTRACTION = "distraction"
    NONE = "none"


class Purpose(StrEnum):
    """What scenes are for; each has seeds of its own, so that none is on two sides."""

    BASE = "base"
    TAUGHT = "taught"
    CHOOSING = "choosing"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that a picture is drawn from. Lengths are fractions of the square picture; `tilt` in
    degrees, clockwise; `blur` is a Gaussian's sigma; `gain` multiplies the light.

    `centre` and `size` are those of the subject in the picture, `distraction` lies at its border.
    """

    name: str
    place: Place
    subject: Subject
    centre: tuple[float, float]
    size: float
    horizon: float
    light: Light = Light.NORMAL
    gain: float = 1.0
    tint: Tint = Tint.NEUTRAL
    blur: float = 0.0
    tilt: float = 0.0
    distraction: Box | None = None
    shade: float = 1.0
    phase: float = 0.0

    @property
    def kind(self) -> Kind:
        """Its fault; of several, the first in the order of `Kind`."""
        present = {
            Kind.BRIGHTNESS: self.light is not Light.NORMAL,
            Kind.TINT: self.tint is not Tint.NEUTRAL,
            Kind.SOFTNESS: self.blur > 0,
            Kind.TILT: self.tilt != 0,
            Kind.DISTRACTION: self.distraction is not None,
        }
        return next((kind for kind, there in present.items() if there), Kind.NONE)

    @property
    def subject_box(self) -> Box:
        """The subject's own box; of a turned one, the box before it was turned."""
        (x, y), half = self.centre, self.size / 2
        return Box(x - half, y - half, x + half, y + half)


def scenes(purpose: Purpose, count: int, *, seed: int = 0) -> list[Scene]:
    """So many scenes of a purpose, every kind of fault equally often but for scenes to see with."""
    return [scene(f"{purpose}-{seed}-{number}") for number in range(count)]


def scene(name: str) -> Scene:
    """The scene of a name: PURPOSE-SEED-NUMBER. Those of the base step may have several faults or
    none, each by chance; all others have the fault that their number says.
    """
    purpose, _, number = name.split("-")
    random = Random(name)
    kinds = tuple(Kind)
    if Purpose(purpose) is Purpose.BASE:
        faults = {kind for kind in kinds if random.random() < _OFTEN}
    else:
        faults = {kinds[int(number) % len(kinds)]}
    size = random.uniform(*SIZES)
    centre = (random.uniform(*CENTRES_ACROSS), random.uniform(*CENTRES_DOWN))
    light = random.choice((Light.DARK, Light.BRIGHT))
    gain = random.uniform(0.25, 0.45) if light is Light.DARK else random.uniform(1.7, 2.3)
    tint = random.choice((Tint.ORANGE, Tint.BLUE))
    tilt = random.choice((-1, 1)) * random.uniform(LEAST_TILT, 22)
    blur = random.uniform(0.022, 0.035)
    return Scene(
        name=name,
        place=random.choice(tuple(Place)),
        subject=random.choice(tuple(Subject)),
        centre=centre,
        size=size,
        horizon=random.uniform(0.35, 0.65),
        light=light if Kind.BRIGHTNESS in faults else Light.NORMAL,
        gain=gain if Kind.BRIGHTNESS in faults else 1.0,
        tint=tint if Kind.TINT in faults else Tint.NEUTRAL,
        blur=blur if Kind.SOFTNESS in faults else 0.0,
        tilt=tilt if Kind.TILT in faults else 0.0,
        distraction=_distraction(centre, random) if Kind.DISTRACTION in faults else None,
        shade=random.uniform(0.93, 1.07),
        phase=random.uniform(0, 1),
    )


_OFTEN: Final = 0.35
"""How often a scene to see with has each of the faults."""


def _distraction(centre: tuple[float, float], random: Random) -> Box:
    """A patch at the middle parts of a border, well away from the subject."""
    while True:
        depth, length = random.uniform(0.1, 0.15), random.uniform(0.16, 0.26)
        along = random.uniform(0.05, 0.95 - length)
        box = random.choice(
            (
                Box(0, along, depth, along + length),
                Box(1 - depth, along, 1, along + length),
                Box(along, 0, along + length, depth),
                Box(along, 1 - depth, along + length, 1),
            )
        )
        x, y = box.centre
        if max(abs(x - centre[0]), abs(y - centre[1])) > 0.3:
            return box


# ── the rule of the good crop ────────────────────────────────────────────────────────────────────


def good_crop(scene: Scene) -> Box:
    """A square with the same room around the subject whatever its size, which stands in the middle,
    a little low; moved into the picture; one edge drawn in where a distraction would be inside.
    """
    side = scene.size + 2 * _ROOM
    (x, y) = scene.centre
    left = _inside(x - side / 2, side)
    top = _inside(y - _LOW * side, side)
    box = Box(left, top, left + side, top + side)
    return box if scene.distraction is None else _without(box, scene.distraction)


_ROOM: Final = 0.18
"""Left on each side of the subject."""
_LOW: Final = 0.55
"""How far down the crop the subject's centre stands."""
_CLEAR: Final = 0.02
"""Left between the crop and a distraction."""


def _inside(start: float, length: float) -> float:
    return min(max(start, 0.0), 1.0 - length)


def _without(box: Box, other: Box) -> Box:
    """The box with one edge drawn in, the one that costs least, so that the other is outside."""
    apart = other.right <= box.left or other.left >= box.right
    if apart or other.bottom <= box.top or other.top >= box.bottom:
        return box
    left, top, right, bottom = box
    choices = (
        (other.right + _CLEAR, top, right, bottom),
        (left, other.bottom + _CLEAR, right, bottom),
        (left, top, other.left - _CLEAR, bottom),
        (left, top, right, other.top - _CLEAR),
    )
    return max((Box(*each) for each in choices if _real(each)), key=lambda each: each.area)


def _real(edges: tuple[float, float, float, float]) -> bool:
    return edges[0] < edges[2] and edges[1] < edges[3]


def on_grid(box: Box) -> Box:
    """A box rounded to the grid that is taught."""
    return Box(*(round(edge * GRID) / GRID for edge in box))


def mean_box(boxes: Sequence[Box]) -> Box:
    """The box with the mean edges of several."""
    columns = zip(*boxes, strict=True)
    return Box(*(sum(column) / len(boxes) for column in columns))


def turned(point: tuple[float, float], degrees: float) -> tuple[float, float]:
    """A point of the square turned clockwise about its centre."""
    x, y, angle = point[0] - 0.5, point[1] - 0.5, radians(degrees)
    return 0.5 + x * cos(angle) - y * sin(angle), 0.5 + x * sin(angle) + y * cos(angle)
