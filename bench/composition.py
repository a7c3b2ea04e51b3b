"""How often the built-in engine is right about composition, on photos that were labelled by eye.

    python -m bench.composition [--photos DIR] [--named]

For each kind: how often it is claimed (of all labelled photos), how many claims have a label and
are right, with Wilson's 95 % interval, and how many claims are on photos where the label leaves
the kind open because two good teachers would disagree. `--named` lists the photos of each claim.
Then how well the area that stands out agrees with the labelled subject, and whether proposals
2–5 keep more of the subject and less of the distraction than centred boxes of their sizes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Final

import cv2
import numpy as np

from bench.cases import PHOTOS, read_photo
from bench.labels import KINDS, Kind, Label, load
from engine.builtin.composition.compose import compose
from engine.builtin.crops.cropper import Hints, Proposal, proposals
from engine.builtin.crops.scene import Scene, scene
from engine.builtin.measure.skyline import skyline
from engine.builtin.observe import Observation
from engine.builtin.pictures import REDUCED_SIDE, fitted
from engine.geometry import iou, kept
from engine.vocabulary import Box, Question, Size, StrengthKind, Task

BAR: Final = 0.8
ELSEWHERE: Final = (StrengthKind.WELL_EXPOSED, StrengthKind.SHARP)
"""Strengths that need the full resolution; they are not judged here."""
_NORMAL: Final = 1.96


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the engine says of one labelled photo."""

    label: Label
    scene: Scene
    observations: tuple[Observation, ...]
    crops: tuple[Proposal, ...]


