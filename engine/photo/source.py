"""A file's bytes, read once and only if it is a regular file, and what their first ones say."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from engine.photo.errors import UNSUPPORTED_REMEDY, PhotoError

MAX_BYTES: Final = 2 * 1024**3
"""Larger files are refused: the bytes are held in memory, and no camera writes such a picture."""

HEAD_BYTES: Final = 64
"""Enough of a file to know its format."""

# fmt: off
RAW_SUFFIXES: Final = frozenset((
    ".3fr", ".ari", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq",
    ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2",
    ".rwl", ".sr2", ".srf", ".srw", ".x3f",
))

OPENABLE_SUFFIXES: Final = RAW_SUFFIXES | frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".tif", ".tiff", ".bmp",
    ".dib", ".gif", ".heic", ".heif",
))
# fmt: on
"""Suffixes, in lower case, of files worth offering to a photographer."""

_RAW_MAGIC: Final = (
    b"FUJIFILMCCD-RAW",
    b"FOVb",
    b"\0MRM",
    b"IIU\0",
    b"IIRO",
    b"IIRS",
    b"MMOR",
)
_HEIF_BRANDS: Final = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"))
_OTHERS: Final = (
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"PK\x03\x04", "an archive or a document"),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance HDR picture"),
    (b"gimp xcf", "a GIMP document"),
)


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, open for reading. Nothing but a regular file of a bearable size is opened: a pipe
    or a device would block.
    """
    _check(path, _stat(path))
    # Not blocking, and looked at again once open: the name may have changed hands since.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise _unreadable(path, error) from error
    with os.fdopen(descriptor, "rb") as file:
        _check(path, os.fstat(descriptor))
        yield file


def read_bytes(path: Path) -> bytes:
    """The whole file."""
    with opened(path) as file:
        try:
            data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise _unreadable(path, error) from error
    if len(data) > MAX_BYTES:
        raise _too_many_bytes(path)
    if not data:
        raise _empty(path)
    return data


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise _unreadable(path, error) from error


def _check(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise PhotoError(path, "not_a_file", "This is a folder.", "Choose a photo inside it.")
    if not stat.S_ISREG(status.st_mode):
        reason = "This is a device, a pipe or a socket, not a file."
        raise PhotoError(path, "not_a_file", reason, "Choose a picture file.")
    if status.st_size == 0:
        raise _empty(path)
    if status.st_size > MAX_BYTES:
        raise _too_many_bytes(path)


def _unreadable(path: Path, error: OSError | ValueError) -> PhotoError:
    if isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
        reason = "There is no file of this name."
        return PhotoError(path, "missing", reason, "Check the name, or whether it was moved.")
    if isinstance(error, PermissionError):
        reason = "You are not allowed to read this file."
        return PhotoError(path, "unreadable", reason, "Change its permissions, or copy it.")
    reason = f"The system cannot read this file ({error.strerror or 'unknown cause'})."
    remedy = "Check the disk or the network drive, then try again."
    return PhotoError(path, "unreadable", reason, remedy)


def _empty(path: Path) -> PhotoError:
    remedy = "Copy it again from the camera or from a backup."
    return PhotoError(path, "empty", "The file is empty.", remedy)


def _too_many_bytes(path: Path) -> PhotoError:
    remedy = "Save a smaller version of it and open that."
    return PhotoError(path, "too_large", "The file is larger than 2 GB.", remedy)


def kind_of(data: bytes, path: Path) -> str:
    """The name of the format that the first bytes show ("JPEG", "RAW" …); PhotoError where it is
    none that can be read.
    """
    head = data[:HEAD_BYTES]
    raw_name = path.suffix.lower() in RAW_SUFFIXES
    if head.startswith(b"\xff\xd8"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith(_RAW_MAGIC) or head[4:12] == b"ftypcrx " or head[8:10] == b"CR":
        return "RAW"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "RAW" if raw_name else "TIFF"
    if head.startswith(b"BM"):
        return "BMP"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "HEIF"
    if raw_name and b"\0" in head:
        return "RAW"
    raise _not_ours(path, head)


def _not_ours(path: Path, head: bytes) -> PhotoError:
    name = next((words for magic, words in _OTHERS if head.startswith(magic)), None)
    if head[4:8] == b"ftyp":
        name = "an AVIF picture" if head[8:12] in (b"avif", b"avis") else "a video"
    if head.lstrip().lower().startswith((b"<svg", b"<?xml")):
        name = "an SVG drawing or another XML document"
    if name is not None:
        reason = f"This is {name}, which Venus cannot read."
        return PhotoError(path, "unsupported", reason, UNSUPPORTED_REMEDY)
    reason = "This is not a picture."
    remedy = "Choose a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or RAW file."
    return PhotoError(path, "not_a_picture", reason, remedy)
