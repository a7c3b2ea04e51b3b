"""Checks that Pillow leaves out: is the file there to its end, and do its checksums hold?"""

from __future__ import annotations

import zlib
from typing import Final

from engine.photo.errors import Damaged

_PNG_SIGNATURE_BYTES: Final = 8
ENDS_EARLY: Final = "The file is damaged: it ends early."


def check_intact(data: bytes, kind: str) -> None:
    """Raise Damaged where the container itself shows that something is missing or changed."""
    match kind:
        case "PNG":
            _check_png(data)
        case "WEBP":
            if int.from_bytes(data[4:8], "little") + 8 > len(data):
                raise Damaged(ENDS_EARLY)
        case _:
            pass


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
