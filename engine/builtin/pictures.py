"""The copies of one photo that measurements look at, each made once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.photo.photo_file import PhotoFile
from engine.stop import Stop, never
from engine.vocabulary import Size

Picture = NDArray[np.uint8]

REDUCED_SIDE: Final = 768
"""Long side of the copy for tone, colour, sharpness of the whole photo, and tilt, in pixels."""

SMALL_SIDE: Final = 384
"""Long side of the copy for statistics over the whole photo, in pixels."""


class Pictures:
    """Lazily read copies of one upright photo.

    reduced      (h, w, 3) uint8 sRGB, long side at most `REDUCED_SIDE`; never enlarged
    small        (h, w, 3) uint8 sRGB, long side at most `SMALL_SIDE`
    native       (H, W, 3) uint8 in the file's own colour space, full resolution: where a channel
                 is at its end
    luma         (H, W) uint8, full resolution, for sharpness and noise
    reduced_luma (h, w) uint8, `luma` at the size of `reduced`, reduced by averaging
    """

    def __init__(
        self,
        *,
        size: Size,
        read_rgb: Callable[[int], Picture],
        read_native: Callable[[], Picture],
    ) -> None:
        self.size = size
        self._read_rgb = read_rgb
        self._read_native = read_native

    @classmethod
    def from_array(cls, rgb: Picture) -> Pictures:
        """From an upright sRGB picture in memory, (H, W, 3) uint8."""
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
            raise ValueError(f"a picture is (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}")
        return cls(
            size=Size(rgb.shape[1], rgb.shape[0]),
            read_rgb=lambda long_side: fitted(rgb, long_side),
            read_native=lambda: rgb,
        )

    @classmethod
    def from_photo(cls, photo: PhotoFile, *, stop: Stop = never) -> Pictures:
        """From an opened picture file. Its methods raise PhotoError, and Stopped once `stop` is
        true.
        """
        return cls(
            size=photo.info.size,
            read_rgb=lambda long_side: photo.rgb(long_side=long_side, stop=stop),
            read_native=lambda: photo.native_rgb(stop=stop),
        )

    @cached_property
    def reduced(self) -> Picture:
        return fitted(self._read_rgb(REDUCED_SIDE), REDUCED_SIDE)

    @cached_property
    def small(self) -> Picture:
        return fitted(self.reduced, SMALL_SIDE)

    @cached_property
    def native(self) -> Picture:
        return self._read_native()

    @cached_property
    def luma(self) -> Picture:
        return _grey(self.native)

    @cached_property
    def reduced_luma(self) -> Picture:
        return fitted(self.luma, REDUCED_SIDE)

    def release(self) -> None:
        """Let the full-resolution copies go; they are read again if they are asked for again."""
        for name in ("native", "luma"):
            self.__dict__.pop(name, None)


def fitted(picture: Picture, long_side: int) -> Picture:
    """The picture reduced by averaging so that its long side is at most `long_side` pixels."""
    height, width = picture.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return picture
    to = max(1, round(width * scale)), max(1, round(height * scale))
    return _uint8(cv2.resize(picture, to, interpolation=cv2.INTER_AREA))


def _grey(rgb: Picture) -> Picture:
    return _uint8(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))


def _uint8(array: object) -> Picture:
    return np.asarray(array, np.uint8)
