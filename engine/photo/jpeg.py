"""JPEG through libjpeg-turbo: at any eighth of its size, and never a damaged picture.

Found: entropy-coded data that ends early (also where an end marker follows), wrong Huffman codes,
lost restart markers, scans of a progressive file that are missing. Not to be found: changed bytes
that still are valid codes of the same length in all; the format has no checksum.
"""

from __future__ import annotations

import io
import random
import re
from typing import Final

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from engine.photo.errors import Damaged, Unsupported
from engine.photo.jpeg_scans import missing_scans, with_plain_headers

_HARMLESS_END: Final = re.compile(r"extraneous bytes before marker 0xd9")
_HARMLESS_HEADER: Final = re.compile(
    r"unknown JFIF revision|unknown Adobe color transform|Invalid SOS parameters", re.IGNORECASE
)
_UNKNOWN_KIND: Final = re.compile(
    r"unsupported|not supported|not implemented|precision|SOF type", re.IGNORECASE
)
_ODD_SAMPLING: Final = re.compile(r"subsampling", re.IGNORECASE)


def decode(
    data: bytes, colours: str, *, min_width: int = 0, min_height: int = 0
) -> NDArray[np.uint8]:
    """The stored picture, unturned: `colours` is "RGB", "BGRA" (alpha 255), "GRAY" (luma) or
    "CMYK" (0 is no ink).

    With both minima, the smallest eighth of the picture that has them, which is up to twice as
    fast. Raises Damaged or Unsupported.
    """
    if missing_scans(data):
        raise Damaged("The file is damaged: part of its picture data is missing.")
    pixels = _decode_strictly(data, colours, min_width, min_height)
    if colours == "CMYK":
        return 255 - pixels  # Adobe stores CMYK inverted, and so does everyone after it.
    return pixels[:, :, 0] if colours == "GRAY" else pixels


def _decode_strictly(data: bytes, colours: str, width: int, height: int) -> NDArray[np.uint8]:
    def turbo(source: bytes, *, strict: bool) -> NDArray[np.uint8]:
        return simplejpeg.decode_jpeg(
            source, colours, min_width=width, min_height=height, strict=strict
        )

    try:
        try:
            return turbo(data, strict=True)
        except ValueError as error:
            # libjpeg tells its first warning only, and one about a header would hide the next.
            if not _HARMLESS_HEADER.search(str(error)):
                raise
            data = with_plain_headers(data)
            return turbo(data, strict=True)
    except ValueError as error:
        words = str(error)
        if _HARMLESS_END.search(words):
            return turbo(data, strict=False)
        if _ODD_SAMPLING.search(words):
            return _decode_odd_sampling(data, colours)
        if _UNKNOWN_KIND.search(words):
            raise Unsupported("This kind of JPEG is not one that Venus can read.") from error
        raise Damaged("The file is damaged: its picture data is broken or ends early.") from error


def _decode_odd_sampling(data: bytes, colours: str) -> NDArray[np.uint8]:
    """Pillow, for chroma sampling that TurboJPEG has no name for.

    It passes over missing data, so other bytes are put before the end marker: a decoder that has
    the whole picture never reads them, one that lacks some of it shows another picture.
    """
    end = data.rfind(b"\xff\xd9")
    if end < 0:
        raise Damaged("The file is damaged: it ends early.")
    noise = random.Random(0).randbytes(4096).replace(b"\xff", b"\0")
    pixels = _pillow_pixels(data, colours)
    if not np.array_equal(pixels, _pillow_pixels(data[:end] + noise + data[end:], colours)):
        raise Damaged("The file is damaged: its picture data ends early.")
    return pixels


def _pillow_pixels(data: bytes, colours: str) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        if colours == "CMYK":
            return 255 - np.asarray(image.convert("CMYK"))
        if colours == "GRAY":
            image.draft("L", None)
            return np.asarray(image.convert("L"))[:, :, None]
        rgb = np.asarray(image.convert("RGB"))
    if colours == "RGB":
        return rgb
    alpha = np.full(rgb.shape[:2], 255, np.uint8)
    return np.dstack((rgb[:, :, 2], rgb[:, :, 1], rgb[:, :, 0], alpha))
