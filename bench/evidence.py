"""How well what the built-in engine shows on a photo fits: masks, horizons, light, strengths.

    python -m bench.evidence [--photos DIR] [--limit N]

Masks: a cell of a mask covers the pixels that the mask, stretched over the photo, puts there, and
is truly set where any of them is clipped (a channel at 254 or above; all at 2 or below). IoU is
that of the mask with the true one of its own size; "pixel for pixel" compares the stretched mask
with the clipped pixels themselves, of which a cell may hold a single one. Half of the photos are
brightened by a stop, the others darkened by two.
Horizons: the larger distance at the two ends of the line labelled by eye, in % of the photo's
height; of the clearest level edge of the upright photo (where it is clear enough to be used), and
of the line of the tilt finding (where level lines show it) once the photo is turned by 4 degrees.
True horizons (sea, plain, far shores) and level edges of things built are counted together and
apart: of the latter a photo has several, all as true, and only one is labelled.
Light and strengths: against the photos labelled by eye (bench/labels.toml), as a check only.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians, sin
from pathlib import Path
from statistics import fmean, median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench import inject
from bench.cases import PHOTOS, ROOT, photos, read_photo
from bench.inject import Picture
from bench.labels import Label, Light, load
from bench.pool import spread
from engine.builtin.measured import Measured
from engine.builtin.observe import WORTH_MENTIONING, Observation, observe
from engine.builtin.pictures import Pictures
from engine.vocabulary import FindingKind, Line, Mask, StrengthKind

TURN: Final = 4.0
LIMIT: Final = 80
_CLEAR: Final = 0.7
"""From here on a level edge is used as the horizon (engine.builtin.conversation)."""


# ── masks ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Overlap:
    """One mask against the truth."""

    kind: str
    iou: float
    pixel_for_pixel: float
    runs: int


def pixels_of(mask: Mask) -> NDArray[np.bool_]:
    """The mask as (h, w) flags."""
    values = np.arange(len(mask.runs)) % 2 == 1
    return np.repeat(values, mask.runs).reshape(mask.height, mask.width)


def overlap(kind: FindingKind, mask: Mask, rgb: Picture) -> Overlap:
    """Compare a mask with the clipped pixels of its photo."""
    if kind is FindingKind.CLIPPED_HIGHLIGHTS:
        clipped = np.asarray((rgb >= 254).any(axis=2), bool)
    else:
        clipped = np.asarray((rgb <= 2).all(axis=2), bool)
    height, width = rgb.shape[:2]
    rows, columns = np.nonzero(clipped)
    true = np.zeros((mask.height, mask.width), bool)
    true[rows * mask.height // height, columns * mask.width // width] = True
    found = pixels_of(mask)
    row = np.arange(height) * mask.height // height
    column = np.arange(width) * mask.width // width
    return Overlap(
        str(kind), _iou(found, true), _iou(found[row][:, column], clipped), len(mask.runs)
    )


def _iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    either = int((a | b).sum())
    return int((a & b).sum()) / either if either else 1.0


def overlaps_of(numbered: tuple[int, Path]) -> list[Overlap]:
    """The masks of one photo, made brighter or darker."""
    number, path = numbered
    rgb = inject.exposed(read_photo(path), 1.0 if number % 2 else -2.0)
    return [
        overlap(o.kind, o.where.mask, rgb)
        for o in _observed(rgb)
        if isinstance(o.kind, FindingKind) and o.where.mask is not None
    ]


def _observed(rgb: Picture) -> tuple[Observation, ...]:
    return observe(Measured(Pictures.from_array(rgb)))


# ── horizons ─────────────────────────────────────────────────────────────────────────────────────


def labelled_lines(labels: Mapping[str, Label]) -> dict[str, tuple[Line, bool]]:
    """The level lines of both label files, by file name, and whether each is a true horizon."""
    table = tomllib.loads((ROOT / "bench" / "horizons.toml").read_text(encoding="utf-8"))
    lines = {
        photo["name"]: (Line(*photo["line"]), photo["by"] == "horizon")
        for photo in table["photo"]
        if photo["by"] != "uprights"
    }
    return lines | {
        name: (seen.horizon, True) for name, seen in labels.items() if seen.horizon is not None
    }


def distance(line: Line, labelled: Line) -> float:
    """The larger distance at the labelled line's ends, down the photo, in % of its height."""
    slope = (line.y2 - line.y1) / (line.x2 - line.x1)
    ends = ((labelled.x1, labelled.y1), (labelled.x2, labelled.y2))
    return max(100 * abs(line.y1 + slope * (x - line.x1) - y) for x, y in ends)


