"""Lines that lead into the depth: slanting edges from both sides that run to one point.

Two witnesses that fail in different ways: straight segments, which vote for where they meet, and
all slanting edge pixels, of which those below the point should lie along rays from it (a path has
ragged edges that give no segments). Only where both name the same place is it believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Box, Line

SEGMENT_SIDE: Final = 384
"""Long side of the copy in which segments are looked for, in pixels."""
_SHORTEST: Final = 0.04
_SLANT: Final = (8.0, 82.0)
"""Degrees from level between which a line slants; others are level or upright."""
_AGREE: Final = 2.5
"""σ of the angle, in degrees, by which a segment may miss the point."""
_NEAR: Final = 0.06
"""Segments whose nearer end is closer to the point than this, in long sides, say nothing."""

EDGE_SIDE: Final = 160
"""Long side of the copy whose edge pixels are asked."""
_EDGES: Final = 1800
"""So many of the strongest slanting edge pixels are asked."""
_ALONG_RAY: Final = 7.0
"""Degrees by which an edge may miss its ray."""
_NEAR_EDGE: Final = 0.1
_STRONGEST: Final = 30.0

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Leading:
    """Where slanting lines meet, and how many do.

    point    where the segments meet, fractions of the photo
    support  length of the segments that run there, in long sides
    sides    the lesser of what comes from the left and what comes from the right, in long sides
    radial   how much of all slanting edges below the point lies along rays from it, both sides
             needed, 0 to about 1
    apart    how far the place that edges name is from the point, in fractions of the photo
    lines    the longest segments, from their outer ends inwards
    """

    point: tuple[float, float]
    support: float
    sides: float
    radial: float
    apart: float
    lines: tuple[Line, ...]

    @property
    def box(self) -> Box:
        """Around the lines and the point."""
        xs = [self.point[0], *(v for line in self.lines for v in (line.x1, line.x2))]
        ys = [self.point[1], *(v for line in self.lines for v in (line.y1, line.y2))]
        left, right = max(min(xs), 0.0), min(max(xs), 1.0)
        top, bottom = max(min(ys), 0.0), min(max(ys), 1.0)
        return Box(left, top, max(right, left + 0.01), max(bottom, top + 0.01))


def leading(luma: NDArray[np.uint8]) -> Leading | None:
    """From a reduced luma, (h, w) uint8; None where no segment slants."""
    ends = _segments(luma)
    if len(ends) == 0:
        return None
    shape = _shape(luma)
    points = _points() * shape
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    votes = _agreement(ends, points) * length
    left = ends[:, [0, 2]].mean(axis=1)[None, :] < points[:, :1]
    from_left = np.where(left, votes, 0).sum(axis=1)
    from_right = votes.sum(axis=1) - from_left
    best = int(np.argmax(np.minimum(from_left, from_right) + 0.25 * votes.sum(axis=1)))
    x, y = (float(v) for v in points[best] / shape)
    radial, other_x, other_y = _radial(luma)
    chosen = np.flatnonzero(votes[best] > 0.5 * length)
    chosen = chosen[np.argsort(-length[chosen], kind="stable")][:6]
    return Leading(
        (x, y),
        float(votes[best].sum()),
        float(min(from_left[best], from_right[best])),
        radial,
        float(np.hypot(other_x - x, other_y - y)),
        tuple(_inwards(ends[i] / np.tile(shape, 2), (x, y)) for i in chosen),
    )


def _shape(luma: NDArray[np.uint8]) -> Points:
    height, width = luma.shape
    return np.array([width, height], np.float32) / max(height, width)


def _segments(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Slanting segments, (n, 4), in long sides."""
    scale = min(1.0, SEGMENT_SIDE / max(luma.shape))
    small = cv2.resize(luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = cv2.createLineSegmentDetector().detect(np.asarray(small, np.uint8))[0]
    if found is None:
        return np.zeros((0, 4), np.float32)
    ends = np.asarray(found, np.float32).reshape(-1, 4) / max(small.shape[:2])
    across, down = np.abs(ends[:, 2] - ends[:, 0]), np.abs(ends[:, 3] - ends[:, 1])
    steep = np.degrees(np.arctan2(down, across))
    kept = (np.hypot(across, down) >= _SHORTEST) & (steep >= _SLANT[0]) & (steep <= _SLANT[1])
    return ends[kept]


@cache
def _points() -> Points:
    """Where segments may meet, as fractions of the photo."""
    grid = np.mgrid[0.10:0.901:0.04, 0.06:0.781:0.04]
    return grid.reshape(2, -1).T.astype(np.float32)


def _agreement(ends: NDArray[np.float32], points: Points) -> NDArray[np.float32]:
    """How well each segment, (n, 4), points at each point, (m, 2): m × n, 0..1."""
    middle = (ends[:, :2] + ends[:, 2:]) / 2
    along = ends[:, 2:] - ends[:, :2]
    length = np.linalg.norm(along, axis=1)
    along = along / length[:, None]
    to = points[:, None, :] - middle[None, :, :]
    far = np.maximum(np.linalg.norm(to, axis=2), 1e-9)
    sine = np.abs(to[..., 0] * along[:, 1] - to[..., 1] * along[:, 0]) / far
    off = np.degrees(np.arcsin(np.clip(sine, 0, 1)))
    return np.asarray(np.exp(-0.5 * (off / _AGREE) ** 2) * (far - length / 2 > _NEAR), np.float32)


def _inwards(ends: NDArray[np.float32], point: tuple[float, float]) -> Line:
    x1, y1, x2, y2 = (float(v) for v in ends)
    if np.hypot(x1 - point[0], y1 - point[1]) < np.hypot(x2 - point[0], y2 - point[1]):
        x1, y1, x2, y2 = x2, y2, x1, y1
    return Line(x1, y1, x2, y2)


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Slanting edge pixels: where, (n, 2) in long sides, the direction they run in, radians, and
    their weight; `total` is the weight of all of them.
    """

    places: Points
    run: NDArray[np.float32]
    weight: NDArray[np.float32]


def _edges(luma: NDArray[np.uint8]) -> _Edges:
    scale = EDGE_SIDE / max(luma.shape)
    small = cv2.resize(luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(np.asarray(small, np.float32), (0, 0), 1.5)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    xx, yy, xy = (
        cv2.GaussianBlur(each, (0, 0), 2.0)[::2, ::2]
        for each in (across * across, down * down, across * down)
    )
    power = xx + yy
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (power + 20)
    run = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    degrees = np.degrees(run) % 180
    slants = (np.minimum(degrees, 180 - degrees) > 10) & (np.abs(degrees - 90) > 8)
    weight = np.minimum(np.sqrt(power), _STRONGEST) * coherence**2 * slants
    order = np.argsort(-weight.ravel(), kind="stable")[:_EDGES]
    rows, columns = np.unravel_index(order, weight.shape)
    places = np.stack([columns, rows], axis=1) * 2 / EDGE_SIDE
    return _Edges(
        places.astype(np.float32),
        run[rows, columns].astype(np.float32),
        weight[rows, columns].astype(np.float32),
    )


def _radial(luma: NDArray[np.uint8]) -> tuple[float, float, float]:
    """How far slanting edges below some point lie along rays from it, and that point."""
    edges = _edges(luma)
    total = float(edges.weight.sum())
    if total <= 0:
        return 0.0, 0.5, 0.5
    fractions = _ray_points()
    points = fractions * _shape(luma)
    apart = edges.places[None] - points[:, None]
    far = np.hypot(apart[..., 0], apart[..., 1])
    across = np.abs(apart[..., 0] * np.sin(edges.run) - apart[..., 1] * np.cos(edges.run))
    below = apart[..., 1] > 0
    along = (across < np.sin(np.radians(_ALONG_RAY)) * far) & (far > _NEAR_EDGE) & below
    held = np.where(along, edges.weight[None], np.float32(0))
    left = np.where(apart[..., 0] < 0, held, 0).sum(axis=1)
    right = held.sum(axis=1) - left
    possible = np.where(below, edges.weight[None], 0).sum(axis=1) + 0.1 * total
    value = (2 * np.minimum(left, right) + 0.5 * (left + right)) / possible
    best = int(np.argmax(value))
    return float(value[best]), float(fractions[best, 0]), float(fractions[best, 1])


@cache
def _ray_points() -> Points:
    grid = np.mgrid[0.10:0.901:0.05, 0.10:0.801:0.05]
    return grid.reshape(2, -1).T.astype(np.float32)
