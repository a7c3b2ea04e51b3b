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
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from app.files import exif, folder
from app.files.errors import ExportError

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
    """Read a picture file at full size, depth and colours.

    Raises ExportError `unreadable`. Whether the file is sound and within limits is for
    `engine.photo` to say before.
    """
    suffix = photo.suffix.lower()
    try:
        if suffix in folder.RAW_EXTENSIONS:
            return _raw(photo)
        data = photo.read_bytes()
        if suffix in folder.HEIF_EXTENSIONS:
            return _heif(data)
        return _picture(data)
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, cv2.error) as error:
        raise unreadable(photo) from error


def unreadable(photo: Path) -> ExportError:
    """The error of a photo that has become unreadable since it was opened."""
    return ExportError(
        photo,
        "unreadable",
        "The photo cannot be read at full size.",
        "Check that the file is still there and whole, then open it again.",
    )


def _picture(data: bytes) -> Native:
    with Image.open(io.BytesIO(data)) as image:
        block, notes = _exif_block(image, data)
        orientation = _orientation(image)
        icc = image.info.get("icc_profile") or None
        coding = None
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            coding = JpegCoding(
                {key: list(table) for key, table in image.quantization.items()},
                JpegImagePlugin.get_sampling(image),
            )
        notes += _left_behind(image)
        pixels, layout, more = _decoded(image, data)
        return Native(pixels, layout, orientation, icc, block, coding, (*notes, *more))


def _decoded(image: Image.Image, data: bytes) -> tuple[Pixels, Layout, tuple[str, ...]]:
    if image.format in ("JPEG", "MPO") and image.mode in ("L", "RGB"):
        # Straight into an array, and stricter than Pillow: damage is an error.
        colours = "Gray" if image.mode == "L" else "RGB"
        pixels = simplejpeg.decode_jpeg(data, colorspace=colours, strict=True)
        return (pixels[:, :, 0] if image.mode == "L" else pixels), LAYOUTS[image.mode], ()
    if image.format == "PNG" and data[24] == 16:  # IHDR: bit depth
        pixels, layout = _by_opencv(data, grey_alpha=data[25] == 4)
        return pixels, layout, ()
    if isinstance(image, TiffImageFile) and _is_deep(image):
        if image.mode != "CMYK":
            return *_deep_tiff(image, data), ()
        return *_by_pillow(image), ("16-bit CMYK was read as 8 bit.",)
    return *_by_pillow(image), ()


def _by_pillow(image: Image.Image) -> tuple[Pixels, Layout]:
    # Pillow turns a TIFF upright while loading it; undone by reading the tag before and giving
    # the picture as upright (see `_orientation`).
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


def _is_deep(image: TiffImageFile) -> bool:
    return max(image.tag_v2.get(258, (1,))) == 16


def _deep_tiff(image: TiffImageFile, data: bytes) -> tuple[Pixels, Layout]:
    if max(image.tag_v2.get(339, (1,))) != 1:
        raise ValueError("16-bit samples that are not whole positive numbers")
    white_is_zero = image.tag_v2.get(262) == 0
    pixels, layout = _by_opencv(data)
    return (65535 - pixels if white_is_zero else pixels), layout


def _orientation(image: Image.Image) -> int:
    if isinstance(image, TiffImageFile):
        return 1  # both Pillow and OpenCV turn a TIFF upright while they decode it
    value = image.getexif().get(exif.ORIENTATION, 1)
    return value if value in range(1, 9) else 1


def _exif_block(image: Image.Image, data: bytes) -> tuple[bytes | None, tuple[str, ...]]:
    """The picture's EXIF as a TIFF block."""
    damaged = ("The photo's EXIF is damaged and was left out.",)
    if isinstance(image, TiffImageFile):
        try:
            return exif.block_of(exif.describing(exif.read(data))), ()
        except exif.ExifError:
            return None, damaged
    block = image.info.get("exif")
    if block is None and image.getexif():
        block = image.getexif().tobytes()  # such as a PNG's older "raw profile"
    if not block:
        return None, ()
    block = block.removeprefix(b"Exif\0\0")
    try:
        exif.read(block)
    except exif.ExifError:
        return None, damaged
    return block, ()


def _left_behind(image: Image.Image) -> tuple[str, ...]:
    """What else the file says about itself that a crop cannot take along as it is."""
    info = image.info
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
    xmp = any(key in info for key in ("xmp", "XML:com.adobe.xmp")) or 700 in tags
    iptc = "photoshop" in info or 33723 in tags
    return (
        *(("XMP was left out: its edits are those of the whole photo.",) if xmp else ()),
        *(("IPTC captions and keywords were left out.",) if iptc else ()),
    )


def _raw(photo: Path) -> Native:
    """The full decode of a camera raw file: 16-bit sRGB, camera white balance, already upright."""
    import rawpy

    try:
        with rawpy.imread(str(photo)) as raw:
            preview = _preview(raw)
            pixels = raw.postprocess(
                use_camera_wb=True, output_bps=16, output_color=rawpy.ColorSpace.sRGB
            )
    except rawpy.LibRawError as error:
        raise ValueError("LibRaw cannot decode the file") from error
    block, notes = None, ()
    if preview is not None:
        with Image.open(io.BytesIO(preview)) as image:
            block, notes = _exif_block(image, preview)
    return Native(pixels, Layout.RGB, 1, srgb_profile(), block, None, notes)


def _preview(raw: Any) -> bytes | None:
    """The embedded JPEG, which carries the camera's EXIF."""
    import rawpy

    try:
        thumbnail = raw.extract_thumb()
    except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
        return None
    return thumbnail.data if thumbnail.format == rawpy.ThumbFormat.JPEG else None


def _heif(data: bytes) -> Native:
    import pi_heif

    picture = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
    info = picture.info
    deep = picture.mode.endswith(";16")
    layout = LAYOUTS[picture.mode.removesuffix(";16")]
    pixels = np.asarray(picture)
    if deep:
        pixels = pixels.view(np.uint16) if pixels.dtype == np.uint8 else pixels.astype(np.uint16)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    block = (info.get("exif") or b"").removeprefix(b"Exif\0\0") or None
    return Native(pixels, layout, 1, info.get("icc_profile") or None, block)


def srgb_profile() -> bytes:
    """An sRGB profile, for pictures that this module or the writers bring into sRGB."""
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
