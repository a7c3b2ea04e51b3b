"""Files that are never half there: written whole and then named, or a line added at the end."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

_BREAKS: Final = str.maketrans({each: f"\\u{ord(each):04x}" for each in "\x85\u2028\u2029"})
"""What `str.splitlines` takes for line ends and JSON leaves as it is."""


def as_line(data: Any) -> str:
    """JSON data on what every reader takes for one line, without its end."""
    return json.dumps(data, ensure_ascii=False).translate(_BREAKS)


def as_lines(several: Iterable[Any]) -> bytes:
    """A whole file of JSON lines."""
    return "".join(f"{as_line(each)}\n" for each in several).encode("utf-8")


def write_whole(file: Path, data: bytes) -> None:
    """Put `data` in the place of `file`, its folder made where it is missing: whoever reads sees
    the old bytes or the new ones, after a crash too. OSError where that cannot be.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        with unfinished.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()


def append_line(file: Path, line: str) -> None:
    """Add a line in one write, on the disk when this returns. OSError where that cannot be.

    A line that a crash left without its end is ended first: it costs itself, not the next one.
    """
    if "\n" in line:
        raise ValueError("a line has no line end within")
    file.parent.mkdir(parents=True, exist_ok=True)
    data = line.encode("utf-8") + b"\n"
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    descriptor = os.open(file, flags, 0o666)
    try:
        if _torn(descriptor):
            data = b"\n" + data
        while data:  # one write but where the disk is full or a signal came
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _torn(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    if size == 0:
        return False
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) != b"\n"
