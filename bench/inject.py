"""Puts a known fault into a photo: the ground truth of `bench.faults`.

Every function takes and returns an sRGB picture, (H, W, 3) uint8.
"""

from __future__ import annotations

from math import cos, pi, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def exposed(rgb: Picture, ev: float) -> Picture:
    """Brightened by `ev` stops in linear light and cut off at white."""
    linear = _linear(np.arange(256) / 255) * 2**ev
    return _look_up(rgb, _encoded(np.clip(linear, 0, 1)))


def with_contrast(rgb: Picture, factor: float, *, pivot: float | None = None) -> Picture:
    """SRGB values drawn towards `pivot` (0..255; the photo's mean when None) by `factor`."""
    centre = float(rgb.mean()) if pivot is None else pivot
    return _look_up(rgb, (centre + factor * (np.arange(256) - centre)) / 255)


def blurred(rgb: Picture, percent: float) -> Picture:
    """Blurred by a Gaussian of σ = `percent` % of the long side."""
    sigma = max(rgb.shape) * percent / 100
    return _uint8(cv2.GaussianBlur(rgb, (0, 0), sigma))


def smeared(rgb: Picture, percent: float, direction: float) -> Picture:
    """Smeared along a straight line, `percent` % of the long side long, `direction` degrees
    clockwise from level.
    """
    length = max(rgb.shape) * percent / 100
    reach = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for t in np.linspace(-length / 2, length / 2, 8 * len(kernel)):
        x, y = reach + t * cos(radians(direction)), reach + t * sin(radians(direction))
        i, j = int(y), int(x)
        for di, wy in ((0, 1 - (y - i)), (1, y - i)):
            for dj, wx in ((0, 1 - (x - j)), (1, x - j)):
                kernel[i + di, j + dj] += wy * wx
    return _uint8(cv2.filter2D(rgb, -1, kernel / kernel.sum()))


def noisy(rgb: Picture, percent: float, *, seed: int, coloured: bool) -> Picture:
    """Gaussian noise of σ = `percent` % at middle grey, rising in proportion to 0.4 + 1.2 x with
    the value x; independent in each channel when `coloured`, else the same in all three.
    """
    rng = np.random.default_rng(seed)
    shape = rgb.shape if coloured else (*rgb.shape[:2], 1)
    grain = rng.standard_normal(shape, dtype=np.float32)
    value = rgb.astype(np.float32)
    return _uint8(
        np.clip(value + grain * (2.55 * percent) * (0.4 + 1.2 * value / 255) + 0.5, 0, 255)
    )


def tinted(rgb: Picture, delta_e: float, hue: float, *, by_light: bool) -> Picture:
    """A cast of `delta_e` towards `hue` degrees of the a*b* plane: the same shift of a* and b* for
    every pixel, or, `by_light`, channel gains in linear light that shift middle grey by it.
    """
    a, b = delta_e * cos(radians(hue)), delta_e * sin(radians(hue))
    if by_light:
        grey = cv2.cvtColor(np.array([[[60.0, a, b]]], np.float32), cv2.COLOR_Lab2LRGB)
        plain = cv2.cvtColor(np.array([[[60.0, 0.0, 0.0]]], np.float32), cv2.COLOR_Lab2LRGB)
        gains = [float(g) for g in (np.asarray(grey) / np.asarray(plain)).ravel()]
        tables = [_encoded(np.clip(_linear(np.arange(256) / 255) * gain, 0, 1)) for gain in gains]
        return np.dstack([_look_up(rgb[..., i], table) for i, table in enumerate(tables)])
    lab = np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab))
    lab = lab + np.array([0, a, b], np.float32)
    back = np.asarray(cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_Lab2RGB))
    return _uint8(np.clip(back * 255 + 0.5, 0, 255))


def tilted(rgb: Picture, degrees: float) -> Picture:
    """The scene turned clockwise by `degrees`, cropped to the largest upright rectangle inside."""
    height, width = rgb.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    turned = cv2.warpAffine(
        rgb, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    across, down = inner_rectangle(width, height, degrees)
    left, top = (width - across) // 2, (height - down) // 2
    return _uint8(turned)[top : top + down, left : left + across].copy()


def inner_rectangle(width: int, height: int, degrees: float) -> tuple[int, int]:
    """Sides of the largest upright rectangle inside a width × height one turned by `degrees`."""
    angle = abs(degrees) * pi / 180
    s, c = sin(angle), cos(angle)
    long, short = max(width, height), min(width, height)
    if short <= 2 * s * c * long:
        half = short / 2
        sides = (half / s, half / c) if width >= height else (half / c, half / s)
    else:
        spread = c * c - s * s
        sides = ((width * c - height * s) / spread, (height * c - width * s) / spread)
    return min(int(sides[0]), width), min(int(sides[1]), height)


def enlarged(rgb: Picture, long_side: int) -> Picture:
    """A stand-in for a photo of many pixels, made from a small one.

    Enlarging alone would leave every photo soft, so each doubling adds a band of finer detail: the
    finest band that is there, shrunk to half its size (mirrored copies of it fill the frame), as
    strong as the detail around it times 0.6, as natural textures fall off. Edges stay as crisp as
    the enlargement leaves them. It is a model of a sharp photo, not one.
    """
    picture = rgb.astype(np.float32)
    while max(picture.shape) < long_side:
        height, width = picture.shape[:2]
        scale = min(2.0, long_side / max(height, width))
        size = round(width * scale), round(height * scale)
        band = picture - np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0))
        strength = np.sqrt(np.asarray(cv2.GaussianBlur((band**2).mean(axis=2), (0, 0), 4.0))) + 0.2
        pattern = band / strength[..., None]
        mirrored = np.concatenate([pattern, pattern[:, ::-1]], axis=1)
        mirrored = np.concatenate([mirrored, mirrored[::-1]], axis=0)[: size[1], : size[0]]
        larger = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC))
        local = np.asarray(cv2.resize(strength, size, interpolation=cv2.INTER_LINEAR))
        picture = (larger + 0.6 * mirrored * local[..., None]).astype(np.float32)
    return _uint8(np.clip(picture + 0.5, 0, 255))


def _look_up(rgb: Picture, table: NDArray[np.float64]) -> Picture:
    return _uint8(cv2.LUT(rgb, np.clip(np.round(table * 255), 0, 255).astype(np.uint8)))


def _linear(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _encoded(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def _uint8(array: object) -> Picture:
    return np.asarray(array).astype(np.uint8)
