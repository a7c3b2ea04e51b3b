"""Converting and turning a large picture band by band on two threads: what one band needs stays
in the processor's cache, and no second whole picture is held.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.photo.errors import Stopped
from engine.photo.shape import SIDEWAYS, Pixels, turned_upright
from engine.stop import Stop

_BAND_PIXELS: Final = 1 << 19
_FROM_THE_END: Final = (3, 4, 6, 7)
"""The EXIF orientations that show the first stored row last."""


def finished(
    pixels: Pixels,
    orientation: int,
    convert: Callable[[Pixels], NDArray[np.uint8]],
    stop: Stop,
) -> NDArray[np.uint8]:
    """A new picture: every band of stored rows converted, turned upright and put in its place.

    `convert` gives (rows, w) or (rows, w, channels) of uint8. Raises Stopped.
    """
    height, width = pixels.shape[:2]
    step = max(1, _BAND_PIXELS // width)
    bands = [slice(top, min(top + step, height)) for top in range(0, height, step)]
    probe = convert(pixels[:1])
    shape = (width, height) if orientation in SIDEWAYS else (height, width)
    result = np.empty((*shape, *probe.shape[2:]), np.uint8)

    def work(rows: slice) -> None:
        if not stop():
            result[_place(rows, height, orientation)] = turned_upright(
                convert(pixels[rows]), orientation
            )

    if len(bands) == 1:
        work(bands[0])
    else:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, bands))
    if stop():
        raise Stopped
    return result


def _place(rows: slice, height: int, orientation: int) -> tuple[slice, slice]:
    """Where stored rows go in the upright picture."""
    if orientation in _FROM_THE_END:
        rows = slice(height - rows.stop, height - rows.start)
    return (slice(None), rows) if orientation in SIDEWAYS else (rows, slice(None))
