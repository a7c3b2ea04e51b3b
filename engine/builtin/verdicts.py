"""How sure a fault is, and how grave: weighted measurements, fitted by `python -m bench.fit`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from types import MappingProxyType
from typing import Final

LEAST_TILT: Final = 1.2
"""Degrees under which a tilt is not worth a word."""

_CLAIM: Final = 0.3
"""Severity at a verdict's zero: `engine.builtin.observe.WORTH_MENTIONING`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A weighted sum of named measurements.

    Its zero is where a fault is worth mentioning; `scale` is how far above it a marked fault of
    its kind lies, in the same units.
    """

    weights: Mapping[str, float]
    bias: float
    scale: float

    def margin(self, features: Mapping[str, float]) -> float:
        """How far above its zero, in scales; KeyError when a measurement is missing."""
        total = self.bias + sum(w * features[name] for name, w in self.weights.items())
        return total / self.scale

    def severity(self, features: Mapping[str, float]) -> float:
        """0..1; 0.3 at the zero, about 0.7 one scale above it."""
        return severity_of(self.margin(features))


def severity_of(margin: float) -> float:
    """0..1 and rising: 0.3 at 0, 0.74 at 1, and falling off to nothing below 0."""
    if margin < 0:
        return _CLAIM * exp(max(3 * margin, -60.0))
    return _CLAIM + (1 - _CLAIM) * (1 - exp(-margin))


CAST_SCALE: Final = 2.37
"""The odds of a marked colour cast; those of one worth mentioning are 0 (`bench.fit_cast`)."""

STOPS_OVER: Final = Verdict(
    {
        "middle_ev": -0.02415,
        "black_ev": 0.1404,
        "log_highlights": 0.5044,
        "log_white": 0.3425,
        "bright_share": -0.5058,
    },
    3.986,
    1.0,
)
"""Its margin is by how many stops an overexposed photo is too bright: what was cut off at white no
longer tells, but how much was does."""

# `soft_focus` has its zero lower than fitted (its bias was -2.86): smears found rose to 98 %
# while still under 1 % of the untouched photos are accused.
VERDICTS: Final[Mapping[str, Verdict]] = MappingProxyType(
    {
        "underexposed": Verdict(
            {
                "headroom_ev": 3.952,
                "middle_ev": -0.01693,
                "white_ev": -0.2933,
                "black_ev": -0.4131,
                "bright_share": -6.884,
                "dark_share": -1.608,
                "black": -0.1584,
                "spread": 0.005295,
            },
            -4.309,
            3.97,
        ),
        "overexposed": Verdict(
            {
                "middle_ev": 0.4183,
                "black_ev": 0.2245,
                "log_highlights": 0.5604,
                "log_white": 0.6521,
                "bright_share": -0.7311,
                "dark_share": 2.276,
            },
            7.062,
            3.72,
        ),
        "low_contrast": Verdict(
            {"spread": -0.1543, "black": 0.08353, "middle_spread": 0.006906, "deviation": -0.06413},
            8.226,
            6.34,
        ),
        "tilted_horizon": Verdict(
            {
                "log_support": 0.2529,
                "share": 2.789,
                "log_longest": -0.3568,
                "log_straight": -0.1906,
                "prominence": 0.3061,
                "rival": -0.7998,
                "coherence": 1.489,
                "coherence_lost": 1.662,
                "lean": 0.04622,
                "log_lines": 0.2104,
            },
            -3.7,
            1.73,
        ),
        "soft_focus": Verdict(
            {
                "fine_worst": -0.862,
                "fine_uneven": -2.674,
                "fine_98": -0.2267,
                "fine_90": -0.1845,
                "fine_50": -0.4851,
                "coarse_worst": -1.674,
            },
            -1.8,
            4.29,
        ),
        "noise": Verdict(
            {
                "log_sigma": 0.6201,
                "log_floor": 0.6656,
                "log_coarse": -4.813,
                "texture": -1.019,
                "fine_90": 0.374,
                "fine_50": 0.2082,
            },
            -0.4852,
            6.91,
        ),
    }
)
