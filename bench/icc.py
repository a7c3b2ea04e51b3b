"""Colour profiles made by hand (ICC.1:2001-04), for pictures whose colours must be known."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

Primaries = tuple[tuple[float, float, float], ...]

D50: Final = (0.9642, 1.0, 0.8249)
SRGB: Final[Primaries] = (
    (0.43607, 0.22249, 0.01392),
    (0.38515, 0.71687, 0.09708),
    (0.14307, 0.06061, 0.71410),
)
DISPLAY_P3: Final[Primaries] = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)


def matrix_profile(primaries: Primaries, curve: bytes | None = None) -> bytes:
    """An RGB display profile with these primaries (XYZ of D50) and this curve, or that of sRGB."""
    tags: dict[bytes, bytes] = {}
    for name, xyz in zip((b"r", b"g", b"b"), primaries, strict=True):
        tags[name + b"XYZ"] = b"XYZ \0\0\0\0" + s15(*xyz)
        tags[name + b"TRC"] = curve or _srgb_curve()
    return profile(b"RGB ", tags)


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A display profile of version 2.4 (section 6) with these tags and the ones that all have."""
    text = b"made by hand\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + s15(*D50),
        **tags,
    }
    at = 128 + 4 + 12 * len(tags)
    table = content = b""
    for name, value in tags.items():
        table += name + struct.pack(">II", at + len(content), len(value))
        content += value + bytes(-len(value) % 4)
    body = struct.pack(">I", len(tags)) + table + content
    header = struct.pack(">I4sI", 128 + len(body), b"\0\0\0\0", 0x02400000)
    header += b"mntr" + space + b"XYZ " + struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp"
    header += bytes(28) + s15(*D50)
    return header.ljust(128, b"\0") + body


def s15(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _srgb_curve() -> bytes:
    levels = np.linspace(0, 1, 1024)
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    samples = (linear * 65535).round().astype(">u2").tobytes()
    return b"curv\0\0\0\0" + struct.pack(">I", 1024) + samples
