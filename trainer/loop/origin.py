"""Which model a run began from, so that it does not go on as another one's."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final

from engine.checkpoints.weights import weight_files

_ENDS: Final = 1 << 16
"""Bytes that are read at the beginning and at the end of a file: all would take minutes."""


def fingerprint(folders: Iterable[Path]) -> str:
    """Over the configuration, and over names, sizes and ends of the files of weights."""
    digest = blake2b(digest_size=16)
    for folder in folders:
        for file in (folder / "config.json", *weight_files(folder)):
            if not file.is_file():
                continue  # an adapter has no config.json
            size = file.stat().st_size
            digest.update(f"{file.name} {size}\n".encode())
            with file.open("rb") as opened:
                digest.update(_ends(opened, size))
    return digest.hexdigest()


def _ends(file: BinaryIO, size: int) -> bytes:
    beginning = file.read(_ENDS)
    file.seek(max(len(beginning), size - _ENDS))
    return beginning + file.read()
