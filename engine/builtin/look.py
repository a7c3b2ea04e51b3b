"""How a photo looks at first sight: its tones, its contrast, its colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.measure.colour import HUES, hue_name
from engine.builtin.measured import Measured
from engine.builtin.wording import Say

_GREY: Final = 6.0
_MUTED: Final = 18.0
_STRONG: Final = 35.0
"""Mean chroma C* below or above which a photo counts as grey, muted or strongly coloured."""
_SOFT: Final = 14.0
_HARD: Final = 27.0
"""Standard deviation of L* below or above which contrast counts as soft or strong."""
_MAIN_HUE: Final = 0.45
"""The share of all chroma from which one hue is the colour of a photo."""


@dataclass(frozen=True, slots=True)
class Look:
    """Tones in stops of the mid-tones against middle grey, spread of L*, mean chroma and the one
    hue (a code of `engine.builtin.measure.colour.HUES`) that has most of it, if one does.
    """

    middle_ev: float
    deviation: float
    chroma: float
    hue: str | None

    def tones(self, say: Say) -> str:
        """The tones, as the beginning of a sentence."""
        if self.middle_ev < -2.0:
            return say("Mostly dark tones")
        if self.middle_ev < -0.8:
            return say("Rather dark tones")
        if self.middle_ev > 1.6:
            return say("Mostly bright tones")
        if self.middle_ev > 0.8:
            return say("Rather bright tones")
        return say("Middle tones")

    def contrast(self, say: Say) -> str:
        """The contrast, for use between commas."""
        if self.deviation < _SOFT:
            return say("soft contrast")
        if self.deviation > _HARD:
            return say("strong contrast")
        return say("moderate contrast")

    def colour(self, say: Say) -> str:
        """The colours, for use between commas."""
        if self.chroma < _GREY:
            return say("almost no colour")
        if self.hue is None:
            return say("mixed strong colours") if self.chroma > _STRONG else say("mixed colours")
        if self.chroma < _MUTED:
            return _muted(say, self.hue)
        return _plain(say, self.hue)


def look(measured: Measured) -> Look:
    """From the reduced copy alone."""
    return Look(
        measured.exposure.middle_ev,
        measured.contrast.deviation,
        measured.saturation.mean,
        _main_hue(measured.pictures.small),
    )


def _main_hue(rgb: NDArray[np.uint8]) -> str | None:
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    a, b = lab[:, :, 1] - 128, lab[:, :, 2] - 128
    chroma = np.hypot(a, b)
    degrees = np.rint(np.degrees(np.arctan2(b, a))).astype(np.intp) % 360
    by_degree = np.bincount(degrees.ravel(), weights=chroma.ravel(), minlength=360)
    by_hue: dict[str, float] = dict.fromkeys(HUES, 0.0)
    for degree, weight in enumerate(by_degree):
        by_hue[hue_name(float(degree))] += float(weight)
    name = max(by_hue, key=lambda each: by_hue[each])
    return name if by_hue[name] > _MAIN_HUE * max(float(by_degree.sum()), 1e-9) else None


def _muted(say: Say, hue: str) -> str:
    return {
        "red": say("muted reds"),
        "orange": say("muted oranges and browns"),
        "yellow": say("muted yellows"),
        "green": say("muted greens"),
        "cyan": say("muted blue-greens"),
        "blue": say("muted blues"),
        "violet": say("muted violets"),
        "magenta": say("muted magentas"),
    }[hue]


def _plain(say: Say, hue: str) -> str:
    return {
        "red": say("mainly reds"),
        "orange": say("mainly oranges and browns"),
        "yellow": say("mainly yellows"),
        "green": say("mainly greens"),
        "cyan": say("mainly blue-greens"),
        "blue": say("mainly blues"),
        "violet": say("mainly violets"),
        "magenta": say("mainly magentas"),
    }[hue]
