"""The colour of what should be neutral, and how strong the colours are.

A cast moves every colour the same way, so each possible neutral of the a*b* plane is asked how
well the photo fits it: is there something grey at every lightness, are the deepest and the
brightest values grey, are the edges. What the answers weigh was fitted on photos with injected
casts, so that a blue sky or a meadow alone does not make one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.measure.contrast import lab
from engine.builtin.measure.exposure import linear

HUES: Final = ("red", "orange", "yellow", "green", "cyan", "blue", "violet", "magenta")
"""Hue codes of a cast, by the angle in the a*b* plane; a wording table names them."""

_HUE_LIMITS: Final = (15.0, 55.0, 80.0, 105.0, 165.0, 235.0, 290.0, 320.0, 355.0)

_REACH: Final = 18
_STEP: Final = 3
_NEAR: Final = 4.0
"""A neutral within this ΔE of grey is no cast."""

_BANDS: Final = ((2, 12), (12, 30), (30, 50), (50, 70), (70, 88), (88, 99))
"""Limits of L* within which something grey is looked for."""

_BAND_WEIGHTS: Final = (0.82, -0.35, 0.16, 0.0, 0.23, 0.5)
_SPREAD_WEIGHT: Final = 0.37
_END_WEIGHTS: Final = (0.30, -0.13)
_PRIOR_WEIGHTS: Final = (-0.64, 0.45, -0.46, -1.10, -1.77, -1.89)
_CORNER_WEIGHTS: Final = (0.64, 0.32)
_EDGE_WEIGHT: Final = 0.25


@dataclass(frozen=True, slots=True)
class ColourCast:
    """Which neutral fits the photo best, were there a cast. a*, b* and ΔE are CIE L*a*b* units.

    odds     natural logarithm of the odds that neutral lies more than 4 ΔE from grey
    delta_e  how far, if it does
    angle    in which direction, degrees 0..360 (0 magenta-red, 90 yellow, 180 green, 270 blue)
    hue      its name, one of `HUES`
    """

    odds: float
    delta_e: float
    angle: float
    hue: str


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
    scores = _fit_of_bands(rgb) + _fit_of_ends(rgb) + _prior()
    chances = np.exp(scores - scores.max())
    far = np.hypot(*_NEUTRALS.T) > _NEAR
    cast = chances[far].sum()
    a, b = (chances[far] / cast) @ _NEUTRALS[far]
    angle = degrees(atan2(b, a)) % 360
    return ColourCast(
        odds=float(np.log(cast / chances[~far].sum())),
        delta_e=hypot(a, b),
        angle=angle,
        hue=hue_name(angle),
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


def _fit_of_bands(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How much of each lightness lies around each possible neutral, weighed and summed."""
    pixels = lab(rgb).reshape(-1, 3)
    at = np.clip(np.round(pixels[:, 1:]) + 40, 0, 80).astype(np.int64)
    cell = at[:, 0] * 81 + at[:, 1]
    places = (_NEUTRALS + 40).astype(int)
    total = np.zeros(len(_NEUTRALS))
    occupied = np.zeros((81, 81), np.float32)
    for (low, high), weight in zip(_BANDS, _BAND_WEIGHTS, strict=True):
        inside = (pixels[:, 0] >= low) & (pixels[:, 0] < high)
        share = float(inside.mean())
        if share < 0.004:
            continue
        counts = np.bincount(cell[inside], minlength=81 * 81) / inside.sum()
        counts = counts.reshape(81, 81).astype(np.float32)
        density = _smoothed(counts, 5.0)[places[:, 0], places[:, 1]]
        total += weight * min(1.0, (share / 0.05) ** 0.5) * np.log(density + 1e-4)
        occupied += _smoothed(counts * share, 1.0) > 2e-5
    spread = _smoothed(np.minimum(occupied, 3), 2.0)[places[:, 0], places[:, 1]]
    return total + _SPREAD_WEIGHT * np.log(spread + 0.02)


def _fit_of_ends(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How near the brightest, the deepest and the edges' colours are to each neutral."""
    pixels = lab(rgb).reshape(-1, 3)
    low, high = np.percentile(pixels[:, 0], (2, 98))
    ends = [pixels[pixels[:, 0] >= high, 1:].mean(0), pixels[pixels[:, 0] <= low, 1:].mean(0)]
    total = np.zeros(len(_NEUTRALS))
    for place, weight in zip(ends, _END_WEIGHTS, strict=True):
        total -= weight * np.minimum(_distance(place), 15) / 5
    for percentile, weight in zip((0.2, 99.8), _CORNER_WEIGHTS, strict=True):
        corner = np.percentile(rgb.reshape(-1, 3), percentile, axis=0) / 255
        total -= weight * np.minimum(_distance(_ab(corner)), 15) / 5
    light = np.asarray(cv2.GaussianBlur(linear(rgb), (0, 0), 1.0))
    edges = np.sqrt(((light[1:] - light[:-1]) ** 2).mean(axis=(0, 1)))
    edges = edges * (0.28 / max(float(edges @ (0.2126, 0.7152, 0.0722)), 1e-9))
    encoded = np.where(edges <= 0.0031308, edges * 12.92, 1.055 * edges ** (1 / 2.4) - 0.055)
    return total - _EDGE_WEIGHT * np.minimum(_distance(_ab(encoded)), 20) / 5


def _prior() -> NDArray[np.float64]:
    """What is known before looking: how rare a neutral of each colour is."""
    a, b = _NEUTRALS.T
    radius = np.hypot(a, b)
    near, none, square, blue, yellow, red = _PRIOR_WEIGHTS
    return (
        -near * radius / 5
        + none * (radius < 1)
        - square * (radius / 10) ** 2
        + blue * np.maximum(-b, 0) / 10
        + yellow * np.maximum(b, 0) / 10
        + red * np.abs(a) / 10
    )


def _distance(place: NDArray) -> NDArray[np.float64]:
    return np.hypot(*(_NEUTRALS - place).T)


def _ab(rgb: NDArray[np.float64]) -> NDArray[np.float32]:
    """a* and b* of one sRGB colour, values 0..1 or above."""
    one = np.asarray(rgb, np.float32).reshape(1, 1, 3)
    return np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2Lab), np.float32)[0, 0, 1:]


def _smoothed(counts: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    blurred = cv2.GaussianBlur(counts, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(blurred, np.float32)


def _grid() -> NDArray[np.float64]:
    steps = np.arange(-_REACH, _REACH + 1, _STEP, dtype=np.float64)
    a, b = np.meshgrid(steps, steps, indexing="ij")
    places = np.stack([a.ravel(), b.ravel()], axis=1)
    return places[np.hypot(*places.T) <= _REACH + 0.1]


_NEUTRALS: Final = _grid()
"""The neutrals that are tried, (n, 2) of a* and b*."""
