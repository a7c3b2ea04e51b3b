"""Weight files by names and headers, without torch: which there are, and whether any is cut."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

INDEXES: Final = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
SINGLES: Final = ("model.safetensors", "pytorch_model.bin")
SHARDS: Final = ("model-*-of-*.safetensors", "pytorch_model-*-of-*.bin")
ADAPTERS: Final = ("adapter_model.safetensors", "adapter_model.bin")

LONGEST_HEADER: Final = 100_000_000
"""Bytes of JSON that a safetensors file may begin with, by its format."""

LEGACY_START: Final = b"\x80"
"""How torch's older files begin, which are one pickle after the other: their end cannot be told."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a checkpoint: the file's name, the reason, and the remedy."""

    file: str
    reason: str
    remedy: str


COPY_AGAIN: Final = "Copy it again from where the checkpoint came from."


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The files in the folder that have a name of weights or that an index names, sorted."""
    names = (*SINGLES, *SHARDS, *ADAPTERS)
    files = {file for name in names for file in folder.glob(name)}
    for index in INDEXES:
        for shard in set((_named(folder / index) or {}).values()):
            if (folder / shard).is_file():
                files.add(folder / shard)
    return tuple(sorted(files))


def problems_of(folder: Path) -> Iterator[Problem]:
    """What is wrong with the weights of a folder: shards that an index names and that are not
    there or lack their tensors, and files that are cut. Reads headers only.
    """
    held: dict[str, frozenset[str] | None] = {}
    for file in weight_files(folder):
        held[file.name], problem = _tensors(file)
        if problem is not None:
            yield problem
    for index in INDEXES:
        if (folder / index).is_file():
            yield from _problems_of_index(folder / index, held)


def _problems_of_index(index: Path, held: dict[str, frozenset[str] | None]) -> Iterator[Problem]:
    named = _named(index)
    if named is None:
        yield Problem(index.name, "It is not a readable index of weights.", COPY_AGAIN)
        return
    for shard in sorted(set(named.values())):
        wanted = {tensor for tensor, place in named.items() if place == shard}
        if shard not in held:
            yield Problem(
                shard,
                f"It is not there, and {index.name} expects {len(wanted)} tensors in it.",
                COPY_AGAIN,
            )
        elif (tensors := held[shard]) is not None and (lacking := wanted - tensors):
            yield Problem(
                shard,
                f"It lacks {len(lacking)} tensors that {index.name} expects in it, such as"
                f" {min(lacking)}.",
                "It belongs to another checkpoint or index: copy both from the same place.",
            )


def _named(index: Path) -> dict[str, str] | None:
    """Tensor → shard, as an index has it; None if it cannot be read."""
    try:
        named = json.loads(index.read_text("utf-8"))["weight_map"]
        return {str(tensor): str(shard) for tensor, shard in named.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _tensors(file: Path) -> tuple[frozenset[str] | None, Problem | None]:
    """The names that a file holds (None where only torch could tell), and what is wrong with it."""
    try:
        return _in_safetensors(file) if file.suffix == ".safetensors" else _in_bin(file)
    except OSError as error:
        reason = f"It cannot be read ({error.strerror or 'no reason was given'})."
        return None, Problem(file.name, reason, "Check the disk, then copy it again.")


def _in_safetensors(file: Path) -> tuple[frozenset[str] | None, Problem | None]:
    """A safetensors file: eight bytes of length, a JSON header, and the data that it describes."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        raw = opened.read(length) if 0 < length <= min(LONGEST_HEADER, size) else b""
    header = _header(raw)
    if header is None:
        return None, Problem(file.name, "Its header cannot be read.", COPY_AGAIN)
    tensors = {name: value for name, value in header.items() if name != "__metadata__"}
    try:
        end = max((int(value["data_offsets"][1]) for value in tensors.values()), default=0)
    except (KeyError, TypeError, ValueError, IndexError):
        return None, Problem(file.name, "Its header cannot be read.", COPY_AGAIN)
    names = frozenset(tensors)
    expected = 8 + length + end
    if size < expected:
        reason = f"It is cut: {size} bytes of {expected} are there."
        return names, Problem(file.name, reason, COPY_AGAIN)
    if size > expected:
        reason = f"It has {size - expected} bytes more than its header describes."
        return names, Problem(file.name, reason, COPY_AGAIN)
    return names, None


def _header(raw: bytes) -> dict[str, Any] | None:
    try:
        header = json.loads(raw)
    except ValueError:
        return None
    return header if isinstance(header, dict) else None


def _in_bin(file: Path) -> tuple[frozenset[str] | None, Problem | None]:
    """A file of torch's: a zip archive, whose directory is at its end, or the older format."""
    if zipfile.is_zipfile(file):
        return None, None
    with file.open("rb") as opened:
        start = opened.read(1)
    if start == LEGACY_START:
        return None, None
    reason = "It is cut, or no file of torch's." if start else "It is empty."
    return None, Problem(file.name, reason, COPY_AGAIN)
