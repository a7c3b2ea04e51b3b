"""What the markers of a JPEG file say: which scans it has, and headers that decoders quarrel over.

ITU-T T.81 (JPEG), annexes B and G. libjpeg shows a progressive file that lost its last scans as a
blurred picture, without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_SOF: Final = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB))
_PROGRESSIVE: Final = frozenset((0xC2, 0xCA))
_LOSSLESS: Final = frozenset((0xC3, 0xCB))
_APP0, _APP14, _SOS, _EOI = 0xE0, 0xEE, 0xDA, 0xD9
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
"""A marker with a length behind it, or the end: no stuffed zero, fill, restart or start."""
_BLOCK: Final = 64


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each segment's content up to the end marker of the first picture,
    jumping over entropy-coded data; stops where the structure ends.
    """
    at = 2
    while (found := _MARKER.search(data, at)) is not None:
        at = found.end()
        if found[0][1] == _EOI:
            return
        end = at + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            return
        yield found[0][1], at + 2, end
        at = max(end, at + 2)


def missing_scans(data: bytes) -> bool:
    """Whether some coefficient of some component has no scan, or not all of its bits."""
    state: dict[int, list[int]] = {}
    progressive = lossless = False
    for marker, start, end in segments(data):
        content = data[start:end]
        if marker in _SOF and not state and len(content) >= 6:
            progressive, lossless = marker in _PROGRESSIVE, marker in _LOSSLESS
            # -1: no scan yet; else the lowest bit that has come.
            state = {content[6 + 3 * i]: [-1] * _BLOCK for i in range(content[5])}
        elif marker == _SOS and content:
            _note_scan(content, state, progressive=progressive)
            if lossless or not any(bit for bits in state.values() for bit in bits):
                return False  # With one scan, all there is: the long way to the end is saved.
    return bool(state)


def _note_scan(content: bytes, state: dict[int, list[int]], *, progressive: bool) -> None:
    count = content[0]
    components = content[1 : 1 + 2 * count : 2]
    first, last, bits = (*content[1 + 2 * count : 4 + 2 * count], 0, 0, 0)[:3]
    if not progressive:
        first, last, bits = 0, _BLOCK - 1, 0
    for component in components:
        if component in state:
            for index in range(first, min(last, _BLOCK - 1) + 1):
                state[component][index] = bits & 0x0F


def with_plain_headers(data: bytes) -> bytes:
    """The file with the header values that libjpeg only warns of set to what it assumes instead,
    so that its first warning, the one that it tells, is about the picture.
    """
    plain = bytearray(data)
    sequential = True
    components = 3
    for marker, start, end in segments(data):
        if marker in _SOF and end - start >= 6:
            sequential, components = marker not in _PROGRESSIVE | _LOSSLESS, data[start + 5]
        elif marker == _APP0 and data[start : start + 5] == b"JFIF\0":
            plain[start + 5] = 1
        elif marker == _APP14 and data[start : start + 5] == b"Adobe" and end - start >= 12:
            plain[start + 11] = min(plain[start + 11], 2 if components == 4 else 1)
        elif marker == _SOS and sequential:
            plain[end - 3 : end] = bytes((0, _BLOCK - 1, 0))
    return bytes(plain)
