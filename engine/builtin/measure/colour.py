"""The colour of what should be neutral, and how strong the colours are."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.builtin.measure.contrast import lab

HUES: Final = ("red", "orange", "yellow", "green", "cyan", "blue", "violet", "magenta")
"""Hue codes of a cast, by the angle in the a*b* plane; a wording table names them."""

_HUE_LIMITS: Final = (15.0, 55.0, 80.0, 105.0, 165.0, 235.0, 290.0, 320.0, 355.0)


@dataclass(frozen=True, slots=True)
class ColourCast:
    """What the least coloured pixels say about the light. a*, b* and ΔE are CIE L*a*b* units.

    delta_e     how far the estimated neutral is from grey
    angle       its hue angle in degrees, 0..360 (0 magenta-red, 90 yellow, 180 green, 270 blue)
    hue         its name, one of `HUES`
    confidence  0..1: how well shadows, mid-tones and highlights agree on it
    white, black, neutral, mean
                (a*, b*) of the brightest 2 %, the darkest 2 %, the tightest cluster, all pixels
    cluster     share of the pixels within 6 ΔE of `neutral`, 0..1
    """

    delta_e: float
    angle: float
    hue: str
    confidence: float
    white: tuple[float, float]
    black: tuple[float, float]
    neutral: tuple[float, float]
    mean: tuple[float, float]
    cluster: float


@dataclass(frozen=True, slots=True)
class Saturation:
    """How strong the colours are; C* is CIE chroma.

    mean      mean C* of all pixels
    high      95th percentile of C*
    pinned    share of the pixels that are strongly coloured with a channel at its end, 0..1
    """

    mean: float
    high: float
    pinned: float


def colour_cast(rgb: NDArray[np.uint8]) -> ColourCast:
    """Measure a small sRGB picture, (h, w, 3) uint8."""
    pixels = lab(rgb).reshape(-1, 3)
    lightness, ab = pixels[:, 0], pixels[:, 1:]
    low, high = np.percentile(lightness, (2, 98))
    white = _mean(ab[lightness >= high])
    black = _mean(ab[lightness <= low])
    neutral, cluster = _cluster(ab[(lightness > 10) & (lightness < 97)])
    a = float(np.median([white[0], black[0], neutral[0]]))
    b = float(np.median([white[1], black[1], neutral[1]]))
    delta_e = hypot(a, b)
    apart = np.mean([hypot(p[0] - a, p[1] - b) for p in (white, black, neutral)])
    angle = degrees(atan2(b, a)) % 360
    return ColourCast(
        delta_e=delta_e,
        angle=angle,
        hue=hue_name(angle),
        confidence=float(np.clip(1 - apart / (delta_e + 4), 0, 1)),
        white=white,
        black=black,
        neutral=neutral,
        mean=_mean(ab),
        cluster=cluster,
    )


def saturation(rgb: NDArray[np.uint8]) -> Saturation:
    """Measure a small sRGB picture, (h, w, 3) uint8."""
    ab = lab(rgb)[..., 1:]
    chroma = np.hypot(ab[..., 0], ab[..., 1])
    ended = (rgb.max(axis=2) >= 253) | (rgb.min(axis=2) <= 2)
    return Saturation(
        mean=float(chroma.mean()),
        high=float(np.percentile(chroma, 95)),
        pinned=float((ended & (chroma > 50)).mean()),
    )


def hue_name(angle: float) -> str:
    """The name of a hue angle of the a*b* plane in degrees."""
    turned = (angle - _HUE_LIMITS[0]) % 360 + _HUE_LIMITS[0]
    for name, limit in zip(HUES, _HUE_LIMITS[1:], strict=True):
        if turned < limit:
            return name
    return HUES[0]


def _mean(ab: NDArray[np.float32]) -> tuple[float, float]:
    if len(ab) == 0:
        return 0.0, 0.0
    return float(ab[:, 0].mean()), float(ab[:, 1].mean())


def _cluster(ab: NDArray[np.float32]) -> tuple[tuple[float, float], float]:
    """The densest place of the a*b* plane within 30 of grey, and the share of pixels there."""
    if len(ab) == 0:
        return (0.0, 0.0), 0.0
    edges = np.arange(-31, 32, 2)
    counts, _, _ = np.histogram2d(ab[:, 0], ab[:, 1], bins=(edges, edges))
    padded = np.pad(counts, 1)
    near = sum(
        padded[1 + i : padded.shape[0] - 1 + i, 1 + j : padded.shape[1] - 1 + j]
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
    )
    i, j = np.unravel_index(int(np.argmax(near)), counts.shape)
    at = np.array([edges[i] + 1, edges[j] + 1])
    close = np.hypot(ab[:, 0] - at[0], ab[:, 1] - at[1]) < 6
    return _mean(ab[close]), float(close.mean())
