"""What is kept about one checkpoint, as a small JSON file that is written whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from engine.choice import Wording

NAME: Final = "venus.json"
VERSION: Final = 1


class Origin(StrEnum):
    """How a checkpoint came to be known."""

    DOWNLOADED = "downloaded"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a download: its size in bytes and its sha256 in hex.

    While it is being downloaded, `sha256` is what the hub says: for small files, which git keeps
    itself, `git:` and git's own digest.
    """

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One checkpoint. `folder` is absolute for one that was added, empty for a download, which lies
    beside its record. `revision` is the commit that was downloaded; `base` as in `Recognised`.
    """

    origin: Origin
    title: str
    entry: str = ""
    folder: str = ""
    repo: str = ""
    revision: str = ""
    family: str = ""
    model_type: str = ""
    base: str = ""
    wording: Wording = Wording.AUTO
    files: dict[str, File]

    @property
    def size(self) -> int:
        """Bytes of a download; 0 for an added folder."""
        return sum(file.size for file in self.files.values())


def write(record: Record, folder: Path) -> None:
    """Keep the record in a folder that is there. Raises OSError."""
    value = {"version": VERSION, **asdict(record)}
    temporary = folder / f".{NAME}-{secrets.token_hex(6)}.tmp"
    try:
        with temporary.open("x", encoding="utf-8") as file:
            json.dump(value, file, indent=2, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / NAME)
    finally:
        temporary.unlink(missing_ok=True)


def read(folder: Path) -> Record | None:
    """The record in a folder; None if there is none that can be read."""
    try:
        value = json.loads((folder / NAME).read_text("utf-8"))
        return _record(value) if value.pop("version") == VERSION else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _record(value: dict[str, Any]) -> Record:
    record = Record(
        **{
            **value,
            "origin": Origin(value["origin"]),
            "wording": Wording(value["wording"]),
            "files": {
                name: File(int(file["size"]), str(file["sha256"]))
                for name, file in value["files"].items()
            },
        }
    )
    texts = ("title", "entry", "folder", "repo", "revision", "family", "model_type", "base")
    if not all(isinstance(getattr(record, name), str) for name in texts):
        raise TypeError("a text of the record is none")
    return record
