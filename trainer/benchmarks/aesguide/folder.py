"""A benchmark folder in the official layout: a JSON file {image name: reference text}, and photos.

The photos lie in `images/` or beside the file. Scores that people gave to an engine's answers may
be told in a file of their own: {image name: {"completeness": 2, …}}, or CSV with those columns.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Final

from trainer.data.problem import DataError, Fault, Problem
from trainer.data.reading import read_json

DIMENSIONS: Final = ("completeness", "preciseness", "relevance")

Humans = Mapping[str, Mapping[str, float]]
"""Of each photo, by its name, people's score in each dimension that they judged."""


@dataclass(frozen=True, slots=True)
class Case:
    """A photo, what people wrote about it, and the SHA-256 of its file."""

    name: str
    photo: Path
    reference: str
    digest: str


def read_folder(folder: Path, references: Path | None = None) -> tuple[list[Case], list[Problem]]:
    """The cases by name, and what cannot be used. DataError where the folder is none."""
    file = references or _references(folder)
    table = read_json(file)
    if not _is_table(table):
        raise DataError(f"{file} is no table of image names and reference texts")
    found: list[Case] = []
    problems: list[Problem] = []
    for name, text in sorted(table.items()):
        photo = _photo(folder, name)
        if photo is None:
            problems.append(Problem(name, Fault.MISSING_PICTURE, f"no such photo in {folder}"))
        elif not text.strip():
            problems.append(Problem(name, Fault.EMPTY_ANSWER, "it has no reference text"))
        else:
            with photo.open("rb") as data:
                digest = hashlib.file_digest(data, "sha256").hexdigest()
            found.append(Case(name, photo, text, digest))
    if not found:
        raise DataError(f"no photo of {file} can be used")
    return found, problems


def data_hash(cases: Iterable[Case]) -> str:
    """Over names, photos and references."""
    told = [[each.name, each.digest, each.reference] for each in cases]
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()


def read_humans(file: Path) -> Humans:
    """People's scores. DataError where the file holds none, or what is no score."""
    rows = _csv_rows(file) if file.suffix.lower() == ".csv" else read_json(file)
    if not isinstance(rows, Mapping):
        raise DataError(f"{file} is no table of image names and scores")
    found: dict[str, dict[str, float]] = {}
    for name, scores in rows.items():
        if not isinstance(scores, Mapping):
            raise DataError(f"{file}: {name} has no scores")
        found[name] = {}
        for each in DIMENSIONS:
            if scores.get(each) in (None, ""):
                continue
            found[name][each] = _score(scores[each], f"{file}: {name}, {each}")
    return found


def _score(value: Any, place: str) -> float:
    try:
        score = float(value)
    except (TypeError, ValueError) as error:
        raise DataError(f"{place} is {value!r}, which is no number") from error
    if not isfinite(score) or isinstance(value, bool):
        raise DataError(f"{place} is {value!r}, which is no score")
    return score


def _references(folder: Path) -> Path:
    """The one JSON file of a folder that is such a table."""
    files = [each for each in sorted(folder.glob("*.json")) if _is_table(read_json(each))]
    if len(files) == 1:
        return files[0]
    if not files:
        raise DataError(f"{folder} holds no JSON file of image names and reference texts")
    names = ", ".join(each.name for each in files)
    raise DataError(f"{folder} holds several ({names}): choose one with --references")


def _is_table(data: Any) -> bool:
    return (
        isinstance(data, dict)
        and bool(data)
        and all(isinstance(each, str) for each in data.values())
    )


def _photo(folder: Path, name: str) -> Path | None:
    places: Sequence[Path] = (folder / "images" / name, folder / name)
    return next((each for each in places if each.is_file()), None)


def _csv_rows(file: Path) -> dict[str, Mapping[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text)
            if "image" not in (reader.fieldnames or ()):
                raise DataError(f"{file} needs a first row with the column image")
            return {row["image"]: row for row in reader}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file} cannot be read: {error}") from error
