"""What a file says about its picture, and what of that goes along with a crop."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Final

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from app.files import exif
from engine.vocabulary import Size

NOTE_DAMAGED: Final = "The photo's EXIF is damaged and was left out."
NOTE_TOO_LONG: Final = "The photo's EXIF is too long for a JPEG and was left out."


def exif_block(image: Image.Image, data: bytes) -> tuple[bytes | None, tuple[str, ...]]:
    """The picture's EXIF as a TIFF block."""
    if isinstance(image, TiffImageFile) and data[2:4] in (b"+\0", b"\0+"):
        return None, ("The EXIF of a BigTIFF was left out.",)
    if isinstance(image, TiffImageFile):
        try:
            return exif.block_of(exif.describing(exif.read(data))), ()
        except exif.ExifError:
            return None, (NOTE_DAMAGED,)
    block = image.info.get("exif")
    if block is None and image.getexif():
        block = image.getexif().tobytes()  # such as a PNG's older "raw profile"
    if not block:
        return None, ()
    block = block.removeprefix(b"Exif\0\0")
    try:
        exif.read(block)
    except exif.ExifError:
        return None, (NOTE_DAMAGED,)
    return block, ()


def left_behind(image: Image.Image) -> tuple[str, ...]:
    """What else the file says about itself that a crop cannot take along as it is."""
    info = image.info
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
    xmp = any(key in info for key in ("xmp", "XML:com.adobe.xmp")) or 700 in tags
    iptc = "photoshop" in info or 33723 in tags
    return (
        *(("XMP was left out: its edits are those of the whole photo.",) if xmp else ()),
        *(("IPTC captions and keywords were left out.",) if iptc else ()),
    )


def raw_exif_block(data: bytes, preview: bytes | None) -> tuple[bytes | None, tuple[str, ...]]:
    """The EXIF of a camera raw file: that of its embedded JPEG, or else its own, for most raw
    files are built like a TIFF.
    """
    if preview is not None:
        with Image.open(io.BytesIO(preview)) as image:
            block, notes = exif_block(image, preview)
        if block is not None:
            return block, notes
    with suppress(exif.ExifError):
        return exif.block_of(exif.describing(exif.read(data))), ()
    return None, ()


def for_target(
    block: bytes | None, size: Size, *, longest: int | None
) -> tuple[bytes | None, tuple[str, ...]]:
    """The block as it is to stand in a crop of `size`; None where it is damaged or longer than
    `longest` bytes, with a note that says so.
    """
    if block is None:
        return None, ()
    try:
        block = exif.for_crop(block, size)
    except exif.ExifError:
        return None, (NOTE_DAMAGED,)
    if longest is not None and len(block) > longest:
        return None, (NOTE_TOO_LONG,)
    return block, ()
