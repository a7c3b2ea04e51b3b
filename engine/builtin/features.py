"""The measurements of a photo as named numbers, for the verdicts that weigh several of them."""

from __future__ import annotations

from math import log2
from typing import Final

from engine.builtin.measure.skyline import ANGLES, STEP
from engine.builtin.measured import Measured

Features = dict[str, float]

_LITTLE: Final = 0.002
"""Added to shares before their logarithm: 0.2 % of the pixels."""


def tone_features(measured: Measured) -> Features:
    """For exposure and contrast; needs only the reduced copy, and the clipped shares."""
    e, c, clipped = measured.exposure, measured.contrast, measured.clipping
    return {
        "middle_ev": e.middle_ev,
        "centre_ev": e.centre_ev,
        "black_ev": e.black_ev,
        "white_ev": e.white_ev,
        "headroom_ev": e.headroom_ev,
        "dark_share": e.dark_share,
        "bright_share": e.bright_share,
        "black": c.black,
        "white": c.white,
        "spread": c.spread,
        "middle_spread": c.middle_spread,
        "deviation": c.deviation,
        "log_highlights": log2(clipped.highlights + _LITTLE),
        "log_white": log2(clipped.white + _LITTLE),
    }


def detail_features(measured: Measured) -> Features:
    """For sharpness and noise; empty where the photo has nothing to judge them by."""
    f, n = measured.focus, measured.noise
    if f.judged == 0:
        return {}
    return {
        "fine_worst": f.fine[0],
        "fine_uneven": f.fine[0] - f.fine[1],
        "fine_98": f.fine[2],
        "fine_90": f.fine[3],
        "fine_50": f.fine[5],
        "coarse_worst": f.coarse[0],
        "log_sigma": log2(n.sigma + 0.05),
        "log_floor": log2(n.floor + 0.05),
        "log_coarse": log2((n.coarse + 0.05) / (n.floor + 0.05)),
        "texture": n.texture,
    }


def tilt_features(measured: Measured) -> Features:
    """For the tilt; empty where no line was found."""
    t, sky = measured.tilt, measured.skyline
    if t.line is None:
        return {}
    along = sky.coherence[abs(ANGLES - t.angle) <= 2 * STEP]
    coherence = float(along.max()) if len(along) else 0.0
    return {
        "coherence": coherence,
        "coherence_lost": coherence - sky.best,
        "angle": t.angle,
        "lean": abs(t.angle),
        "log_support": log2(t.support + 0.1),
        "share": t.share,
        "log_longest": log2(t.longest + 0.02),
        "log_lines": log2(t.support / t.share + 0.1),
        "log_straight": log2(t.straight + 0.1),
        "prominence": t.prominence,
        "rival": t.rival,
    }
