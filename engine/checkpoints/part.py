"""A file that is on its way: its bytes on disk, and the digest of just those."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.checkpoints.hub import HubFile

PIECE: Final = 1 << 20
GIT: Final = "git:"


class Part:
    """Opens the file, or makes it. `position` is how many bytes it has.

    Writes are unbuffered: what has been written survives the process.
    """

    def __init__(self, path: Path, file: HubFile) -> None:
        self.path = path
        self._file = file
        self._opened = path.open("ab", buffering=0)
        self._digest = _digest(file)
        self.position = self._opened.tell()

    def take_stock(self) -> Iterator[None]:
        """Work out the digest of what is there, yielding now and then."""
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                self._digest.update(piece)
                yield

    def restart(self) -> None:
        """Throw away what is there."""
        self._opened.truncate(0)
        self._digest = _digest(self._file)
        self.position = 0

    def write(self, piece: bytes) -> None:
        """Append. Raises OSError."""
        rest = memoryview(piece)
        while rest:  # an unbuffered write may be short
            count = self._opened.write(rest)
            rest = rest[count:]
        self._digest.update(piece)
        self.position += len(piece)

    @property
    def is_long_enough(self) -> bool:
        return self.position >= self._file.size

    @property
    def digest(self) -> str:
        """In the words of `HubFile.digest`."""
        prefix = GIT if self._file.digest.startswith(GIT) else ""
        return prefix + self._digest.hexdigest()

    def keep(self) -> None:
        """See that it is on the disk itself."""
        os.fsync(self._opened.fileno())

    def close(self) -> None:
        self._opened.close()


def sha256_of(path: Path) -> Iterator[int | str]:
    """Read a file: the number of bytes read each time, and last its sha256 in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            yield len(piece)
    yield digest.hexdigest()


def _digest(file: HubFile) -> hashlib._Hash:
    if not file.digest.startswith(GIT):
        return hashlib.sha256()
    # Not for safety: it is what git calls a file.
    return hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
