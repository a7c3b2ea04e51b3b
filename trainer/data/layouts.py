"""Crop boxes of others, in the layouts that they were published in.

FLMS   images/, json/image_crops.json: {name: [[left, top, right, bottom], …]}, pixels
       (Fang et al., ACM Multimedia 2014)
FCDB   cropping_training_set.json or cropping_testing_set.json: [{"url", "crop": [x, y, w, h]}, …],
       pixels; the picture has the last part of the url as its name (Chen et al., WACV 2017)
GAICD  annotations/**/NAME.txt: lines of top, left, bottom, right, score (about 1..5; −2: not
       rated); images/**/NAME.* (Zeng et al., CVPR 2019)
CPC    one text file a picture: a JSON text in a JSON string, {"scores": [[…] a box], "bboxes":
       [[left, top, right, bottom], …]}, pixels, every box rated by several people (Wei et al.,
       CVPR 2018)

Each function yields what it read, or a `Problem`, in a stable order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.photo import OPENABLE_SUFFIXES, PhotoError, inspect
from engine.vocabulary import Box, Size
from trainer.data.problem import DataError, Fault, Problem
from trainer.data.reading import read_json

UNRATED: Final = -2.0


@dataclass(frozen=True, slots=True)
class Rated:
    """A box with what its raters gave it, in the layout's own units; None where it has no score."""

    box: Box
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Annotated:
    """One photo of a set and the boxes that people drew or rated on it."""

    photo: Path
    size: Size
    boxes: tuple[Rated, ...]


Found = Annotated | Problem

Rows = Sequence[tuple[float | None, tuple[float, ...]]]
"""Scores and edges (left, top, right, bottom) in pixels."""


def flms(folder: Path) -> Iterator[Found]:
    """FLMS: every box was drawn as a good crop."""
    crops = read_json(folder / "json" / "image_crops.json")
    if not isinstance(crops, Mapping):
        raise DataError(f"{folder / 'json' / 'image_crops.json'} is no table of photos")
    for name in sorted(crops):
        rows = [(None, tuple(row)) for row in crops[name]]
        yield from _annotated(folder / "images" / name, rows)


def fcdb(file: Path, images: Path) -> Iterator[Found]:
    """FCDB: one box a photo, drawn by one person and approved by others."""
    entries = read_json(file)
    if not isinstance(entries, list):
        raise DataError(f"{file} is no list of crops")
    for entry in entries:
        if not isinstance(entry, Mapping) or len(entry.get("crop", ())) != 4:
            yield Problem(f"{file.name}: {entry!r:.60}", Fault.MALFORMED, "it has no crop of four")
            continue
        left, top, width, height = entry["crop"]
        name = str(entry.get("url", "")).rpartition("/")[2]
        yield from _annotated(images / name, [(None, (left, top, left + width, top + height))])


def gaicd(folder: Path) -> Iterator[Found]:
    """GAICD: about 86 rated boxes a photo; those that nobody rated are left out."""
    pictures = _pictures(folder / "images")
    files = sorted((folder / "annotations").rglob("*.txt"))
    if not files:
        raise DataError(f"{folder / 'annotations'} holds no annotation (*.txt) of GAICD's layout")
    for file in files:
        rows: list[tuple[float | None, tuple[float, ...]]] = []
        try:
            for line in file.read_text("utf-8").splitlines():
                if line.strip():
                    top, left, bottom, right, score = map(float, line.split())
                    if score != UNRATED:
                        rows.append((score, (left, top, right, bottom)))
        except ValueError:
            yield Problem(str(file), Fault.MALFORMED, "a line is not five numbers")
            continue
        picture = pictures.get(file.stem)
        if picture is None:
            yield Problem(str(file), Fault.MISSING_PICTURE, f"no picture {file.stem} in images")
            continue
        yield from _annotated(picture, rows)


def cpc(annotations: Path, images: Path) -> Iterator[Found]:
    """CPC: 24 views a photo; a view's score is the mean of its raters'."""
    pictures = _pictures(images)
    files = sorted(annotations.glob("*.txt"))
    if not files:
        raise DataError(f"{annotations} holds no annotation (*.txt) of CPC's layout")
    for file in files:
        try:
            data = read_json(file)
            data = json.loads(data) if isinstance(data, str) else data
            views = zip(data["scores"], data["bboxes"], strict=True)
            rows = tuple((sum(votes) / len(votes), tuple(box)) for votes, box in views)
        except (DataError, ValueError, TypeError, KeyError, ZeroDivisionError):
            yield Problem(str(file), Fault.MALFORMED, "it holds no scores and bboxes of one length")
            continue
        name = file.name.removesuffix(".txt")
        picture = pictures.get(Path(name).stem) or pictures.get(name)
        if picture is None:
            yield Problem(str(file), Fault.MISSING_PICTURE, f"no picture {name} in {images}")
            continue
        yield from _annotated(picture, rows)


def good_boxes(annotated: Annotated, *, share: float = 0.1) -> tuple[Box, ...]:
    """The crops to learn from: all drawn ones; of rated ones the best `share`, one at least."""
    rated = [each for each in annotated.boxes if each.score is not None]
    if not rated:
        return tuple(each.box for each in annotated.boxes)
    ranked = sorted(rated, key=lambda each: -(each.score or 0.0))
    return tuple(each.box for each in ranked[: max(1, round(len(ranked) * share))])


def _annotated(picture: Path, rows: Rows) -> Iterator[Found]:
    if not picture.is_file():
        yield Problem(picture.name, Fault.MISSING_PICTURE, f"there is no {picture}")
        return
    try:
        size = inspect(picture).size
    except PhotoError as error:
        yield Problem(picture.name, Fault.UNREADABLE_PICTURE, error.reason)
        return
    boxes: list[Rated] = []
    for score, edges in rows:
        try:
            boxes.append(Rated(_fractions(edges, size), score))
        except ValueError as error:
            yield Problem(picture.name, Fault.BOX_OUTSIDE, f"{edges}: {error}")
    if boxes:
        yield Annotated(picture, size, tuple(boxes))


def _fractions(edges: tuple[float, ...], size: Size) -> Box:
    """Pixels as fractions; ValueError for less or more than four, swapped, or far outside.

    Published boxes often end a pixel beyond the photo: that much is brought inside.
    """
    if len(edges) != 4:
        raise ValueError("it has not four edges")
    wide, high = size.width, size.height
    left, top, right, bottom = edges
    if min(left, top) < -2 or right > wide + 2 or bottom > high + 2:
        raise ValueError(f"it does not lie in a photo of {wide} × {high} pixels")
    return Box(
        max(left, 0) / wide, max(top, 0) / high, min(right, wide) / wide, min(bottom, high) / high
    )


def _pictures(folder: Path) -> dict[str, Path]:
    """Pictures below a folder by their names without endings."""
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}")
    files = sorted(each for each in folder.rglob("*") if each.suffix.lower() in OPENABLE_SUFFIXES)
    return {each.stem: each for each in files}