def look(path: Path, label: Label) -> Seen:
    """The engine's answer about one photo; ValueError where the file is no picture."""
    rgb = read_photo(path)
    size = Size(rgb.shape[1], rgb.shape[0])
    reduced = fitted(rgb, REDUCED_SIDE)
    found = scene(reduced, size)
    grey = np.asarray(cv2.cvtColor(reduced, cv2.COLOR_RGB2GRAY), np.uint8)
    seen = compose(found, skyline(grey))
    question = Question(id=0, task=Task.CROP)
    crops = proposals(found.posterior, size, question, stand=found.stand, hints=Hints())
    return Seen(label, found, seen, crops)


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927); 0..1 where nothing was counted."""
    if count == 0:
        return 0.0, 1.0
    share, square = right / count, _NORMAL**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = sqrt(share * (1 - share) / count + square / (4 * count**2))
    reach = _NORMAL * spread / (1 + square / count)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def print_kinds(photos: Sequence[Seen], *, named: bool) -> None:
    """One row for each kind, then what falls short."""
    print(
        f"{'kind':<22} {'claims':>6} {'open':>5} {'right':>7}  share  95 % interval  labelled true"
    )
    short = []
    for kind in KINDS:
        if kind in ELSEWHERE:
            continue
        claimed = [each for each in photos if any(o.kind == kind for o in each.observations)]
        judged = [each for each in claimed if kind in each.label.kinds]
        right = sum(each.label.kinds[kind] for each in judged)
        low, high = wilson(right, len(judged))
        share = f"{right / len(judged):.2f}" if judged else "  – "
        true = sum(each.label.kinds.get(kind, False) for each in photos)
        print(
            f"{kind:<22} {len(claimed):>6} {len(claimed) - len(judged):>5}"
            f" {right:>3}/{len(judged):<3}  {share}   {low:.2f} – {high:.2f}    {true:>6}"
        )
        if judged and right < BAR * len(judged):
            short.append(kind)
        if named:
            _print_named(kind, claimed)
    print(f"below {BAR:.0%}: {', '.join(short) or 'none'}; photos: {len(photos)}")


def _print_named(kind: Kind, claimed: Sequence[Seen]) -> None:
    for each in claimed:
        verdict = {True: "right", False: "wrong", None: "open"}[each.label.kinds.get(kind)]
        print(f"    {verdict:<6} {each.label.photo}: {each.label.about}")


def print_stand_out(photos: Sequence[Seen]) -> None:
    """The area that stands out against the labelled subject."""
    pairs = [
        (each.label.subject, each.scene.stand)
        for each in photos
        if each.label.subject is not None and each.scene.stand is not None
    ]
    if not pairs:
        return
    overlap = [iou(subject, stand.box) for subject, stand in pairs]
    inside = fmean(_holds(subject, stand.centre) for subject, stand in pairs)
    print(f"\narea that stands out, {len(pairs)} photos with a labelled subject")
    print(f"    IoU mean {fmean(overlap):.3f}, median {median(overlap):.3f}")
    print(f"    its centre inside the subject {inside:.2f}")
    sure = [
        (each.label.subject, o.where.boxes[0])
        for each in photos
        for o in each.observations
        if o.kind is StrengthKind.STRONG_SUBJECT and each.label.subject is not None
    ]
    if sure:
        overlap = [iou(subject, box) for subject, box in sure]
        inside = fmean(_holds(subject, box.centre) for subject, box in sure)
        print(
            f"    where strong_subject is claimed ({len(sure)}): IoU {fmean(overlap):.3f},", end=""
        )
        print(f" centre inside {inside:.2f}")


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box.left <= point[0] <= box.right and box.top <= point[1] <= box.bottom


def print_proposals(photos: Sequence[Seen]) -> None:
    """What proposals 2–5 keep, beside centred boxes of the same sizes on the same photos."""
    subject, distraction = [], []
    for each in photos:
        bold = [proposal.box for proposal in each.crops[1:]]
        if not bold:
            continue
        if each.label.subject is not None:
            subject.append(_gain((each.label.subject,), bold))
        if each.label.distractions:
            distraction.append(_gain(each.label.distractions, bold))
    print("\nproposals 2–5 less centred boxes of the same sizes, mean over photos")
    print(f"    labelled subject kept      {_paired(subject)}   (more is better)")
    print(f"    labelled distraction kept  {_paired(distraction)}   (less is better)")


def _gain(parts: Sequence[Box], crops: Sequence[Box]) -> tuple[float, float]:
    """The share of the parts that the crops keep, and what centred boxes of their sizes keep."""
    fixed = [_centred(crop) for crop in crops]
    return (
        fmean(kept(part, crop) for part in parts for crop in crops),
        fmean(kept(part, crop) for part in parts for crop in fixed),
    )


def _centred(box: Box) -> Box:
    return Box(0.5 - box.width / 2, 0.5 - box.height / 2, 0.5 + box.width / 2, 0.5 + box.height / 2)


def _paired(pairs: Sequence[tuple[float, float]]) -> str:
    if len(pairs) < 2:
        return f"{len(pairs)} photos: nothing to say"
    apart = [own - fixed for own, fixed in pairs]
    reach = _NORMAL * stdev(apart) / sqrt(len(apart))
    return (
        f"{fmean(own for own, _ in pairs):.3f} − {fmean(fixed for _, fixed in pairs):.3f}"
        f" = {fmean(apart):+.3f} ± {reach:.3f} ({len(pairs)} photos)"
    )


def looked_at(folder: Path, labels: Mapping[str, Label]) -> list[Seen]:
    """The engine's answers about all labelled photos of a folder."""
    return [look(folder / name, label) for name, label in labels.items()]


def main() -> int:
    """Print all figures; 1 where the photos are not at hand."""
    parser = argparse.ArgumentParser(description="How often composition claims are right.")
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="the folder of the photos")
    parser.add_argument("--named", action="store_true", help="name the photos of each claim")
    options = parser.parse_args()
    if not options.photos.is_dir():
        print(f"{options.photos} is not there: nothing to measure on", file=sys.stderr)
        return 1
    photos = looked_at(options.photos, load())
    print_kinds(photos, named=options.named)
    print_stand_out(photos)
    print_proposals(photos)
    return 0


if __name__ == "__main__":
    sys.exit(main())
