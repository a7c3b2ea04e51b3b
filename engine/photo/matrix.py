"""Profiles made of three curves and a matrix, as cameras and phones embed them, to sRGB: four
times as fast as LittleCMS, whose own answer decides whether this one may be used.

ICC.1:2022, 8.3.3 (three-component matrix-based profiles), 10.6 (curves), 10.18 (parametric curves).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Convert = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]

_FULL: Final = 65535
_LINEAR_SRGB_OF_D50: Final = np.array(
    (
        (3.1338561, -1.6168667, -0.4906146),
        (-0.9787684, 1.9161415, 0.0334540),
        (0.0719453, -0.2289914, 1.4052427),
    )
)
_PARAMETERS: Final = {0: "g", 1: "gab", 2: "gabc", 3: "gabcd", 4: "gabcdef"}


def matrix_conversion(icc: bytes) -> Convert | None:
    """(h, w, 3) in the profile's colours to (h, w, 3) sRGB, or None where the profile is of
    another kind or this OpenCV (before 5) has no tables of 16 bits.
    """
    try:
        tags = _tags(icc)
        if not _TABLES_OF_16_BITS or any(name.startswith(b"A2B") for name in tags):
            return None
        curves = [_curve(tags[name + b"TRC"]) for name in (b"r", b"g", b"b")]
        primaries = [_xyz(tags[name + b"XYZ"]) for name in (b"r", b"g", b"b")]
    except (KeyError, IndexError, ValueError, struct.error):
        return None
    matrix = _LINEAR_SRGB_OF_D50 @ np.array(primaries).T
    to_linear = np.stack([_levels(curve) for curve in curves], axis=-1)[None]
    from_linear = _srgb_levels()

    def convert(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        linear = cv2.LUT(pixels, to_linear)
        # Saturates at 0 and full: what lies outside sRGB is clipped, as LittleCMS does it.
        mixed = cv2.transform(linear, matrix)
        return np.asarray(cv2.LUT(mixed, from_linear), np.uint8)

    return convert


def _has_tables_of_16_bits() -> bool:
    try:
        cv2.LUT(np.zeros((1, 1, 3), np.uint16), np.zeros(_FULL + 1, np.uint8))
    except cv2.error:
        return False
    return True


_TABLES_OF_16_BITS: Final = _has_tables_of_16_bits()


def _tags(icc: bytes) -> dict[bytes, bytes]:
    count = struct.unpack_from(">I", icc, 128)[0]
    entries = [struct.unpack_from(">4sII", icc, 132 + 12 * i) for i in range(min(count, 256))]
    return {name: icc[at : at + length] for name, at, length in entries}


def _xyz(tag: bytes) -> tuple[float, ...]:
    return tuple(value / 65536 for value in struct.unpack_from(">3i", tag, 8))


def _curve(tag: bytes) -> NDArray[np.float64]:
    """256 levels of light, 0..1, for the stored values 0..255."""
    stored = np.linspace(0, 1, 256)
    if tag[:4] == b"para":
        kind = struct.unpack_from(">H", tag, 8)[0]
        names = _PARAMETERS[kind]
        values = struct.unpack_from(f">{len(names)}i", tag, 12)
        return _parametric(stored, dict(zip(names, (v / 65536 for v in values), strict=True)))
    if tag[:4] != b"curv":
        raise ValueError("neither a curve nor a parametric curve")
    count = struct.unpack_from(">I", tag, 8)[0]
    if count == 0:
        return stored
    if count == 1:
        return stored ** (struct.unpack_from(">H", tag, 12)[0] / 256)
    points = np.frombuffer(tag, ">u2", count, 12) / _FULL
    return np.interp(stored, np.linspace(0, 1, count), points)


def _parametric(x: NDArray[np.float64], p: dict[str, float]) -> NDArray[np.float64]:
    """The five functions of table 68, of which each is a case of the last."""
    a, b, gamma = p.get("a", 1.0), p.get("b", 0.0), p["g"]
    straight = p.get("c", 0.0) if "d" in p else 0.0
    below = p.get("d", -b / a if a else 0.0)
    above_offset = p.get("e", 0.0) if "e" in p else 0.0
    below_offset = p.get("f", 0.0)
    if "d" not in p:  # kinds 1 and 2: a constant `c` below, and added above
        above_offset = below_offset = p.get("c", 0.0)
    power = np.maximum(a * x + b, 0) ** gamma + above_offset
    return np.where(x >= below, power, straight * x + below_offset)


def _levels(curve: NDArray[np.float64]) -> NDArray[np.uint16]:
    return (curve.clip(0, 1) * _FULL).round().astype(np.uint16)


def _srgb_levels() -> NDArray[np.uint8]:
    """The 8-bit sRGB value of each of 65536 levels of light (IEC 61966-2-1)."""
    light = np.arange(_FULL + 1) / _FULL
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return (encoded * 255).round().astype(np.uint8)
