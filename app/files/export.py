"""Exporting a crop: full resolution, the photo's own depth and profile, to a new file.

The original is only ever read. The steps: `pixels` reads the stored picture, `cutting` turns and
cuts it, `converting` fits it to the format, `metadata` sees to EXIF, `writers` make the
bytes, `atomic` gives them a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from app.domain.ratios import named_ratio
from app.files import atomic, converting, cutting, metadata, pixels, writers
from app.files.errors import ExportError
from engine import geometry
from engine.photo import PhotoError
from engine.photo.shape import upright_size
from engine.stop import Stop, never
from engine.vocabulary import Crop, Size


class ExportFormat(StrEnum):
    """What a crop can be exported as."""

    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"

    @property
    def suffix(self) -> str:
        return SUFFIXES[self]


SUFFIXES: Final = {ExportFormat.JPEG: ".jpg", ExportFormat.PNG: ".png", ExportFormat.TIFF: ".tif"}

FITTERS: Final = {
    ExportFormat.JPEG: converting.for_jpeg,
    ExportFormat.PNG: converting.for_png,
    ExportFormat.TIFF: converting.for_tiff,
}

LONGEST_JPEG_SIDE: Final = 65_535


@dataclass(frozen=True, slots=True)
class ExportResult:
    """The file that was written, its size in pixels, its bits a channel, and what could not be
    kept, in words.
    """

    path: Path
    size: Size
    bits: int
    notes: tuple[str, ...] = ()


def export_crop(
    photo: Path,
    crop: Crop,
    target: Path,
    *,
    format: ExportFormat,
    quality: int | None = None,
    exact: bool = False,
    stop: Stop = never,
) -> ExportResult:
    """Write the crop of `photo` to a new file at `target`, or beside it under "name (2)".

    `quality` is a JPEG's, 1..100; without it a JPEG keeps the coding of the JPEG that it comes
    from, and any other photo is written at 95 without chroma subsampling. With `exact` a taken
    name is an error. Raises ExportError: see its codes. No file is ever written over.
    """
    if quality is not None and not 1 <= quality <= 100:
        raise ValueError(f"a JPEG's quality is 1 to 100, not {quality}")
    try:
        return _export(photo, crop, target, format, quality, exact=exact, stop=stop)
    except cutting.StoppedError as error:
        raise atomic.stopped(target) from error
    except PhotoError as error:
        raise ExportError(photo, error.code, error.reason, error.remedy) from error
    except MemoryError as error:
        raise ExportError(
            photo,
            "too_large",
            "There is not enough memory for the photo at full size.",
            "Close other programs, then try again.",
        ) from error


def _export(
    photo: Path,
    crop: Crop,
    target: Path,
    kind: ExportFormat,
    quality: int | None,
    *,
    exact: bool,
    stop: Stop,
) -> ExportResult:
    _check(stop)
    native = pixels.read_native(photo)
    _check(stop)
    height, width = native.pixels.shape[:2]
    size = upright_size(width, height, native.orientation)
    _require_inside(photo, crop, size)
    out = cutting.output_size(crop, size)
    if kind is ExportFormat.JPEG and max(out.width, out.height) > LONGEST_JPEG_SIDE:
        raise ExportError(
            target,
            "too_large",
            f"A JPEG side has at most {LONGEST_JPEG_SIDE} pixels; the crop is {out.width} × "
            f"{out.height}.",
            "Export it as PNG or TIFF.",
        )
    cropped = cutting.cut(
        native.pixels, native.orientation, crop, has_alpha=native.layout.has_alpha, stop=stop
    )
    fitted = FITTERS[kind](cropped, native.layout, native.icc)
    longest = writers.JPEG_SEGMENT if kind is ExportFormat.JPEG else None
    block, notes = metadata.for_target(native.exif, out, longest=longest)
    sheet = writers.Sheet(fitted.pixels, fitted.layout, fitted.icc, block)
    _check(stop)
    pieces = _encoded(sheet, kind, quality, native.coding)
    path = atomic.write_new(target, pieces, exact=exact, stop=stop)
    bits = fitted.pixels.dtype.itemsize * 8
    return ExportResult(path, out, bits, (*native.notes, *fitted.notes, *notes))


def _check(stop: Stop) -> None:
    if stop():
        raise cutting.StoppedError


def _require_inside(photo: Path, crop: Crop, size: Size) -> None:
    tolerance = 1 / min(size.width, size.height)
    if not geometry.fits(crop.box, crop.angle, size, tolerance=tolerance):
        raise ExportError(
            photo,
            "outside",
            "A corner of the crop lies outside the photo.",
            "Move the crop inside the photo.",
        )


def _encoded(
    sheet: writers.Sheet,
    kind: ExportFormat,
    quality: int | None,
    coding: pixels.JpegCoding | None,
) -> Iterable[bytes]:
    match kind:
        case ExportFormat.JPEG:
            return (writers.jpeg(sheet, quality=quality, coding=coding),)
        case ExportFormat.PNG:
            return writers.png(sheet)
        case ExportFormat.TIFF:
            return writers.tiff(sheet)


def suggested_name(
    photo: Path,
    crop: Crop,
    folder: Path,
    format: ExportFormat,
    *,
    size: Size,
) -> str:
    """A free name in `folder`, such as "IMG_1234 crop 3x2.jpg"; `size` is the upright photo's."""
    out = cutting.output_size(crop, size)
    name = f"{photo.stem} crop{_ratio_words(out)}{format.suffix}"
    for candidate in atomic.candidates(folder / name):
        if not candidate.exists():
            return candidate.name
    return name


def _ratio_words(out: Size) -> str:
    """The ratio's name, where it has one."""
    named = named_ratio(out)
    return "" if named is None else f" {named.width}x{named.height}"
