"""EXIF as the TIFF structure it is: read, put right for a crop, and written again, value by value.

Values stay raw bytes in the byte order of their file, so that nothing is lost or reinterpreted on
the way: maker notes, odd types and private tags come out as they went in. Structure: TIFF 6.0
section 2, EXIF 2.32 section 4.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from engine.vocabulary import Size

ORIENTATION: Final = 0x0112
SUB_FOLDERS: Final = {0x8769: "exif", 0x8825: "gps", 0xA005: "interoperability"}
WIDTH_TAGS: Final = (0x0100, 0xA002, 0x1001)
HEIGHT_TAGS: Final = (0x0101, 0xA003, 0x1002)

DESCRIBING: Final = frozenset(
    (
        *(0x010D, 0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C),
        *(0x4746, 0x4749, 0x8298, 0x8769, 0x8825, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F),
    )
)
"""Tags of the first folder that tell about the picture and not about how its pixels lie in the
file: what a TIFF may pass on."""

TYPE_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
BYTE: Final = 1
SHORT: Final = 3
LONG: Final = 4
UNDEFINED: Final = 7


Order = Literal["<", ">"]
"""A byte order as `struct` and numpy write it."""


class ExifError(ValueError):
    """The structure cannot be followed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag: its type and count, and its value as raw bytes in the block's byte order."""

    tag: int
    type: int
    count: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Exif:
    """The entries of the first folder and of its sub-folders, all in one byte order.

    Pointers are not among the entries: `folders` holds what they point to, by the pointer's tag.
    """

    order: Order
    entries: tuple[Entry, ...] = ()
    folders: dict[int, Exif] = field(default_factory=dict)

    def numbers(self, tag: int) -> tuple[int, ...]:
        """The whole numbers of a SHORT or LONG tag; empty where there is none."""
        for entry in self.entries:
            if entry.tag == tag and entry.type in (SHORT, LONG):
                letter = "H" if entry.type == SHORT else "I"
                return struct.unpack(f"{self.order}{entry.count}{letter}", entry.raw)
        return ()


def byte_order(block: bytes) -> Order:
    """The `struct` letter of a TIFF block's byte order; ExifError where it has none."""
    mark = bytes(block[:4])
    if len(block) >= 8 and mark == b"II*\0":
        return "<"
    if len(block) >= 8 and mark == b"MM\0*":
        return ">"
    raise ExifError("no TIFF header")


def read(block: bytes) -> Exif:
    """Read a TIFF block (a whole TIFF file, or what follows "Exif" in other files).

    The thumbnail's folder and further pages are left alone. Raises ExifError.
    """
    order = byte_order(block)
    (start,) = struct.unpack_from(f"{order}I", block, 4)
    return _read_folder(block, order, start, depth=0)


def _read_folder(block: bytes, order: Order, start: int, *, depth: int) -> Exif:
    entries: list[Entry] = []
    folders: dict[int, Exif] = {}
    for place, tag, kind, count in _fields(block, order, start):
        if tag in SUB_FOLDERS and depth < 2:
            (target,) = struct.unpack_from(f"{order}I", block, place + 8)
            try:
                folders[tag] = _read_folder(block, order, target, depth=depth + 1)
            except ExifError:
                continue  # the rest is still worth keeping
        elif kind in TYPE_BYTES:
            value = _value(block, order, place, kind, count)
            if value is not None:
                entries.append(Entry(tag, kind, count, value))
    return Exif(order, tuple(entries), folders)


def _fields(
    block: bytes | bytearray, order: Order, start: int
) -> Iterator[tuple[int, int, int, int]]:
    """Place, tag, type and count of each entry of the folder at `start`."""
    if not 8 <= start <= len(block) - 2:
        raise ExifError("a folder outside the block")
    (number,) = struct.unpack_from(f"{order}H", block, start)
    if start + 2 + 12 * number > len(block):
        raise ExifError("a folder longer than the block")
    for index in range(number):
        place = start + 2 + 12 * index
        yield (place, *struct.unpack_from(f"{order}HHI", block, place))


def _value(block: bytes, order: Order, place: int, kind: int, count: int) -> bytes | None:
    size = TYPE_BYTES[kind] * count
    if size <= 4:
        return bytes(block[place + 8 : place + 8 + size])
    (offset,) = struct.unpack_from(f"{order}I", block, place + 8)
    return bytes(block[offset : offset + size]) if offset + size <= len(block) else None


