"""Generated pictures of every kind, with metadata, and an account that may not write."""

import hashlib
import io
import os
import struct
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

WIDTH, HEIGHT = 180, 120
MAKER_NOTE = b"NOTE" + bytes(range(64))
EXIF_TAGS = {
    0x9003: "2024:05:01 10:11:12",
    0xA434: "50mm f/1.8",
    0x829A: TiffImagePlugin.IFDRational(1, 250),
    0xA002: WIDTH,
    0xA003: HEIGHT,
    0x927C: MAKER_NOTE,
}


def smooth(x, y, channel, *, width=WIDTH, height=HEIGHT):
    """A picture as a function of place, 0..1: x and y in pixels, 0 at the outer edge."""
    u, v = x / width, y / height
    return (
        0.5
        + 0.25 * np.sin(3.1 * u + 1.7 * v + channel)
        + 0.2 * np.cos(2.3 * v - 1.9 * u * v + 2 * channel)
    )


def painted(channels, dtype, *, width=WIDTH, height=HEIGHT):
    """`smooth` at the pixel centres; (h, w) for one channel."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    planes = [smooth(x, y, c, width=width, height=height) for c in range(channels)]
    values = np.stack(planes, axis=2) * np.iinfo(dtype).max
    picture = np.rint(values).astype(dtype)
    return picture[:, :, 0] if channels == 1 else picture


def stored(upright, orientation):
    """How a camera held otherwise would have stored an upright picture (EXIF 2.32, tag 274)."""
    return {
        1: lambda a: a,
        2: lambda a: np.fliplr(a),
        3: lambda a: np.rot90(a, 2),
        4: lambda a: np.flipud(a),
        5: lambda a: np.swapaxes(a, 0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(np.swapaxes(a, 0, 1), 2),
        8: lambda a: np.rot90(a, 3),
    }[orientation](upright).copy()


def exif_block(orientation=1, *, thumbnail=True, order="<"):
    """A TIFF block with EXIF and GPS folders, a maker note and a thumbnail."""
    exif = Image.Exif()
    exif.endian = order
    exif[0x010F], exif[0x0110], exif[0x0112] = "Lumen", "Lumen One", orientation
    exif.get_ifd(0x8769).update(EXIF_TAGS)
    exif[0x8769] = exif.get_ifd(0x8769)
    exif[0x8825] = {1: "N", 2: (48.0, 12.0, 30.5), 3: "E", 4: (16.0, 22.0, 5.25)}
    block = bytearray(exif.tobytes().removeprefix(b"Exif\0\0"))
    if thumbnail:
        _append_thumbnail(block)
    return bytes(block)


def _append_thumbnail(block):
    small = io.BytesIO()
    Image.fromarray(painted(3, np.uint8)[::4, ::4].copy()).save(small, "JPEG")
    order = "<" if block[:2] == b"II" else ">"
    (first,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, first)
    block += b"\0" * (len(block) % 2)
    here = len(block)
    struct.pack_into(order + "I", block, first + 2 + 12 * count, here)
    data_at = here + 2 + 24 + 4
    block += struct.pack(order + "H", 2)
    block += struct.pack(order + "HHII", 0x0201, 4, 1, data_at)
    block += struct.pack(order + "HHII", 0x0202, 4, 1, len(small.getvalue()))
    block += bytes(4) + small.getvalue()


def profile():
    """An RGB profile that is not sRGB's own bytes."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


PROFILE = profile()


def tiff_bytes(pixels, *, photometric, orientation=1, extra=None):
    """A TIFF of any depth through Pillow's folder writer, uncompressed."""
    samples = 1 if pixels.ndim == 2 else pixels.shape[2]
    folder = TiffImagePlugin.ImageFileDirectory_v2()
    folder[256], folder[257] = pixels.shape[1], pixels.shape[0]
    folder[258], folder[259] = (pixels.dtype.itemsize * 8,) * samples, 1
    folder[262], folder[274], folder[277] = photometric, orientation, samples
    folder[278], folder[279], folder[273] = pixels.shape[0], pixels.nbytes, 0
    folder[0x010F], folder[0x0110] = "Lumen", "Lumen One"
    folder[34675] = PROFILE
    folder[0x8769] = dict(EXIF_TAGS)
    folder[0x8825] = {1: "N", 2: (48.0, 12.0, 30.5)}
    if extra is not None:
        folder[338] = extra
    return struct.pack("<2sHI", b"II", 42, 8) + folder.tobytes(8) + pixels.tobytes()


