"""What the header of a picture file says, read without its pixels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from PIL import ExifTags, Image, PngImagePlugin

from engine.photo.colour import MAX_PROFILE_BYTES
from engine.photo.errors import PhotoError, Unsupported
from engine.photo.shape import upright_size
from engine.vocabulary import Size

MAX_PIXELS: Final = 2**28
"""16384 × 16384, or 268 megapixels: at 4 bytes each a picture is then 1 GiB, twice the largest
medium-format photo of today, and what a machine with 8 GB can still hold and work on."""

# The limit above is checked here from the header, for every format: Pillow's own, which only
# warns at first, would speak on stderr. So would its remarks on tags that nobody reads.
Image.MAX_IMAGE_PIXELS = None
# Printing profiles have up to about 4 MB; Pillow refuses a PNG whose profile has more than 1 MB.
PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE_BYTES
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

_PNG_SIGNATURE_BYTES: Final = 8
_BITS: Final = {"1": 1, "I;16": 16, "I;16B": 16, "I;16L": 16, "I;16N": 16}
_KNOWN_MODES: Final = frozenset(
    ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB")
) | frozenset(_BITS)


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """A picture file's header.

    `size` is upright, in pixels. `format` is "JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF"
    or "RAW"; for RAW the other values are of what is shown: the embedded preview, or the decode.
    `orientation` is the EXIF value 1..8 that turns the stored picture upright; `bits` per channel
    as stored; `mode` Pillow's name for the channels; `icc` the embedded profile.
    """

    path: Path
    size: Size
    format: str
    orientation: int
    bits: int
    mode: str
    icc: bytes | None


def check_pixels(path: Path, width: int, height: int) -> None:
    """PhotoError "too_large" for more pixels than `MAX_PIXELS`."""
    if width * height > MAX_PIXELS:
        reason = (
            f"The picture is too large: {width} × {height} pixels, "
            f"more than {MAX_PIXELS // 10**6} megapixels."
        )
        remedy = "Save a smaller version of it and open that."
        raise PhotoError(path, "too_large", reason, remedy)


def open_picture(file: IO[bytes], kind: str) -> Image.Image:
    """Pillow's picture with only its header read; heavier decoders are loaded where needed."""
    if kind == "HEIF":
        import pi_heif

        pi_heif.register_heif_opener()
    return Image.open(file, formats=(kind,))


def read_info(path: Path, file: IO[bytes], kind: str) -> PhotoInfo:
    """The header of a picture that Pillow knows, from a file or from bytes."""
    with open_picture(file, kind) as image:
        width, height = image.size
        check_pixels(path, width, height)
        mode = image.mode
        if mode not in _KNOWN_MODES:
            raise Unsupported(f"Its pixels are not whole numbers of 8 or 16 bits (mode {mode}).")
        bits = _bits(image, kind)
        if kind == "PNG":
            image.info.setdefault("exif", _png_exif(file))
        orientation = orientation_of(image)
        # Pillow swaps the sides of a TIFF in its header, and turns it when it is loaded.
        size = Size(width, height)
        if kind != "TIFF":
            size = upright_size(width, height, orientation)
        icc = image.info.get("icc_profile")
        return PhotoInfo(
            path=path,
            size=size,
            format=kind,
            orientation=orientation,
            bits=bits,
            mode=mode,
            icc=icc if isinstance(icc, bytes) and icc else None,
        )


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation, 1 where there is none or none that can be understood."""
    try:
        # A PNG's own method would decode the whole picture to look behind it.
        exif = Image.Image.getexif(image)
        value = exif.get(ExifTags.Base.Orientation, 1)
    except MemoryError:
        raise
    except Exception:  # broken metadata raises nearly anything; the picture is still good
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _png_exif(file: IO[bytes]) -> bytes:
    """What a PNG's eXIf chunk holds: it may stand before the picture or behind it."""
    at = _PNG_SIGNATURE_BYTES
    while len(head := _read_at(file, at, 8)) == 8 and head[4:] != b"IEND":
        length = int.from_bytes(head[:4], "big")
        if head[4:] == b"eXIf" and length <= MAX_PROFILE_BYTES:
            return b"Exif\0\0" + file.read(length)
        at += length + 12
    return b""


def _read_at(file: IO[bytes], at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


def _bits(image: Image.Image, kind: str) -> int:
    """Bits a channel as stored: Pillow opens 16-bit colour as 8 bits without a word, and only the
    names in its decoder's arguments tell.
    """
    if image.mode in _BITS:
        return _BITS[image.mode]
    if kind == "TIFF":
        stored = getattr(image, "tag_v2", {}).get(258, (8,))
        return max(stored) if isinstance(stored, tuple) else int(stored)
    tiles = getattr(image, "tile", ())
    raw_modes = [str(tile.args) for tile in tiles]
    return 16 if any(";16" in names for names in raw_modes) else 8
