"""Reading a picture file as it is stored: its own depth, channels and colours, nothing converted.

The window sees photos as 8-bit sRGB (`engine.photo`); an export must not. What comes out here is
the stored picture, not yet upright: `app.files.crop_pixels` turns and cuts it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, JpegImagePlugin
from PIL.TiffImagePlugin import TiffImageFile

from app.files.metadata import exif_block, left_behind, raw_exif_block
from engine.photo import PhotoInfo, jpeg
from engine.photo.errors import Unsupported, telling
from engine.photo.info import check_pixels, open_picture, read_info
from engine.photo.intact import check_intact
from engine.photo.source import kind_of, read_bytes

Pixels = NDArray[Any]
"""height × width (grey), or height × width × channels; uint8 or uint16."""


class Layout(StrEnum):
    """What the channels of a picture are, in their order."""

    GREY = "grey"
    GREY_ALPHA = "grey with alpha"
    RGB = "RGB"
    RGBA = "RGB with alpha"
    CMYK = "CMYK"

    @property
    def has_alpha(self) -> bool:
        return self in (Layout.GREY_ALPHA, Layout.RGBA)


LAYOUTS: Final = {
    "L": Layout.GREY,
    "LA": Layout.GREY_ALPHA,
    "RGB": Layout.RGB,
    "RGBA": Layout.RGBA,
    "CMYK": Layout.CMYK,
}
SIMPLER: Final = {"1": "L", "La": "LA", "RGBX": "RGB", "RGBa": "RGBA", "YCbCr": "RGB"}
HEIF_MODES: Final = {"RGB;16": "RGB", "RGBA;16": "RGBA", "I;16": "L", "I;16L": "L"}
NOTE_DEVELOPED: Final = (
    "The RAW file was developed anew; its colours may differ from the camera's preview."
)


@dataclass(frozen=True, slots=True)
class JpegCoding:
    """How a JPEG was coded: its quantisation tables and chroma subsampling (Pillow's number)."""

    tables: dict[int, list[int]]
    sampling: int


@dataclass(frozen=True, slots=True)
class Native:
    """A picture as stored: `orientation` (EXIF, 1..8) still has to be applied to `pixels`.

    `exif` is a TIFF block without its "Exif" mark; `notes` say what reading had to give up.
    """

    pixels: Pixels
    layout: Layout
    orientation: int = 1
    icc: bytes | None = None
    exif: bytes | None = None
    coding: JpegCoding | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def bits(self) -> int:
        return self.pixels.dtype.itemsize * 8


def read_native(photo: Path) -> Native:
    """Read a picture file at full size, depth and colours. Raises engine.photo.PhotoError."""
    with telling(photo):
        data = read_bytes(photo)
        kind = kind_of(data, photo)
        if kind == "RAW":
            return _raw(data, photo)
        info = read_info(photo, io.BytesIO(data), kind)
        if kind == "HEIF":
            return _heif(data)
        check_intact(data, kind)
        return _picture(data, info)


def _picture(data: bytes, info: PhotoInfo) -> Native:
    with open_picture(io.BytesIO(data), info.format) as image:
        block, notes = exif_block(image, data)
        notes += left_behind(image)
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            tables = {key: list(table) for key, table in image.quantization.items()}
            coding = JpegCoding(tables, JpegImagePlugin.get_sampling(image))
            pixels, layout = _jpeg(data, image.mode)
            return Native(pixels, layout, info.orientation, info.icc, block, coding, notes)
        pixels, layout, more = _decoded(image, data, info)
    # Both Pillow and OpenCV turn a TIFF upright while they decode it.
    orientation = 1 if info.format == "TIFF" else info.orientation
    return Native(pixels, layout, orientation, info.icc, block, None, (*notes, *more))


def _jpeg(data: bytes, mode: str) -> tuple[Pixels, Layout]:
    colours = {"L": "GRAY", "CMYK": "CMYK"}.get(mode, "RGB")
    return jpeg.decode(data, colours), LAYOUTS.get(mode, Layout.RGB)


def _decoded(
    image: Image.Image, data: bytes, info: PhotoInfo
) -> tuple[Pixels, Layout, tuple[str, ...]]:
    if info.bits == 16 and info.format == "PNG":
        return *_by_opencv(data, grey_alpha=data[25] == 4), ()  # IHDR: the colour type
    if info.bits == 16 and isinstance(image, TiffImageFile):
        if image.mode in ("CMYK", "LAB"):
            return *_by_pillow(image), (f"16-bit {image.mode} was read as 8 bit.",)
        return *_deep_tiff(image, data), ()
    return *_by_pillow(image), ()


def _by_pillow(image: Image.Image) -> tuple[Pixels, Layout]:
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif "transparency" in image.info and image.mode in ("1", "L", "RGB"):
        image = image.convert("RGBA")
    elif image.mode in SIMPLER:
        image = image.convert(SIMPLER[image.mode])
    if image.mode == "I;16":
        return np.asarray(image).astype(np.uint16), Layout.GREY
    if image.mode not in LAYOUTS:
        raise ValueError(f"pixels of mode {image.mode}")
    return np.asarray(image), LAYOUTS[image.mode]


def _by_opencv(data: bytes, *, grey_alpha: bool = False) -> tuple[Pixels, Layout]:
    """16-bit pictures, which Pillow would quietly reduce to 8."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("OpenCV cannot decode the picture")
    if pixels.ndim == 2:
        return pixels, Layout.GREY
    if pixels.shape[2] == 4 and grey_alpha:
        return np.ascontiguousarray(pixels[:, :, [0, 3]]), Layout.GREY_ALPHA
    if pixels.shape[2] == 4:
        return cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA), Layout.RGBA
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), Layout.RGB


def _deep_tiff(image: TiffImageFile, data: bytes) -> tuple[Pixels, Layout]:
    if max(image.tag_v2.get(339, (1,))) != 1:
        raise ValueError("16-bit samples that are not whole positive numbers")
    white_is_zero = image.tag_v2.get(262) == 0
    pixels, layout = _by_opencv(data)
    return (65535 - pixels if white_is_zero else pixels), layout


def _raw(data: bytes, photo: Path) -> Native:
    """The full decode of a camera raw file: 16-bit sRGB, camera white balance, already upright."""
    import rawpy

    try:
        with rawpy.imread(io.BytesIO(data)) as raw:
            check_pixels(photo, raw.sizes.raw_width, raw.sizes.raw_height)
            preview = _preview(raw)
            pixels = raw.postprocess(
                use_camera_wb=True, output_bps=16, output_color=rawpy.ColorSpace.sRGB
            )
    except rawpy.LibRawFileUnsupportedError as error:
        raise Unsupported("This kind of RAW file is not one that Venus can read.") from error
    block, notes = raw_exif_block(data, preview)
    return Native(pixels, Layout.RGB, 1, srgb_profile(), block, None, (NOTE_DEVELOPED, *notes))


def _preview(raw: Any) -> bytes | None:
    """The embedded JPEG, which carries the camera's EXIF."""
    import rawpy

    try:
        thumbnail = raw.extract_thumb()
    except rawpy.LibRawError:  # none, or of a kind that LibRaw cannot take out
        return None
    return bytes(thumbnail.data) if thumbnail.format == rawpy.ThumbFormat.JPEG else None


def _heif(data: bytes) -> Native:
    """HEIC at its own depth; libheif turns it upright."""
    import pi_heif

    picture = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
    layout = LAYOUTS.get(HEIF_MODES.get(picture.mode, picture.mode))
    if layout is None:
        raise Unsupported(f"Its pixels are of a kind that Venus cannot read ({picture.mode}).")
    width, height = picture.size
    pixels = np.asarray(picture)[:height, :width]  # rows may be padded
    block = (picture.info.get("exif") or b"").removeprefix(b"Exif\0\0") or None
    return Native(pixels, layout, 1, picture.info.get("icc_profile") or None, block)


def srgb_profile() -> bytes:
    """An sRGB profile, for pictures that this module or the writers bring into sRGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
