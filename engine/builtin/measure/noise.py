"""How noisy a photo is at full resolution, and in which tones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_PATCH: Final = 128
_GRID: Final = 12
_BLOCK: Final = 8
_KERNEL: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
"""Blind to planes and straight edges along the axes (Immerkær 1996); white noise keeps its σ."""

_TONES: Final = (20, 70, 120, 170, 236)
"""Limits of the tone bins in grey levels; what is darker or brighter is cut off by its end."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of the luma; σ is in % of the range (2.55 grey levels).

    sigma       in the quietest tenth of the blocks of the noisiest tone that has enough of them
    floor       in the quietest tenth of all blocks
    median      in the middle block: noise and texture together
    coarse      `floor` at half the resolution: white noise halves, texture does not
    by_tone     (middle grey level, σ) for each tone with enough blocks, dark to bright
    texture     log2(median / floor): near 0 when nothing but noise is there
    """

    sigma: float
    floor: float
    median: float
    coarse: float
    by_tone: tuple[tuple[float, float], ...]
    texture: float


def noise(luma: NDArray[np.uint8]) -> Noise:
    """Measure a full-resolution luma, (H, W) uint8; on a grid of patches where it is large."""
    patches = _patches(luma)
    means, sigmas = _blocks(patches)
    _, coarse = _blocks([_half(patch) for patch in patches])
    if len(sigmas) == 0:
        return Noise(0.0, 0.0, 0.0, 0.0, (), 0.0)
    floor, median = (float(v) for v in np.percentile(sigmas, (10, 50)))
    by_tone = []
    for low, high in pairwise(_TONES):
        inside = sigmas[(means >= low) & (means < high)]
        if len(inside) >= max(20, 0.03 * len(sigmas)):
            by_tone.append(((low + high) / 2, float(np.percentile(inside, 10))))
    return Noise(
        sigma=max((sigma for _, sigma in by_tone), default=floor),
        floor=floor,
        median=median,
        coarse=float(np.percentile(coarse, 10)) if len(coarse) else 0.0,
        by_tone=tuple(by_tone),
        texture=float(np.log2((median + 0.05) / (floor + 0.05))),
    )


def _patches(luma: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    height, width = luma.shape
    if height * width <= 2 * _GRID * _GRID * _PATCH * _PATCH // 3:
        return [luma]
    tops = np.linspace(0, height - _PATCH, _GRID).astype(int)
    lefts = np.linspace(0, width - _PATCH, _GRID).astype(int)
    return [luma[t : t + _PATCH, x : x + _PATCH] for t in tops for x in lefts]


def _half(patch: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = patch.shape
    size = max(1, width // 2), max(1, height // 2)
    halved = cv2.resize(patch.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(halved, np.float32)


def _blocks(patches: list[NDArray]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean grey level and σ in % of every block whose tones are not cut off."""
    means, sigmas = [], []
    for patch in patches:
        height, width = (side // _BLOCK * _BLOCK for side in patch.shape)
        if min(height, width) < 2 * _BLOCK:
            continue
        grey = patch[:height, :width].astype(np.float32)
        residual = np.asarray(cv2.filter2D(grey, cv2.CV_32F, _KERNEL))
        size = width // _BLOCK, height // _BLOCK
        mean = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
        power = np.asarray(cv2.resize(residual * residual, size, interpolation=cv2.INTER_AREA))
        means.append(mean[1:-1, 1:-1].ravel())
        sigmas.append(np.sqrt(power[1:-1, 1:-1]).ravel() / 2.55)
    if not means:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    mean, sigma = np.concatenate(means), np.concatenate(sigmas)
    kept = (mean >= _TONES[0]) & (mean < _TONES[-1])
    return mean[kept], sigma[kept]
