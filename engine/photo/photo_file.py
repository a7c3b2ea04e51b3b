"""One opened picture: its bytes, read once, and the pictures of several sizes made from them."""

from __future__ import annotations

import io
from pathlib import Path
from threading import Lock
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.photo import jpeg, raw, still
from engine.photo.bands import finished
from engine.photo.colour import conversion, plain_rgb, to_srgb
from engine.photo.errors import Stopped, telling
from engine.photo.info import PhotoInfo, read_info
from engine.photo.shape import (
    SIDEWAYS,
    Pixels,
    fitted,
    reduced,
    to_8_bit,
)
from engine.photo.source import HEAD_BYTES, kind_of, opened, read_bytes
from engine.stop import Stop, never


def open_photo(path: Path | str) -> PhotoFile:
    """Read the file, once, and its header. Raises PhotoError."""
    path = Path(path)
    with telling(path):
        data = read_bytes(path)
        kind = kind_of(data, path)
        if kind == "RAW":
            info, preview = raw.open_raw(data, path)
            if isinstance(preview, bytes):
                return PhotoFile(info, preview)
            return PhotoFile(info, data, pixels=preview)
        return PhotoFile(read_info(path, io.BytesIO(data), kind), data)


def inspect(path: Path | str) -> PhotoInfo:
    """The header alone: milliseconds, but for a RAW file, of which the preview is looked at.

    Raises PhotoError. A file whose header is whole may still prove damaged when it is decoded.
    """
    path = Path(path)
    with telling(path), opened(path) as file:
        kind = kind_of(file.read(HEAD_BYTES), path)
        file.seek(0)
        if kind == "RAW":
            return raw.open_raw(file.read(), path)[0]
        return read_info(path, file, kind)


class PhotoFile:
    """A picture file held in memory, whatever becomes of it on the disk.

    All pictures come upright; each method raises PhotoError if the file is damaged, and Stopped
    if `stop` was true between two stages. The methods may be called from several threads.
    """

    def __init__(self, info: PhotoInfo, data: bytes, *, pixels: Pixels | None = None) -> None:
        self.info: Final = info
        self._data = data
        self._pixels = pixels
        self._lock = Lock()
        self._is_jpeg = data.startswith(b"\xff\xd8") and pixels is None

    def rgb(self, *, long_side: int | None = None, stop: Stop = never) -> NDArray[np.uint8]:
        """(h, w, 3) sRGB, with exactly `long_side` pixels on the longer side (the mean of the
        pixels covered) where the photo has more; never enlarged.
        """
        pixels, orientation = self._stored(long_side)
        _heed(stop)
        height, width = pixels.shape[:2]
        small = reduced(pixels, *fitted(width, height, long_side))
        return finished(small, orientation, self._to_srgb, stop)

    def luma(self, *, stop: Stop = never) -> NDArray[np.uint8]:
        """(h, w) at full size, without colour conversion: what the file stores as brightness, or
        else its weighted channels (ITU-R BT.601, as JPEG does it).
        """
        as_it_is = self._is_jpeg and self.info.mode in ("L", "RGB")
        pixels, orientation = self._stored(None, "GRAY" if as_it_is else None)
        _heed(stop)
        return finished(pixels, orientation, _to_luma, stop)

    def native_rgb(self, *, stop: Stop = never) -> NDArray[np.uint8]:
        """(h, w, 3) at full size in the file's own colours, for what is clipped there."""
        pixels, orientation = self._stored(None)
        _heed(stop)
        return finished(pixels, orientation, _to_native, stop)

    def bgra(self, *, stop: Stop = never) -> NDArray[np.uint8]:
        """(h, w, 4) sRGB at full size as Qt's Format_RGB32 has it on a little-endian machine:
        blue, green, red, 255.
        """
        channels = {"L": 1, "RGB": 3}.get(self.info.mode)
        as_it_is = (
            self._is_jpeg and channels is not None and conversion(self.info.icc, channels) is None
        )
        pixels, orientation = self._stored(None, "BGRA" if as_it_is else None)
        _heed(stop)
        return finished(pixels, orientation, to_8_bit if as_it_is else self._to_bgra, stop)

    def _to_srgb(self, pixels: Pixels) -> NDArray[np.uint8]:
        return to_srgb(to_8_bit(pixels), self.info.icc)

    def _to_bgra(self, pixels: Pixels) -> NDArray[np.uint8]:
        return np.asarray(cv2.cvtColor(self._to_srgb(pixels), cv2.COLOR_RGB2BGRA), np.uint8)

    def _stored(self, long_side: int | None, colours: str | None = None) -> tuple[Pixels, int]:
        """The picture in its own colours, at no less than `long_side` or else at full size, and
        the orientation that still turns it upright. `colours` is for JPEG alone.
        """
        info = self.info
        with telling(info.path):
            if self._is_jpeg:
                width, height = info.size.width, info.size.height
                if info.orientation in SIDEWAYS:
                    width, height = height, width
                least = fitted(width, height, long_side)
                colours = colours or {"L": "GRAY", "CMYK": "CMYK"}.get(info.mode, "RGB")
                return (
                    jpeg.decode(self._data, colours, min_width=least[0], min_height=least[1]),
                    info.orientation,
                )
            if info.format == "RAW":
                return self._raw_pixels(), info.orientation
            return still.decode(self._data, info), 1 if info.format == "TIFF" else info.orientation

    def _raw_pixels(self) -> Pixels:
        """The bitmap preview, or the decode, which takes seconds and is therefore kept."""
        with self._lock:
            if self._pixels is None:
                self._pixels = raw.decode(self._data)
            return self._pixels


def _to_native(pixels: Pixels) -> NDArray[np.uint8]:
    return plain_rgb(to_8_bit(pixels))


def _to_luma(pixels: Pixels) -> NDArray[np.uint8]:
    if pixels.ndim == 2:
        return to_8_bit(pixels)
    return np.asarray(cv2.cvtColor(_to_native(pixels), cv2.COLOR_RGB2GRAY), np.uint8)


def _heed(stop: Stop) -> None:
    if stop():
        raise Stopped
