"""Camera raw files through LibRaw: the embedded preview where it shows the whole picture at a
useful size, else the decode.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from engine.photo.errors import Unsupported
from engine.photo.info import PhotoInfo, check_pixels, read_info
from engine.photo.shape import SIDEWAYS, upright_size
from engine.vocabulary import Size

MIN_PREVIEW_SIDE: Final = 1024
"""What the language models see; a smaller preview would be less than they can use."""

SAME_ASPECT: Final = 0.01
_FLIPS: Final = {0: 1, 3: 3, 5: 8, 6: 6}
"""LibRaw's flip as an EXIF orientation."""

Preview = bytes | NDArray[np.uint8]
"""A whole JPEG file, or (h, w, 3) RGB pixels."""


def open_raw(data: bytes, path: Path) -> tuple[PhotoInfo, Preview | None]:
    """What will be shown of the file, and the preview; None where it must be decoded.

    `info.orientation` is what is still to be done to the preview; the decode comes upright.
    """
    with _libraw(data) as raw:
        sizes = raw.sizes
        check_pixels(path, sizes.raw_width, sizes.raw_height)
        flip = _FLIPS.get(sizes.flip, 1)
        whole = _upright(sizes.width * sizes.pixel_aspect, sizes.height, flip)
        preview = _preview(raw)
    size = Size(max(1, round(whole[0])), max(1, round(whole[1])))
    info = PhotoInfo(path, size, "RAW", flip, 8, "RGB", None)
    shown = None if preview is None else _shown(info, preview)
    if shown is None:
        return replace(info, orientation=1), None
    return shown, preview


def decode(data: bytes) -> NDArray[np.uint8]:
    """The developed picture, upright: (h, w, 3) sRGB with the camera's own white balance."""
    with _libraw(data) as raw:
        return raw.postprocess(use_camera_wb=True, output_bps=8)


def _libraw(data: bytes) -> Any:
    import rawpy

    try:
        return rawpy.imread(io.BytesIO(data))
    except rawpy.LibRawFileUnsupportedError as error:
        raise Unsupported("This kind of RAW file is not one that Venus can read.") from error


def _preview(raw: Any) -> Preview | None:
    import rawpy

    try:
        thumb = raw.extract_thumb()
    except rawpy.LibRawError:  # none, or of a kind that LibRaw cannot take out
        return None
    if thumb.format == rawpy.ThumbFormat.JPEG:
        return bytes(thumb.data)
    pixels = np.asarray(thumb.data)
    if thumb.format != rawpy.ThumbFormat.BITMAP or pixels.dtype != np.uint8 or pixels.ndim != 3:
        return None
    return pixels if pixels.shape[2] == 3 else None


def _shown(info: PhotoInfo, preview: Preview) -> PhotoInfo | None:
    """The header of the preview as part of its RAW file; None where it is not to be used.

    A preview that says how it lies is believed, one that says nothing lies as the sensor does,
    unless its shape tells that it has been turned already.
    """
    if isinstance(preview, bytes):
        try:
            own = read_info(info.path, io.BytesIO(preview), "JPEG")
        except Exception:  # a broken preview of any kind: the decode is there
            return None
        stored = upright_size(own.size.width, own.size.height, own.orientation)
        orientations = (own.orientation, info.orientation, 1)
        if own.orientation == 1 and not _tells_orientation(preview):
            orientations = (info.orientation, 1)
    else:
        own = info
        stored = Size(preview.shape[1], preview.shape[0])
        orientations = (info.orientation, 1)
    for orientation in orientations:
        size = upright_size(stored.width, stored.height, orientation)
        if _same_shape(size, info.size) and max(size.width, size.height) >= MIN_PREVIEW_SIDE:
            return replace(own, size=size, format="RAW", orientation=orientation)
    return None


def _tells_orientation(preview: bytes) -> bool:
    with Image.open(io.BytesIO(preview), formats=("JPEG",)) as image:
        return ExifTags.Base.Orientation in image.getexif()


def _upright(width: float, height: float, orientation: int) -> tuple[float, float]:
    return (height, width) if orientation in SIDEWAYS else (width, height)


def _same_shape(a: Size, b: Size) -> bool:
    ratio = (a.width * b.height) / (a.height * b.width)
    return abs(ratio - 1) <= SAME_ASPECT
