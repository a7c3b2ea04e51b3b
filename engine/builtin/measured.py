"""All technical measurements of one photo, each made once, when it is first asked for."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.measure.clipping import Clipping, clipping
from engine.builtin.measure.colour import ColourCast, Saturation, colour_cast, saturation
from engine.builtin.measure.contrast import Contrast, contrast
from engine.builtin.measure.exposure import Exposure, exposure
from engine.builtin.measure.focus import Focus, focus
from engine.builtin.measure.noise import Noise, noise
from engine.builtin.measure.skyline import Skyline, skyline
from engine.builtin.measure.tilt import Tilt, tilt
from engine.builtin.pictures import Pictures


class Measured:
    """Lazy measurements of `pictures`.

    `exposure`, `contrast`, `cast`, `saturation`, `tilt` and `skyline` need only the reduced copy,
    so they come first; `focus`, `noise` and `clipping` read the photo at full resolution.
    """

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures

    @cached_property
    def exposure(self) -> Exposure:
        return exposure(self.pictures.small)

    @cached_property
    def contrast(self) -> Contrast:
        return contrast(self.pictures.small)

    @cached_property
    def cast(self) -> ColourCast:
        return colour_cast(self.pictures.small)

    @cached_property
    def saturation(self) -> Saturation:
        return saturation(self.pictures.small)

    @cached_property
    def tilt(self) -> Tilt:
        return tilt(self._grey)

    @cached_property
    def skyline(self) -> Skyline:
        return skyline(self._grey)

    @cached_property
    def _grey(self) -> NDArray[np.uint8]:
        return np.asarray(cv2.cvtColor(self.pictures.reduced, cv2.COLOR_RGB2GRAY), np.uint8)

    @cached_property
    def focus(self) -> Focus:
        return focus(self.pictures.reduced_luma)

    @cached_property
    def noise(self) -> Noise:
        return noise(self.pictures.luma)

    @cached_property
    def clipping(self) -> Clipping:
        return clipping(self.pictures.native)
