"""Photos with what people wrote about them, from JSON lines or CSV.

JSONL   {"photo": "a.jpg", "comments": ["…", "…"]}, or one text; further keys are left alone
CSV     a header with the columns photo and comments; further columns are left alone

A photo that comes again adds its comments to the earlier ones.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.data.problem import DataError, Fault, Problem


@dataclass(frozen=True, slots=True)
class Commented:
    """A photo, by its path relative to the file's root, and its comments."""

    photo: str
    comments: tuple[str, ...]


def read_comments(file: Path) -> tuple[list[Commented], list[Problem]]:
    """The photos of a file in its order, and the rows that are none. DataError if unreadable."""
    rows = _csv(file) if file.suffix.lower() == ".csv" else _jsonl(file)
    found: dict[str, list[str]] = {}
    problems: list[Problem] = []
    try:
        for where, row in rows:
            fault = _fault(row)
            if fault is not None:
                problems.append(Problem(f"{file.name}: {where}", Fault.MALFORMED, fault))
                continue
            comments = row["comments"]
            several = [comments] if isinstance(comments, str) else comments
            told = found.setdefault(row["photo"].strip(), [])
            told += [each.strip() for each in several if each.strip() and each.strip() not in told]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file} cannot be read as UTF-8 text: {error}") from error
    for photo in [photo for photo, told in found.items() if not told]:
        problems.append(Problem(photo, Fault.EMPTY_ANSWER, "it has no comments"))
        del found[photo]
    return [Commented(photo, tuple(told)) for photo, told in found.items()], problems


def _jsonl(file: Path) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(file.read_text("utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", json.loads(line)
        except ValueError:
            yield f"line {number}", None


def _csv(file: Path) -> Iterator[tuple[str, Any]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text)
        if not {"photo", "comments"} <= set(reader.fieldnames or ()):
            raise DataError(f"{file} needs a first row with the columns photo and comments")
        for row in reader:
            yield f"line {reader.line_num}", row


def _fault(row: Any) -> str | None:
    """What is wrong with a row, if anything is."""
    if not isinstance(row, dict):
        return "it is no JSON object"
    photo, comments = row.get("photo"), row.get("comments")
    if not isinstance(photo, str) or not photo.strip():
        return "it names no photo"
    if isinstance(comments, str):
        return None
    if not isinstance(comments, list) or not all(isinstance(each, str) for each in comments):
        return "its comments are no text and no list of texts"
    return None
