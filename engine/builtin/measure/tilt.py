"""Whether the scene leans: from its straight lines, level ones and upright ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Line

LIMIT: Final = 12.0
"""Lines that lean further than this, in degrees, are taken as meant."""

_SHORTEST: Final = 0.025
"""In long sides (19 pixels): a shorter piece is known to no better than about a degree."""
_STEP: Final = 0.1
_WIDTH: Final = 0.5
"""Lines within this many degrees speak for the same tilt."""
_IN_LINE: Final = 0.004
"""In long sides (3 pixels): pieces of one straight edge lie this near to one line."""


@dataclass(frozen=True, slots=True)
class Tilt:
    """How the scene leans. Degrees, positive when it leans clockwise: its right side is low.

    angle       the tilt that most of the line length agrees on
    support     length of the lines that agree, in long sides of the photo
    share       their share of the length of all nearly level and upright lines, 0..1
    level       support from level lines alone
    upright     support from upright lines alone
    longest     length of the longest agreeing line, in long sides
    straight    length of the lines that speak for no tilt at all (within half a degree of 0)
    prominence  log2 of the agreement at `angle` against the mean over all angles
    rival       agreement at the best other angle, in parts of that at `angle`, 0..1
    converging  degrees by which uprights lean apart from one side of the frame to the other
    line        where it shows best: the agreeing level lines that continue each other, as one, or
                the longest agreeing upright, whichever kind has more; None when there is none
    """

    angle: float
    support: float
    share: float
    level: float
    upright: float
    longest: float
    straight: float
    prominence: float
    rival: float
    converging: float
    line: Line | None


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Nearly level or upright lines: ends in pixels (n, 4), lengths in long sides, lean in degrees,
    whether upright, and the middle's distance from the centre in long sides, across and down.
    """

    ends: NDArray[np.float32]
    length: NDArray[np.float32]
    lean: NDArray[np.float32]
    upright: NDArray[np.bool_]
    middle: NDArray[np.float32]


def tilt(luma: NDArray[np.uint8]) -> Tilt:
    """Measure a reduced luma, (h, w) uint8."""
    lines = _lines(luma)
    if len(lines.lean) == 0:
        return Tilt(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, None)
    converging = _converging(lines)
    lean = lines.lean - np.where(lines.upright, converging * lines.middle[:, 0], 0)
    weight = lines.length**1.5
    angles = np.arange(-LIMIT, LIMIT + _STEP / 2, _STEP)
    votes = np.exp(-0.5 * ((lean[None, :] - angles[:, None]) / _WIDTH) ** 2) @ weight
    peak = int(np.argmax(votes))
    angle = float(angles[peak])
    elsewhere = votes[np.abs(angles - angle) > 4 * _WIDTH]
    prominence = float(np.log2(votes[peak] / (votes.mean() + 1e-9)))
    rival = float(elsewhere.max() / votes[peak])
    for _ in range(3):
        agree = np.abs(lean - angle) < 2 * _WIDTH
        angle = float(np.average(lean[agree], weights=weight[agree]))
    agree = np.abs(lean - angle) < 2 * _WIDTH
    level = float(lines.length[agree & ~lines.upright].sum())
    upright = float(lines.length[agree & lines.upright].sum())
    if level >= upright:
        ends = _longest_run(lines, agree & ~lines.upright, angle, max(luma.shape))
    else:
        ends = lines.ends[int(np.argmax(np.where(agree & lines.upright, lines.length, 0)))]
    x1, y1, x2, y2 = (float(v) for v in ends)
    height, width = luma.shape
    return Tilt(
        angle=angle,
        support=float(lines.length[agree].sum()),
        share=float(lines.length[agree].sum() / lines.length.sum()),
        level=level,
        upright=upright,
        longest=float(lines.length[agree].max()),
        straight=float(lines.length[np.abs(lines.lean) < 0.5].sum()),
        prominence=prominence,
        rival=rival,
        converging=converging,
        line=Line(x1 / width, y1 / height, x2 / width, y2 / height),
    )


def _longest_run(
    lines: _Lines, chosen: NDArray[np.bool_], angle: float, side: int
) -> NDArray[np.float64]:
    """The ends, in pixels, of the line through the level pieces that lie on one line with the most
    length of others.
    """
    ends, length = lines.ends[chosen].astype(np.float64), lines.length[chosen]
    across, down = lines.middle[chosen].T
    offset = down - np.tan(np.radians(angle)) * across
    apart = offset[:, None] - offset[None, :]
    votes = np.exp(-0.5 * (apart / _IN_LINE) ** 2) @ length
    run = np.abs(apart[int(np.argmax(votes))]) < 2 * _IN_LINE
    x, y = ends[run][:, [0, 2]].ravel(), ends[run][:, [1, 3]].ravel()
    slope, start = np.polyfit(x, y, 1, w=np.sqrt(np.repeat(length[run], 2) * side))
    left, right = float(x.min()), float(x.max())
    return np.array([left, start + slope * left, right, start + slope * right])


def _lines(luma: NDArray[np.uint8]) -> _Lines:
    height, width = luma.shape
    side = max(height, width)
    found = cv2.createLineSegmentDetector().detect(luma)[0]
    ends = (
        np.zeros((0, 4), np.float32)
        if found is None
        else np.asarray(found, np.float32).reshape(-1, 4)
    )
    dx, dy = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
    length = np.hypot(dx, dy) / side
    upright = np.abs(dy) > np.abs(dx)
    level_lean = np.degrees(np.arctan2(dy * np.sign(dx), np.abs(dx)))
    upright_lean = np.degrees(np.arctan2(-dx * np.sign(dy), np.abs(dy)))
    lean = np.where(upright, upright_lean, level_lean)
    kept = (length >= _SHORTEST) & (np.abs(lean) <= LIMIT)
    middle = np.stack(
        [ends[:, [0, 2]].mean(1) - width / 2, ends[:, [1, 3]].mean(1) - height / 2], 1
    )
    return _Lines(ends[kept], length[kept], lean[kept], upright[kept], middle[kept] / side)


def _converging(lines: _Lines) -> float:
    """Degrees a long side by which uprights lean more towards the right; 0 when there are few."""
    chosen = lines.upright
    x, lean, weight = lines.middle[chosen, 0], lines.lean[chosen], lines.length[chosen]
    if len(x) < 6 or np.ptp(x) < 0.5:
        return 0.0
    best, best_votes = 0.0, 0.0
    for slope in np.arange(-16.0, 16.1, 1.0):
        rest = lean - slope * x
        votes = np.exp(-0.5 * ((rest[:, None] - rest[None, :]) / 1.0) ** 2)
        total = float((votes * weight[:, None] * weight[None, :]).sum())
        if total > best_votes * (1.0 if abs(slope) < abs(best) else 1.1):
            best, best_votes = float(slope), total
    return best