def for_crop(block: bytes, size: Size) -> bytes:
    """The block with Orientation 1, the crop's pixel size and no thumbnail.

    The bytes are changed in place, so that every offset inside a maker note still holds. Raises
    ExifError.
    """
    order = byte_order(block)
    new = bytearray(block)
    (start,) = struct.unpack_from(f"{order}I", new, 4)
    _set_numbers(new, order, start, size, depth=0)
    after = start + 2 + 12 * struct.unpack_from(f"{order}H", new, start)[0]
    if after + 4 <= len(new):
        (thumbnail,) = struct.unpack_from(f"{order}I", new, after)
        new[after : after + 4] = bytes(4)
        if thumbnail:
            _erase_thumbnail(new, order, thumbnail)
    return bytes(new)


def _set_numbers(new: bytearray, order: Order, start: int, size: Size, *, depth: int) -> None:
    for place, tag, kind, count in _fields(new, order, start):
        if tag in SUB_FOLDERS and depth < 2:
            (target,) = struct.unpack_from(f"{order}I", new, place + 8)
            with suppress(ExifError):  # as in reading: the rest is still worth keeping
                _set_numbers(new, order, target, size, depth=depth + 1)
        elif tag == ORIENTATION and depth == 0:
            new[place + 2 : place + 12] = struct.pack(f"{order}HIHH", SHORT, 1, 1, 0)
        elif count == 1 and kind in (SHORT, LONG) and tag in (*WIDTH_TAGS, *HEIGHT_TAGS):
            number = size.width if tag in WIDTH_TAGS else size.height
            new[place + 2 : place + 12] = struct.pack(f"{order}HII", LONG, 1, number)


def _erase_thumbnail(new: bytearray, order: Order, start: int) -> None:
    """Blank the thumbnail's JPEG, and cut it off where it ends the block."""
    try:
        thumbnail = _read_folder(bytes(new), order, start, depth=2)
    except ExifError:
        return
    begin, length = (thumbnail.numbers(tag)[:1] or (0,) for tag in (0x0201, 0x0202))
    first, last = begin[0], min(begin[0] + length[0], len(new))
    if 8 <= first < last:
        new[first:last] = bytes(last - first)
        if last >= len(new) - 1:
            del new[first:]


def describing(exif: Exif) -> Exif:
    """What of a TIFF file's own tags tells about the picture."""
    return replace(exif, entries=tuple(e for e in exif.entries if e.tag in DESCRIBING))


def number(order: Order, tag: int, value: int, kind: int = LONG) -> Entry:
    """An entry of one whole number."""
    return Entry(tag, kind, 1, struct.pack(f"{order}{'H' if kind == SHORT else 'I'}", value))


def numbers(order: Order, tag: int, values: tuple[int, ...], kind: int = LONG) -> Entry:
    """An entry of several whole numbers."""
    letter = "H" if kind == SHORT else "I"
    return Entry(tag, kind, len(values), struct.pack(f"{order}{len(values)}{letter}", *values))


def header(order: Order, first_folder: int) -> bytes:
    """The eight bytes that begin a TIFF block."""
    return struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, first_folder)


def written(exif: Exif, start: int) -> bytes:
    """The folder and its sub-folders as bytes that are to stand at offset `start`."""
    tags = sorted({e.tag: e for e in exif.entries}.items())
    rows: list[tuple[int, int, int, bytes]] = [(t, e.type, e.count, e.raw) for t, e in tags]
    rows += [(tag, LONG, 1, b"") for tag in exif.folders]
    rows.sort(key=lambda row: row[0])
    after = start + 2 + 12 * len(rows) + 4
    table, heap = bytearray(struct.pack(f"{exif.order}H", len(rows))), bytearray()
    for tag, kind, count, raw in rows:
        here = after + len(heap)
        table += struct.pack(f"{exif.order}HHI", tag, kind, count)
        if tag in exif.folders:
            table += struct.pack(f"{exif.order}I", here)
            heap += written(exif.folders[tag], here)
        elif len(raw) <= 4:
            table += raw.ljust(4, b"\0")
        else:
            table += struct.pack(f"{exif.order}I", here)
            heap += raw
        heap += bytes(len(heap) % 2)  # values begin on a word boundary
    return bytes(table + bytes(4) + heap)


def block_of(exif: Exif) -> bytes:
    """A whole block, ready for a JPEG or PNG."""
    return header(exif.order, 8) + written(exif, 8)
