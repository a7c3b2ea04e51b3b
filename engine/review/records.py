"""Review records: what a teacher drafted about a photo, how it was checked, and where it came from.

A file of records is JSON lines. The first one tells the format's version and the folder that the
photos' names are relative to; each further line is a `Record`. Nobody who reviews writes into it:
decisions have files of their own (`engine.review.decisions`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from engine.saving import as_lines, write_whole
from engine.vocabulary import Box
from engine.wire import WireError, from_json, to_json

VERSION: Final = 1
_HEAD: Final = "venus_records"


class ReviewError(Exception):
    """A file of records or decisions cannot be used: which one, why, and what to do."""


class Kind(StrEnum):
    """What a record drafts: analysis and guidance for a photo, or the rationale of a crop."""

    GUIDANCE = "guidance"
    RATIONALE = "rationale"


class Check(StrEnum):
    """What the second model said when it compared the draft with the photo."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The words that are judged. `impression` is the score in words; a rationale stands alone."""

    impression: str = ""
    analysis: str = ""
    guidance: str = ""
    rationale: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The check's result and reason. `first` is the draft before a correction; `rounds` counts
    the drafts that were checked.
    """

    result: Check
    reason: str = ""
    first: Draft | None = None
    rounds: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One request to a model that led to a record.

    `prompts` and `request` are SHA-256 sums: of the prompt file, and of the whole request, under
    which its answer is kept. `at` is when the answer came, in UTC; `prompt_tokens` None where the
    server does not count them.
    """

    role: str
    model: str
    prompts: str
    request: str
    at: str
    seconds: float
    answer_tokens: int
    prompt_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A draft about a photo. `box` and `better` (whether the crop improves the photo) belong to a
    rationale, `comments` (what people wrote, unchanged) to guidance.
    """

    id: str
    kind: Kind
    photo: str
    draft: Draft
    checked: Checked
    comments: tuple[str, ...] = ()
    box: Box | None = None
    better: bool | None = None
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        if self.kind is Kind.RATIONALE and (self.box is None or self.better is None):
            raise ValueError(f"record {self.id} is a rationale without a box or its verdict")

    @property
    def fingerprint(self) -> str:
        """Of the draft: a decision about other words does not hold for these."""
        return fingerprint(self.draft)


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a file in its order, and the folder that holds their photos."""

    root: Path
    records: tuple[Record, ...]

    def photo(self, record: Record) -> Path:
        """The photo's file."""
        return self.root / record.photo


def record_id(kind: Kind, photo: str, box: Box | None = None, better: bool | None = None) -> str:
    """The same for the same subject, whatever is drafted about it."""
    subject = [kind.value, photo, None if box is None else to_json(box), better]
    return _digest(subject)


def fingerprint(draft: Draft) -> str:
    """A draft's words in sixteen characters."""
    return _digest(to_json(draft))


def write_records(file: Path, records: Iterable[Record], *, root: Path) -> None:
    """Write a whole file of records, or leave the old one. OSError where that cannot be.

    The photos' folder is told relative to the file's, so that both may move together.
    """
    head = {_HEAD: VERSION, "root": _relative(root, file.parent)}
    write_whole(file, as_lines([head, *(to_json(each) for each in records)]))


def read_records(file: Path) -> Records:
    """The records of a file. ReviewError where it is none, or a line of it is broken."""
    try:
        lines = file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ReviewError(f"{file} cannot be read as UTF-8 text: {error}") from error
    root = _root(file, lines[0])
    found: dict[str, Record] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            record = from_json(Record, json.loads(line))
        except (ValueError, WireError) as error:
            raise ReviewError(
                f"{file}, line {number}, is no review record ({error}): make the file anew"
            ) from error
        if record.id in found:
            raise ReviewError(f"{file}, line {number}, repeats record {record.id}")
        found[record.id] = record
    return Records(root, tuple(found.values()))


def _root(file: Path, line: str) -> Path:
    try:
        head: Any = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or _HEAD not in head or not isinstance(head.get("root"), str):
        raise ReviewError(
            f"{file} is no file of review records: `venus-trainer annotate` makes them"
        )
    if head[_HEAD] != VERSION:
        raise ReviewError(f"{file} is of version {head[_HEAD]}, and this Venus reads {VERSION}")
    return file.parent / head["root"]


def _relative(root: Path, start: Path) -> str:
    try:
        return Path(os.path.relpath(root.absolute(), start.absolute())).as_posix()
    except ValueError:  # Windows: on another drive
        return root.absolute().as_posix()


def _digest(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