def turned(line: Line, width: int, height: int, degrees: float) -> Line:
    """Where `inject.tilted` puts a line of a width × height photo."""
    across, down = inject.inner_rectangle(width, height, degrees)
    c, s = cos(radians(degrees)), sin(radians(degrees))

    def moved(x: float, y: float) -> tuple[float, float]:
        dx, dy = (x - 0.5) * width, (y - 0.5) * height
        return (c * dx - s * dy) / across + 0.5, (s * dx + c * dy) / down + 0.5

    return Line(*moved(line.x1, line.y1), *moved(line.x2, line.y2))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the engine shows where a level line was labelled: how clear its level edge is and how
    far from the label (None where it is not clear), and how far the lines of its tilt findings.
    """

    name: str
    true_horizon: bool
    clear: float
    edge: float | None
    tilts: tuple[float, ...]

    def __str__(self) -> str:
        edge = "not clear" if self.edge is None else f"{self.edge:.2f} %"
        tilts = ", ".join(f"{tilt:.2f}" for tilt in self.tilts)
        what = "horizon" if self.true_horizon else "built"
        return f"   {self.name:22s} {what:8s} edge {self.clear:.2f} {edge:>10}   tilt {tilts}"


def shown_of(job: tuple[Path, Line, bool]) -> Shown:
    """Compare one photo's level edge, and the tilts found once it is turned, with its label."""
    path, labelled, true_horizon = job
    rgb = read_photo(path)
    sky = Measured(Pictures.from_array(rgb)).skyline
    off = distance(sky.line, labelled) if sky.best >= _CLEAR else None
    tilted = []
    for degrees in (-TURN, TURN):
        found = _of_kind(_observed(inject.tilted(rgb, degrees)), FindingKind.TILTED_HORIZON)
        line = None if found is None else found.where.line
        if found is None or line is None or found.severity < WORTH_MENTIONING:
            continue
        if found.facts["by"] == "level":
            truth = turned(labelled, rgb.shape[1], rgb.shape[0], degrees)
            tilted.append(distance(line, truth))
    return Shown(path.name, true_horizon, sky.best, off, tuple(tilted))


def _distances(shown: Sequence[Shown]) -> str:
    """How near the lines lie: all together, at true horizons, and at the edges of things built."""
    groups = (
        ("all", list(shown)),
        ("true horizons", [s for s in shown if s.true_horizon]),
        ("things built", [s for s in shown if not s.true_horizon]),
    )
    rows = []
    for title, group in groups:
        edges = [s.edge for s in group if s.edge is not None]
        tilts = [t for s in group for t in s.tilts]
        for what, values in (("level edge", edges), ("line of the tilt finding", tilts)):
            if values:
                near = fmean(v <= 1 for v in values)
                rows.append(
                    f"{what:25s} {title:14s} n {len(values):3d}   median {median(values):.2f} %"
                    f"   within 1 % {near:.2f}"
                )
    return "\n".join(rows)


# ── light and strengths ──────────────────────────────────────────────────────────────────────────


def light_of(path: Path) -> tuple[str, tuple[Observation, ...], dict[Light, bool]]:
    """Name, observations, and what the engine takes the light for."""
    measured = Measured(Pictures.from_array(read_photo(path)))
    e = measured.exposure
    told = {
        Light.BACKLIT: e.back_lit,
        Light.LOW_KEY: e.key == "low",
        Light.HIGH_KEY: e.key == "high",
    }
    return path.name, observe(measured), told


def _of_kind(seen: Sequence[Observation], kind: FindingKind | StrengthKind) -> Observation | None:
    return next((o for o in seen if o.kind is kind), None)


def _claims(name: str, pairs: Sequence[tuple[bool, bool | None]]) -> str:
    """How often something is claimed, and how often rightly; (claimed, label)."""
    claimed = [label for claim, label in pairs if claim]
    judged = [label for label in claimed if label is not None]
    right = f"{sum(judged)}/{len(judged)}" if judged else "-"
    there = sum(label is True for _, label in pairs)
    met = sum(claim for claim, label in pairs if label is True)
    return f"{name:34s} claimed {len(claimed):3d}   right {right:>7}   of those there {met}/{there}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, default=PHOTOS)
    parser.add_argument("--limit", type=int, default=LIMIT)
    arguments = parser.parse_args()
    labels = load()
    numbered = list(enumerate(photos(arguments.photos, arguments.limit)))
    overlaps = [o for done in spread(overlaps_of, numbered) for o in done]
    for kind in dict.fromkeys(o.kind for o in overlaps):
        group = [o for o in overlaps if o.kind == kind]
        enough = fmean(o.iou >= 0.9 for o in group)
        print(
            f"mask of {kind:20s} n {len(group):3d}   IoU median {median(o.iou for o in group):.3f}"
            f" least {min(o.iou for o in group):.3f} >= 0.9 {enough:.2f}"
            f"   pixel for pixel {median(o.pixel_for_pixel for o in group):.2f}"
            f"   runs median {median(o.runs for o in group):.0f} most {max(o.runs for o in group)}"
        )
    jobs = [
        (arguments.photos / name, line, true_horizon)
        for name, (line, true_horizon) in labelled_lines(labels).items()
    ]
    shown = list(spread(shown_of, [job for job in jobs if job[0].exists()]))
    print("\n".join(str(s) for s in shown))
    print(_distances(shown))
    known = [path for name in labels if (path := arguments.photos / name).exists()]
    seen = list(spread(light_of, known))
    for light in (Light.BACKLIT, Light.LOW_KEY, Light.HIGH_KEY):
        print(_claims(light, [(told[light], labels[n].light.get(light)) for n, _, told in seen]))
    for kind in (StrengthKind.WELL_EXPOSED, StrengthKind.SHARP):
        pairs = [
            (_of_kind(found, kind) is not None, labels[n].kinds.get(kind)) for n, found, _ in seen
        ]
        print(_claims(kind, pairs))
    for light in Light:
        for kind in (
            FindingKind.UNDEREXPOSED,
            FindingKind.OVEREXPOSED,
            FindingKind.COLOUR_CAST,
        ):
            found = [
                _of_kind(observed, kind) for n, observed, _ in seen if labels[n].light.get(light)
            ]
            grave = sum(o is not None and o.severity >= WORTH_MENTIONING for o in found)
            if grave:
                print(f"{light}: {kind} on {grave} of {len(found)}")


if __name__ == "__main__":
    main()
