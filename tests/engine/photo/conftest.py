"""Pictures made for the reader's tests: a scene, a colour profile, raw files."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.icc import DISPLAY_P3, SRGB, matrix_profile, profile, s15


def smooth_scene(width: int, height: int, *, seed: int = 7) -> np.ndarray:
    """(h, w, 3) uint8: slopes that differ along both axes, a mark in one corner, little noise."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    x, y = x / max(width - 1, 1), y / max(height - 1, 1)
    planes = np.stack((x * 200 + 20, y * 200 + 30, (x + y) * 90 + 40), axis=-1)
    planes += np.random.default_rng(seed).normal(0, 2, planes.shape)
    planes[: height // 5, : width // 6] = (250, 20, 30)
    return planes.clip(0, 255).astype(np.uint8)


@pytest.fixture
def scene() -> np.ndarray:
    return smooth_scene(130, 90)


@pytest.fixture
def encode() -> Callable[..., bytes]:
    def encoded(picture: np.ndarray | Image.Image, kind: str, **options: object) -> bytes:
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        file = io.BytesIO()
        image.save(file, kind, **options)
        return file.getvalue()

    return encoded


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def written(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return written


# ── colour profiles ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def display_p3() -> bytes:
    return matrix_profile(DISPLAY_P3)


def _parametric(kind: int, *values: float) -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + s15(*values)


CURVES = {
    "gamma": b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)),
    "linear": b"curv\0\0\0\0" + struct.pack(">I", 0),
    "kind 0": _parametric(0, 1.8),
    "kind 1": _parametric(1, 2.0, 0.95, 0.05),
    "kind 2": _parametric(2, 2.0, 0.9, 0.05, 0.04),
    "kind 3": _parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    "kind 4": _parametric(4, 2.4, 0.9, 0.05, 0.1, 0.05, 0.02, 0.01),
}


@pytest.fixture(params=CURVES)
def p3_with_a_curve(request: pytest.FixtureRequest) -> bytes:
    return matrix_profile(DISPLAY_P3, CURVES[request.param])


@pytest.fixture(scope="session")
def srgb_profile() -> bytes:
    return matrix_profile(SRGB)


@pytest.fixture(scope="session")
def linear_grey() -> bytes:
    """A grey profile without any gamma: a stored 50 % is much lighter in sRGB."""
    return profile(b"GRAY", {b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, 256) + b"\0\0"})


# ── raw ──────────────────────────────────────────────────────────────────────────────────────────


def make_dng(
    sensor: np.ndarray,
    *,
    preview: bytes | None = None,
    orientation: int = 1,
    preview_size: tuple[int, int] = (0, 0),
) -> bytes:
    """A minimal DNG 1.4: (h, w) uint16 behind an RGGB mosaic, with or without a JPEG preview.

    With one, the preview is the first directory and the mosaic its only child.
    """
    height, width = sensor.shape
    pixels = sensor.astype("<u2").tobytes()
    main = [
        (254, 4, [0]),
        (256, 4, [width]),
        (257, 4, [height]),
        (258, 3, [16]),
        (259, 3, [1]),
        (262, 3, [32803]),
        (273, 4, ["pixels"]),
        (277, 3, [1]),
        (278, 4, [height]),
        (279, 4, [len(pixels)]),
        (33421, 3, [2, 2]),
        (33422, 1, [0, 1, 1, 2]),
        (50717, 4, [65535]),
    ]
    camera = [
        (271, 2, b"Test\0"),
        (272, 2, b"Camera\0"),
        (274, 3, [orientation]),
        (50706, 1, [1, 4, 0, 0]),
        (50707, 1, [1, 1, 0, 0]),
        (50708, 2, b"Test Camera\0"),
        (
            50721,
            10,
            [(int(row == column), 1) for row in range(3) for column in range(3)],
        ),
        (50728, 5, [(1, 1), (1, 1), (1, 1)]),
        (50778, 3, [21]),
    ]
    if preview is None:
        directories = [sorted(main + camera)]
        blobs = {"pixels": pixels}
    else:
        first = [
            (254, 4, [1]),
            (256, 4, [preview_size[0]]),
            (257, 4, [preview_size[1]]),
            (258, 3, [8, 8, 8]),
            (259, 3, [7]),
            (262, 3, [6]),
            (273, 4, ["preview"]),
            (277, 3, [3]),
            (278, 4, [preview_size[1]]),
            (279, 4, [len(preview)]),
            (330, 4, ["child"]),
        ]
        directories = [sorted(first + camera), sorted(main)]
        blobs = {"pixels": pixels, "preview": preview}
    return _tiff(directories, blobs)


_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 10: 8}


def _tiff(directories: list[list[tuple]], blobs: dict[str, bytes]) -> bytes:
    """Little-endian TIFF 6.0: directories first, then long values, then blobs."""
    starts, at = [], 8
    for directory in directories:
        starts.append(at)
        at += 2 + 12 * len(directory) + 4
        at += sum(_padded(_count(v) * _WIDTHS[t]) for _, t, v in directory)
    places = {"child": starts[-1]}
    for name, blob in blobs.items():
        places[name] = at
        at += len(blob) + len(blob) % 2
    result = b"II*\0" + struct.pack("<I", starts[0])
    for directory, start in zip(directories, starts, strict=True):
        long_at = start + 2 + 12 * len(directory) + 4
        entries, values = struct.pack("<H", len(directory)), b""
        for tag, kind, value in directory:
            packed = _packed(kind, value, places)
            entries += struct.pack("<HHI", tag, kind, _count(value))
            if len(packed) <= 4:
                entries += packed.ljust(4, b"\0")
                values += bytes(_padded(len(packed)))
            else:
                entries += struct.pack("<I", long_at + len(values))
                values += packed.ljust(_padded(len(packed)), b"\0")
        result += entries + bytes(4) + values
    for blob in blobs.values():
        result += blob + bytes(len(blob) % 2)
    return result


def _padded(count: int) -> int:
    return count + count % 2


def _count(value: list | bytes) -> int:
    return len(value)


def _packed(kind: int, value: list | bytes, places: dict[str, int]) -> bytes:
    if isinstance(value, bytes):
        return value
    numbers = [places.get(item, item) if isinstance(item, str) else item for item in value]
    if kind in (5, 10):
        code = "<II" if kind == 5 else "<ii"
        return b"".join(struct.pack(code, *pair) for pair in numbers)
    return b"".join(struct.pack({1: "<B", 3: "<H", 4: "<I"}[kind], number) for number in numbers)


@pytest.fixture(scope="session")
def dng() -> Callable[..., bytes]:
    return make_dng
