"""The photo as it travels: a small JPEG made of its pixels alone, in the address of a message.

Nothing else of the file goes along: no place, no time, no serial number, no thumbnail.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from engine.photo import open_photo
from engine.stop import Stop
from engine.vocabulary import Box, Size

LONG_SIDE: Final = 1024
"""Pixels on the longer side; a smaller photo goes as it is."""

_QUALITY: Final = 92


@dataclass(frozen=True, slots=True)
class Picture:
    """The upright photo's size, that of the picture sent, and the picture and its mirror image as
    data URLs.
    """

    photo: Size
    sent: Size
    straight: str = field(repr=False)
    mirrored: str = field(repr=False)


def read_picture(path: Path, stop: Stop) -> Picture:
    """Read a photo. PhotoError if that fails, Stopped if `stop` became true."""
    photo = open_photo(path)
    rgb = photo.rgb(long_side=LONG_SIDE, stop=stop)
    sent = Size(rgb.shape[1], rgb.shape[0])
    return Picture(photo.info.size, sent, data_url(rgb), data_url(rgb[:, ::-1]))


def data_url(rgb: NDArray[np.uint8]) -> str:
    """(h, w, 3) sRGB as a JPEG in base64."""
    jpeg = simplejpeg.encode_jpeg(np.ascontiguousarray(rgb), quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"


def put_back(box: Box) -> Box:
    """A box of the mirrored photo on the photo itself."""
    return Box(1 - box.right, box.top, 1 - box.left, box.bottom)
