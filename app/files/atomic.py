"""Writing a whole new file or none: a temporary file first, then its name, never over a file."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from app.files.errors import ExportError, export_error
from engine.stop import Stop

LINKLESS: Final = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EOPNOTSUPP)
"""What a file system without hard links (FAT, some network shares) answers to one."""

NUMBERED: Final = re.compile(r"^(?P<stem>.*) \((?P<number>\d+)\)$")
PIECE: Final = 1 << 20


def write_new(target: Path, pieces: Iterable[bytes], *, exact: bool, stop: Stop) -> Path:
    """Write the pieces to a new file and give its path.

    Where `target` exists, "name (2).jpg" and so on is taken; with `exact`, that is an error
    `exists`. The file appears under its name only once all of it is on the disk. Raises
    ExportError, also when `stop` turns true; nothing is left behind then.
    """
    temporary = target.with_name(f".venus-{secrets.token_hex(6)}.tmp")
    try:
        _write(temporary, pieces, target, stop)
        for name in (target,) if exact else candidates(target):
            if _name(temporary, name):
                return name
        raise ExportError(
            target,
            "exists",
            "A file of this name is already there.",
            "Choose another name; Venus never writes over a file.",
        )
    except OSError as error:
        raise export_error(target, error) from error
    finally:
        with suppress(FileNotFoundError, NotADirectoryError):
            temporary.unlink()


def _write(temporary: Path, pieces: Iterable[bytes], target: Path, stop: Stop) -> None:
    # os.open and not tempfile: the file gets the permissions that any new file of this user has.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _binary(), 0o666)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            view = memoryview(piece)
            for start in range(0, len(view), PIECE):
                if stop():
                    raise stopped(target)
                file.write(view[start : start + PIECE])
        file.flush()
        os.fsync(file.fileno())


def _binary() -> int:
    return getattr(os, "O_BINARY", 0)  # Windows only


def _name(temporary: Path, name: Path) -> bool:
    """Give the finished file its name; False where the name is taken. Never over a file."""
    if os.name == "nt":
        return _renamed(temporary, name)
    try:
        name.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in LINKLESS:
            raise
        return _reserved_and_replaced(temporary, name)
    return True


def _renamed(temporary: Path, name: Path) -> bool:
    """Windows: a rename refuses a name that is taken."""
    try:
        temporary.rename(name)
    except FileExistsError:
        return False
    return True


def _reserved_and_replaced(temporary: Path, name: Path) -> bool:
    """Without hard links: make the name ours with an empty file that only we can have made."""
    try:
        with name.open("xb"):
            pass
    except FileExistsError:
        return False
    try:
        temporary.replace(name)
    except OSError:
        name.unlink()
        raise
    return True


def candidates(target: Path, limit: int = 10_000) -> Iterable[Path]:
    """name.jpg, name (2).jpg, name (3).jpg, …; a number that is already there goes on."""
    yield target
    match = NUMBERED.match(target.stem)
    stem, first = (match["stem"], int(match["number"]) + 1) if match else (target.stem, 2)
    for number in range(first, first + limit):
        yield target.with_name(f"{stem} ({number}){target.suffix}")


def stopped(path: Path) -> ExportError:
    """The error of an export that was told to stop."""
    return ExportError(path, "stopped", "The export was stopped.", "Start it again when you like.")
