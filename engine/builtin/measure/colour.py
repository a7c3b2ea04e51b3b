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

_REACH: Final = 30
_KNOWN: Final = 18.0
"""What is known before looking was fitted up to this ΔE; beyond it stays as it is there."""

_STEP: Final = 3
_NEAR: Final = 4.0
"""A neutral within this ΔE of grey is no cast."""

_BANDS: Final = ((2, 12), (12, 30), (30, 50), (50, 70), (70, 88), (88, 99))
"""Limits of L* within which something grey is looked for."""
_MID_TONES: Final = (5.0, 97.0)
"""Limits of L* outside which every colour is nearly grey."""

# In the order of the columns: something grey in each of the six bands and at many lightnesses;
# the brightest and the darkest pixels; six of what is known before looking; the deepest and the
# brightest value of each channel; the edges; all tones together.
_FIT_WEIGHTS: Final = np.array(
    [
        *(0.763, -0.218, 0.172, -0.06, 0.359, 0.407, 0.48, 0.298, -0.151, -0.534),
        *(0.985, 0.374, -0.222, -0.678, 0.179, 0.696, 0.359, 0.324, -0.058),
    ]
)
_ZERO: Final = 1.697
"""Fitted by `python -m bench.fit_cast` on the tuning half of its photos, with injected casts: which
neutral fits a photo best, and from which odds on another one than grey is called a cast."""


@dataclass(frozen=True, slots=True)
class ColourCast:
    """Which neutral fits the photo best, were there a cast. a*, b* and ΔE are CIE L*a*b* units.

    odds     how much better a neutral more than 4 ΔE from grey fits; a cast above 0, a marked one
             at 2
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
    odds, (a, b) = odds_of(neutral_fits(rgb) @ _FIT_WEIGHTS)
    angle = degrees(atan2(b, a)) % 360
    return ColourCast(
        odds=odds - _ZERO,
        delta_e=hypot(a, b),
        angle=angle,
        hue=hue_name(angle),
    )


def neutral_fits(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, 19): how well a small sRGB picture fits each of `NEUTRALS`, in the ways weighed above."""
    return np.concatenate([_fit_of_bands(rgb), _prior_and_ends(rgb), _fit_of_all(rgb)], axis=1)


def odds_of(scores: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """From a score for each of `NEUTRALS`: the log of the odds that the true one lies more than
    `_NEAR` from grey, and the mean of those, were it so.
    """
    chances = np.exp(np.maximum(scores - scores.max(), -80.0))
    far = np.hypot(*NEUTRALS.T) > _NEAR
    cast = chances[far].sum()
    mean = (chances[far] / cast) @ NEUTRALS[far]
    return float(np.log(cast / chances[~far].sum())), mean


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
    """(n, 7): how much of each lightness lies around each neutral, and at how many it does."""
    pixels = lab(rgb).reshape(-1, 3)
    at = np.clip(np.round(pixels[:, 1:]) + 40, 0, 80).astype(np.int64)
    cell = at[:, 0] * 81 + at[:, 1]
    rows, columns = (NEUTRALS + 40).astype(int).T
    fits = np.zeros((len(NEUTRALS), len(_BANDS) + 1))
    occupied = np.zeros((81, 81), np.float32)
    for i, (low, high) in enumerate(_BANDS):
        inside = (pixels[:, 0] >= low) & (pixels[:, 0] < high)
        share = float(inside.mean())
        if share < 0.004:
            continue
        counts = np.bincount(cell[inside], minlength=81 * 81) / inside.sum()
        counts = counts.reshape(81, 81).astype(np.float32)
        density = _smoothed(counts, 5.0)[rows, columns]
        fits[:, i] = min(1.0, (share / 0.05) ** 0.5) * np.log(density + 1e-4)
        occupied += _smoothed(counts * share, 1.0) > 2e-5
    fits[:, -1] = np.log(_smoothed(np.minimum(occupied, 3), 2.0)[rows, columns] + 0.02)
    return fits


def _fit_of_all(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, 1): how much of the photo, but for its very ends, lies close around each neutral."""
    pixels = lab(rgb).reshape(-1, 3)
    inside = (pixels[:, 0] > _MID_TONES[0]) & (pixels[:, 0] < _MID_TONES[1])
    at = np.clip(np.round(pixels[inside, 1:]) + 40, 0, 80).astype(np.int64)
    counts = np.bincount(at[:, 0] * 81 + at[:, 1], minlength=81 * 81) / max(len(at), 1)
    rows, columns = (NEUTRALS + 40).astype(int).T
    density = _smoothed(counts.reshape(81, 81).astype(np.float32), 2.5)[rows, columns]
    return np.log(density + 1e-4)[:, None].astype(np.float64)


def _prior_and_ends(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, 11): how near the ends of the tones and the edges are to each neutral, and between them
    what is known of it before looking.
    """
    pixels = lab(rgb).reshape(-1, 3)
    low, high = np.percentile(pixels[:, 0], (2, 98))
    ends = [pixels[pixels[:, 0] >= high, 1:].mean(0), pixels[pixels[:, 0] <= low, 1:].mean(0)]
    corners = np.percentile(rgb.reshape(-1, 3), (0.2, 99.8), axis=0) / 255
    light = np.asarray(cv2.GaussianBlur(linear(rgb), (0, 0), 1.0))
    edges = np.sqrt((np.diff(light, axis=0, prepend=light[:1]) ** 2).mean(axis=(0, 1)))
    edges = edges * (0.28 / max(float(edges @ (0.2126, 0.7152, 0.0722)), 1e-9))
    edges = np.where(edges <= 0.0031308, edges * 12.92, 1.055 * edges ** (1 / 2.4) - 0.055)
    distance = np.maximum(np.hypot(*NEUTRALS.T), 1.0)
    a, b = (NEUTRALS * np.minimum(1.0, _KNOWN / distance)[:, None]).T
    radius = np.hypot(a, b)
    return np.stack(
        [
            *(_nearness(end, 15) for end in ends),
            -radius / 5,
            radius < 1,
            -((radius / 10) ** 2),
            np.minimum(b, 0) / 10,
            np.maximum(b, 0) / 10,
            np.abs(a) / 10,
            *(_nearness(_ab(corner), 15) for corner in corners),
            _nearness(_ab(edges), 20),
        ],
        axis=1,
    )


def _nearness(place: NDArray, limit: float) -> NDArray[np.float64]:
    return -np.minimum(_distance(place), limit) / 5


def _distance(place: NDArray) -> NDArray[np.float64]:
    return np.hypot(*(NEUTRALS - place).T)


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


NEUTRALS: Final = _grid()
"""The neutrals that are tried, (n, 2) of a* and b*."""