def write_source(folder, kind, *, orientation=1):
    """Write a picture of `kind`; gives its path and the upright pixels that it holds."""
    form, layout = kind.split("-")
    channels = {"grey": 1, "la": 2, "rgb": 3, "rgba": 4, "cmyk": 4}[layout.rstrip("0123456789")]
    dtype = np.uint16 if layout.endswith("16") else np.uint8
    upright = painted(channels, dtype)
    pixels = stored(upright, orientation)
    path = folder / f"{kind}.{'jpg' if form == 'jpeg' else form}"
    if form == "tiff":
        photometric = {"grey": 1, "la": 1, "rgb": 2, "rgba": 2, "cmyk": 5}
        data = tiff_bytes(
            pixels,
            photometric=photometric[layout.rstrip("0123456789")],
            orientation=orientation,
            extra=2 if channels in (2, 4) and "cmyk" not in layout else None,
        )
        path.write_bytes(data)
        return path, upright
    if dtype == np.uint16:
        path.write_bytes(_png_16(pixels, orientation))
        return path, upright
    mode = {"grey": "L", "la": "LA", "rgb": "RGB", "rgba": "RGBA", "cmyk": "CMYK"}[layout]
    size = pixels.shape[1::-1]
    image = Image.frombytes(mode, size, pixels.tobytes())
    options = {"exif": b"Exif\0\0" + exif_block(orientation), "icc_profile": PROFILE}
    if form == "jpeg":
        image.save(path, quality=88, subsampling=2 if layout == "rgb" else 0, **options)
        upright = _unstored(np.asarray(Image.open(path)), orientation)
    else:
        image.save(path, **options)
    return path, upright


def _png_16(pixels, orientation):
    swapped = pixels if pixels.ndim == 2 else pixels[:, :, [2, 1, 0, 3][: pixels.shape[2]]]
    data = cv2.imencode(".png", swapped)[1].tobytes()
    other = io.BytesIO()
    options = {"exif": b"Exif\0\0" + exif_block(orientation), "icc_profile": PROFILE}
    Image.new("L", (1, 1)).save(other, "PNG", **options)
    chunks = b"".join(c for n, c in png_chunks(other.getvalue()) if n in (b"iCCP", b"eXIf"))
    return data[:33] + chunks + data[33:]


def png_chunks(data):
    at = 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at : at + 12 + length]
        at += 12 + length


def _unstored(pixels, orientation):
    inverse = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
    return stored(pixels, inverse)


def read_back(path):
    """The pixels of an exported file by another way than the exporter's: native depth, RGB."""
    with Image.open(path) as image:
        deep = image.mode.startswith("I;16")
        if path.suffix == ".png":
            deep = path.read_bytes()[24] == 16
        elif path.suffix == ".tif":
            deep = image.tag_v2[258][0] == 16
        if not deep:
            return np.asarray(image)
        grey_alpha = path.suffix == ".png" and path.read_bytes()[25] == 4
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels.ndim == 2:
        return pixels
    if grey_alpha:
        return pixels[:, :, [0, 3]]
    return pixels[:, :, [2, 1, 0, 3][: pixels.shape[2]]]


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _as_nobody():
    """File rights count: for root, by acting as another user for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def kit():
    """What the tests of this folder share."""

    class Kit:
        pass

    for function in (
        *(smooth, painted, stored, exif_block, tiff_bytes, write_source, png_chunks),
        *(read_back, file_hash),
    ):
        setattr(Kit, function.__name__, staticmethod(function))
    Kit.as_nobody = staticmethod(_as_nobody)
    Kit.width, Kit.height, Kit.profile = WIDTH, HEIGHT, PROFILE
    Kit.maker_note = MAKER_NOTE
    return Kit
