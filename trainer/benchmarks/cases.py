"""The photos of FLMS, FCDB and GAICD as cases to measure: where each lies, and what people drew.

The layouts are those of `trainer.data.layouts`; FLMS is read anew here, because its official rule
counts boxes that are no use for training: swapped corners, and −1 for an annotator who drew none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.photo import PhotoError, inspect
from engine.vocabulary import Box, Size
from trainer.benchmarks.rule import Edges, was_drawn
from trainer.data import layouts
from trainer.data.layouts import Annotated
from trainer.data.problem import DataError, Fault, Problem


class Benchmark(StrEnum):
    """The cropping benchmarks."""

    FLMS = "flms"
    FCDB = "fcdb"
    GAICD = "gaicd"


@dataclass(frozen=True, slots=True)
class Case:
    """One photo, its name in the set, its upright size, and the boxes in fractions of it.

    `ratings` has one for each box in GAICD and is empty elsewhere.
    """

    name: str
    photo: Path
    size: Size
    boxes: tuple[Edges, ...]
    ratings: tuple[float, ...] = ()


Found = tuple[list[Case], list[Problem]]


def flms(folder: Path) -> Found:
    """The cases of `images/` and `json/image_crops.json`, by name, and what is wrong with others.

    DataError where the table itself is missing or damaged.
    """
    table = folder / "json" / "image_crops.json"
    try:
        data = json.loads(table.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(
            f"{folder} is no FLMS folder: {table} is missing. It should hold"
            " json/image_crops.json and images/."
        ) from error
    except (OSError, ValueError) as error:
        raise DataError(f"{table} cannot be read as JSON ({error}). Copy it again.") from error
    if not isinstance(data, dict) or not data:
        raise DataError(f"{table} names no photos. Copy it again.")
    cases: list[Case] = []
    problems: list[Problem] = []
    for name, boxes in sorted(data.items()):
        if not (isinstance(boxes, list) and boxes and all(map(_is_box, boxes))):
            raise DataError(f"{table}: {name} needs boxes of left, top, right, bottom in pixels.")
        if not any(map(was_drawn, boxes)):
            problems.append(Problem(name, Fault.MALFORMED, "no annotator drew a box"))
            continue
        photo = folder / "images" / name
        try:
            size = inspect(photo).size
        except PhotoError as error:
            problems.append(Problem(str(photo), Fault.UNREADABLE_PICTURE, error.reason))
            continue
        cases.append(Case(name, photo, size, tuple(_fractions(each, size) for each in boxes)))
    return cases, problems


def fcdb(file: Path, images: Path) -> Found:
    """The cases of one of FCDB's JSON files. DataError where it cannot be read."""
    return _of(layouts.fcdb(file, images), images)


def gaicd(folder: Path, *, part: str | None = None) -> Found:
    """The cases of `images/` and `annotations/`; `part` takes those of one folder of `images/`,
    such as `test`. DataError where there are none.
    """
    found, problems = _of(layouts.gaicd(folder), folder / "images")
    cases = [each for each in found if len(each.boxes) > 1]
    problems += [
        Problem(each.name, Fault.MALFORMED, "one rated crop cannot be ranked")
        for each in found
        if len(each.boxes) < 2
    ]
    if part is None:
        return cases, problems
    chosen = [each for each in cases if each.photo.parent.name == part]
    if not chosen:
        raise DataError(f"{folder / 'images'} has no folder {part} with annotated photos")
    return chosen, problems


def spread(cases: Sequence[Case], count: int | None) -> list[Case]:
    """`count` of the cases, evenly over all of them; all for None."""
    if count is None or count >= len(cases):
        return list(cases)
    return [cases[number * len(cases) // count] for number in range(count)]


def data_hash(cases: Iterable[Case]) -> str:
    """SHA-256 over names, boxes, ratings and the photos' bytes: the same data, the same hash."""
    found = hashlib.sha256()
    for each in cases:
        found.update(f"{each.name}\n{each.boxes}\n{each.ratings}\n".encode())
        with each.photo.open("rb") as photo:
            found.update(hashlib.file_digest(photo, "sha256").digest())
    return found.hexdigest()


def _of(annotated: Iterable[Annotated | Problem], root: Path) -> Found:
    cases: list[Case] = []
    problems: list[Problem] = []
    for each in annotated:
        if isinstance(each, Problem):
            problems.append(each)
            continue
        boxes = tuple(_edges(rated.box) for rated in each.boxes)
        ratings = tuple(rated.score for rated in each.boxes if rated.score is not None)
        name = each.photo.relative_to(root).as_posix()
        cases.append(Case(name, each.photo, each.size, boxes, ratings))
    return cases, problems


def _edges(box: Box) -> Edges:
    return box.left, box.top, box.right, box.bottom


def _fractions(box: Sequence[float], size: Size) -> Edges:
    wide, high = size.width, size.height
    return box[0] / wide, box[1] / high, box[2] / wide, box[3] / high


def _is_box(box: Any) -> bool:
    return (
        isinstance(box, list)
        and len(box) == 4
        and all(isinstance(edge, int | float) for edge in box)
    )
