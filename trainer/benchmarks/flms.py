"""The FLMS cropping benchmark (Fang et al., ACM Multimedia 2014) by its official rule.

A folder holds `images/` and `json/image_crops.json`: for each image name up to ten boxes as left,
top, right, bottom in pixels. Of each photo the engine's first crop counts:

IoU     the largest over the annotators
Disp    mean over the four edges of the distance, as a fraction of width or height, to the same
        annotator; to the nearest one where several have the largest IoU
recall  the share of photos with IoU ≥ 0.75

A crop with an edge outside the photo counts IoU 0 and the smallest Disp of the full frame. A few
boxes of the published file have their corners swapped: nothing overlaps them, as in the official
script, which does not sort them either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.contract import Engine, EngineError, Opened
from engine.photo import PhotoError
from engine.vocabulary import Crop, Failed, Question, Size, Task

RECALL_IOU: Final = 0.75
_RESAMPLES: Final = 10_000
_SEED: Final = 0
_FULL: Final = (0.0, 0.0, 1.0, 1.0)

Edges = tuple[float, float, float, float]
"""Left, top, right, bottom as fractions of the photo; they may lie outside 0..1."""


class FolderError(Exception):
    """The benchmark's folder is not as it should be; the message is for people."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One photo and the boxes that annotators drew on it, in pixels."""

    path: Path
    boxes: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """How near one crop came to the annotators, and how near the full frame does."""

    iou: float
    disp: float
    full_iou: float
    full_disp: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A photo that could not be measured, and why, in words."""

    path: Path
    reason: str


def samples(folder: Path) -> list[Sample]:
    """The photos of a folder in the official layout, by name. Raises FolderError."""
    table = folder / "json" / "image_crops.json"
    try:
        data = json.loads(table.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FolderError(
            f"{folder} is no FLMS folder: {table} is missing. It should hold"
            " json/image_crops.json and images/."
        ) from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FolderError(f"{table} cannot be read as JSON ({error}). Copy it again.") from error
    if not isinstance(data, dict) or not data:
        raise FolderError(f"{table} names no photos. Copy it again.")
    return [_sample(folder, name, boxes, table) for name, boxes in sorted(data.items())]


def _sample(folder: Path, name: str, boxes: Any, table: Path) -> Sample:
    fine = isinstance(boxes, list) and boxes and all(_is_box(box) for box in boxes)
    if not fine:
        raise FolderError(f"{table}: {name} needs boxes of left, top, right, bottom in pixels.")
    return Sample(folder / "images" / name, tuple(tuple(box) for box in boxes))


def _is_box(box: Any) -> bool:
    return (
        isinstance(box, list)
        and len(box) == 4
        and all(isinstance(edge, int | float) for edge in box)
    )


# ── the rule ─────────────────────────────────────────────────────────────────────────────────────


def compare(edges: Edges, sample: Sample, size: Size) -> tuple[float, float]:
    """IoU and Disp of a crop by the official rule."""
    drawn = np.array(sample.boxes, dtype=np.float64)
    drawn /= (size.width, size.height, size.width, size.height)
    if not (0 <= edges[0] < edges[2] <= 1 and 0 <= edges[1] < edges[3] <= 1):
        return 0.0, float(_displacements(_FULL, drawn).min())
    overlaps, apart = _overlaps(edges, drawn), _displacements(edges, drawn)
    best = overlaps >= overlaps.max() - 1e-12
    return float(overlaps.max()), float(apart[best].min())


def _overlaps(edges: Edges, drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    width = np.minimum(edges[2], drawn[:, 2]) - np.maximum(edges[0], drawn[:, 0])
    height = np.minimum(edges[3], drawn[:, 3]) - np.maximum(edges[1], drawn[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    own = (edges[2] - edges[0]) * (edges[3] - edges[1])
    others = (drawn[:, 2] - drawn[:, 0]) * (drawn[:, 3] - drawn[:, 1])
    return np.where(shared > 0, shared / np.where(shared > 0, own + others - shared, 1), 0)


def _displacements(edges: Edges, drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(drawn - np.array(edges)).mean(axis=1)


# ── measuring ────────────────────────────────────────────────────────────────────────────────────


def measure(engine: Engine, chosen: Sequence[Sample]) -> Iterator[Measured | Unmeasured]:
    """One result a photo, in order, as it is there; the engine must be loaded."""
    for sample in chosen:
        try:
            yield _measure_one(engine, sample)
        except (PhotoError, EngineError) as error:
            yield Unmeasured(sample.path, f"{error.reason} {error.remedy}".strip())


def _measure_one(engine: Engine, sample: Sample) -> Measured:
    started = perf_counter()
    opened = next(step for step in engine.open(sample.path, _never) if isinstance(step, Opened))
    try:
        crop = _first_crop(engine, opened.conversation)
        seconds = perf_counter() - started
    finally:
        engine.close(opened.conversation)
    iou, disp = compare(_edges(crop), sample, opened.size)
    full_iou, full_disp = compare(_FULL, sample, opened.size)
    return Measured(iou, disp, full_iou, full_disp, seconds)


def _first_crop(engine: Engine, conversation: Any) -> Crop:
    question = Question(id=1, task=Task.CROP, count=1)
    crops: list[Crop] = []
    for answered in engine.ask(conversation, (question,), _never):
        match answered.event:
            case Crop():
                crops.append(answered.event)
            case Failed(code, reason, remedy):
                raise EngineError(code, reason, remedy)
            case _:
                pass
    if not crops:
        raise EngineError("no_crop", "The engine gave no crop.", "")
    return crops[0]


def _edges(crop: Crop) -> Edges:
    left, top, right, bottom = crop.box
    return left, top, right, bottom


def _never() -> bool:
    return False


# ── the summary ──────────────────────────────────────────────────────────────────────────────────


def summary(engine_name: str, measured: Sequence[Measured]) -> dict[str, Any]:
    """The object that `--json` prints; FolderError where nothing was measured."""
    if not measured:
        raise FolderError("No photo could be measured.")
    iou = np.array([each.iou for each in measured])
    full = np.array([each.full_iou for each in measured])
    low, high = paired_interval(iou - full)
    return {
        "engine": engine_name,
        "photos": len(measured),
        "iou": float(iou.mean()),
        "disp": float(np.mean([each.disp for each in measured])),
        "recall": float((iou >= RECALL_IOU).mean()),
        "seconds_per_photo": float(np.mean([each.seconds for each in measured])),
        "gain_over_full_frame": {"iou": float((iou - full).mean()), "low": low, "high": high},
        "baseline": {
            "iou": float(full.mean()),
            "disp": float(np.mean([each.full_disp for each in measured])),
            "recall": float((full >= RECALL_IOU).mean()),
        },
    }


def paired_interval(
    gains: NDArray[np.float64], *, seed: int = _SEED, resamples: int = _RESAMPLES
) -> tuple[float, float]:
    """The 95 % interval of a mean of paired differences, by the percentile bootstrap."""
    rng = np.random.default_rng(seed)
    means = [float(rng.choice(gains, gains.size).mean()) for _ in range(resamples)]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def as_table(result: Mapping[str, Any]) -> str:
    """The summary for people."""
    gain, base = result["gain_over_full_frame"], result["baseline"]
    rows = (
        (f"{'':<14}{'IoU':>8}{'Disp':>9}{'recall':>9}",),
        (_row("full frame", base),),
        (_row(str(result["engine"]), result),),
        ("",),
        (f"gain {gain['iou']:+.4f} IoU (95 %: {gain['low']:+.4f} … {gain['high']:+.4f})",),
        (f"{result['photos']} photos, {1000 * result['seconds_per_photo']:.0f} ms each",),
    )
    return "\n".join(line for (line,) in rows)


def _row(name: str, values: Mapping[str, Any]) -> str:
    return f"{name:<14}{values['iou']:>8.4f}{values['disp']:>9.4f}{values['recall']:>9.3f}"
