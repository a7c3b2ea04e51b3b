"""How a photo looks at first sight: its tones, its contrast, its colours; where it is sharp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.measure.colour import HUES, hue_name
from engine.builtin.measure.exposure import linear_luminance
from engine.builtin.measure.focus import Focus
from engine.builtin.measured import Measured
from engine.builtin.place import place_of
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import hue

GREY: Final = 6.0
MUTED: Final = 18.0
STRONG: Final = 35.0
"""Mean chroma C* below or above which a photo counts as grey, muted or strongly coloured."""
EARTHY: Final = 30.0
"""Oranges of less mean chroma than this are seen as browns."""
SOFT: Final = 14.0
HARD: Final = 27.0
"""Standard deviation of L* below or above which contrast counts as soft or strong."""
_DARK, _BRIGHT = -1.6, 0.9
"""Mid-tones against middle grey, in EV, beyond which a photo counts as dark or bright."""
_MAIN_HUE: Final = 0.5
"""The share of all chroma from which one hue is the colour of a photo ..."""
_TWO_HUES: Final = 0.68
"""... and from which two are."""
_CRISP: Final = 0.15
"""Blur in % of the long side under which a tile is sharp."""
_FEW: Final = 6
"""Tiles under which nothing is said of a part."""


@dataclass(frozen=True, slots=True)
class Look:
    """Tones in stops of the mid-tones against middle grey, spread of L*, mean chroma, the one or
    two hues that have most of it (codes of `engine.builtin.wording.phrases.hue`), and by how many
    stops the upper third is brighter than the lower one.
    """

    middle_ev: float
    deviation: float
    chroma: float
    hues: tuple[str, ...]
    top_ev: float

    @property
    def tone(self) -> str:
        """One of "dark", "middle" and "bright"."""
        return (
            "dark" if self.middle_ev < _DARK else "bright" if self.middle_ev > _BRIGHT else "middle"
        )

    @property
    def hard(self) -> bool:
        """Whether light and dark lie far apart."""
        return self.deviation > HARD

    @property
    def soft(self) -> bool:
        """Whether light and dark lie close together."""
        return self.deviation < SOFT

    def setting(self, say: Say) -> str:
        """The whole photo, for use after "in": "a dark picture of greens"."""
        colours = self.colours(say)
        if self.tone == "dark":
            if self.hard:
                return say("a dark, contrasty picture {colours}", colours=colours)
            if self.soft:
                return say("a dark, soft picture {colours}", colours=colours)
            return say("a dark picture {colours}", colours=colours)
        if self.tone == "bright":
            if self.hard:
                return say("a bright, contrasty picture {colours}", colours=colours)
            if self.soft:
                return say("a bright, soft picture {colours}", colours=colours)
            return say("a bright picture {colours}", colours=colours)
        if self.hard:
            return say("a contrasty picture {colours}", colours=colours)
        if self.soft:
            return say("a soft picture {colours}", colours=colours)
        return say("a picture {colours}", colours=colours)

    def colours(self, say: Say) -> str:
        """The colours, for use after "picture"."""
        if self.chroma < GREY:
            return say("almost without colour")
        if not self.hues:
            return say("of many colours")
        first, *second = (hue(say, each) for each in self.hues)
        if second:
            return say("of {first} and {second}", first=first, second=second[0])
        if self.chroma < MUTED:
            return say("of muted {hue}", hue=first)
        return say("of {hue}", hue=first)


def look(measured: Measured) -> Look:
    """From the reduced copy alone."""
    chroma = measured.saturation.mean
    small = measured.pictures.small
    luminance = linear_luminance(small)
    third = max(luminance.shape[0] // 3, 1)
    top, bottom = (
        float(each.mean()) + 1 / 1024 for each in (luminance[:third], luminance[-third:])
    )
    return Look(
        measured.exposure.middle_ev,
        measured.contrast.deviation,
        chroma,
        tuple(earthy(each, chroma) for each in main_hues(small)),
        float(np.log2(top / bottom)),
    )


def earthy(code: str, chroma: float) -> str:
    """A hue as it is seen in a photo of this mean chroma: muted oranges are earth tones."""
    return "earth" if code == "orange" and chroma < EARTHY else code


def main_hues(rgb: NDArray[np.uint8]) -> tuple[str, ...]:
    """The one or two hues with most of the chroma in (h, w, 3) sRGB; none where many have."""
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    a, b = lab[:, :, 1] - 128, lab[:, :, 2] - 128
    chroma = np.hypot(a, b)
    degrees = np.rint(np.degrees(np.arctan2(b, a))).astype(np.intp) % 360
    by_degree = np.bincount(degrees.ravel(), weights=chroma.ravel(), minlength=360)
    by_hue: dict[str, float] = dict.fromkeys(HUES, 0.0)
    for degree, weight in enumerate(by_degree):
        by_hue[hue_name(float(degree))] += float(weight)
    total = max(float(by_degree.sum()), 1e-9)
    first, second = sorted(by_hue, key=lambda each: -by_hue[each])[:2]
    if by_hue[first] > _MAIN_HUE * total:
        return (first,)
    if by_hue[first] + by_hue[second] > _TWO_HUES * total:
        return (first, second)
    return ()


def mean_chroma(rgb: NDArray[np.uint8]) -> float:
    """Mean C* of (h, w, 3) sRGB."""
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    return float(np.hypot(lab[:, :, 1] - 128, lab[:, :, 2] - 128).mean())


@dataclass(frozen=True, slots=True)
class Depth:
    """How far sharpness reaches.

    sharp   of the tiles with detail, the share that is sharp, 0..1
    plain   of all tiles, the share without enough detail to judge, 0..1
    soft    the place (a code of `engine.builtin.place`) of what is not sharp
    """

    sharp: float
    plain: float
    soft: str


def depth(focus: Focus) -> Depth | None:
    """From the focus map; None where too little can be judged."""
    judged = np.isfinite(focus.map)
    if judged.sum() < _FEW:
        return None
    crisp = np.nan_to_num(focus.map, nan=np.inf) < _CRISP
    return Depth(
        float(crisp.sum() / judged.sum()), float(1 - judged.mean()), place_of(judged & ~crisp)
    )
