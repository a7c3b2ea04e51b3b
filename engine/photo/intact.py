"""Checks that Pillow leaves out: is the file there to its end, and do its checksums hold?

PNG has checksums, so every change in it is found. WebP, GIF, BMP and most kinds of TIFF have none:
what ends early is found, bytes that were overwritten are found only where they make no sense.
"""

from __future__ import annotations

import zlib
from typing import Final

from engine.photo.errors import Damaged

_PNG_SIGNATURE_BYTES: Final = 8
ENDS_EARLY: Final = "The file is damaged: it ends early."


def check_intact(data: bytes, kind: str) -> None:
    """Raise Damaged where the container itself shows that something is missing or changed."""
    try:
        match kind:
            case "PNG":
                _check_png(data)
            case "WEBP":
                if int.from_bytes(data[4:8], "little") + 8 > len(data):
                    raise Damaged(ENDS_EARLY)
            case "GIF":
                _check_gif(data)
            case _:  # Pillow finds for itself what is missing.
                pass
    except IndexError as error:
        raise Damaged(ENDS_EARLY) from error


def _check_png(data: bytes) -> None:
    """Walk the chunks to IEND and compare their checksums (PNG specification, 5.3)."""
    view = memoryview(data)
    at = _PNG_SIGNATURE_BYTES
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(view[at : at + 4], "big")
        if end > len(data):
            break
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise Damaged("The file is damaged: a checksum in it is wrong.")
        if view[at + 4 : at + 8] == b"IEND":
            return
        at = end
    raise Damaged(ENDS_EARLY)


def _check_gif(data: bytes) -> None:
    """Walk the blocks to the end of the first frame (GIF 89a, sections 15 to 22)."""
    at = 13 + _colour_table_bytes(data[10])
    while data[at] == 0x21:  # an extension: its label, then sub-blocks
        at = _after_sub_blocks(data, at + 2)
    if data[at] != 0x2C:
        raise Damaged("The file is damaged: there is no picture in it.")
    _after_sub_blocks(data, at + 10 + _colour_table_bytes(data[at + 9]) + 1)


def _colour_table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after_sub_blocks(data: bytes, at: int) -> int:
    while data[at] != 0:
        at += 1 + data[at]
    return at + 1
