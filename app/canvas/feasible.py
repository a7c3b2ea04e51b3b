"""The nearest allowed point: how an edge slides along a border instead of sticking to it. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import cos, hypot, radians, sin
from typing import Final

from engine.geometry import Point
from engine.vocabulary import Size

SLACK: Final = 1e-7
"""Pixels by which a limit may be passed: rounding, nothing that anyone sees."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The half plane a · u + b · v ≤ c."""

    a: float
    b: float
    c: float

    def allows(self, u: float, v: float) -> bool:
        return self.a * u + self.b * v <= self.c + SLACK * max(1.0, hypot(self.a, self.b))


def photo_limits(size: Size, angle: float) -> tuple[Limit, ...]:
    """The four sides of the photo turned by `angle`, for points of the turned frame in pixels."""
    c, s = cos(radians(angle)), sin(radians(angle))
    half_w, half_h = size.width / 2, size.height / 2
    sides = ((c, s, half_w), (-c, -s, half_w), (-s, c, half_h), (s, -c, half_h))
    return tuple(Limit(a, b, reach + a * half_w + b * half_h) for a, b, reach in sides)


def nearest(goal: Point, limits: Sequence[Limit], *, weight: float = 1.0) -> Point | None:
    """The allowed point nearest to the goal; None where nothing is allowed.

    A `weight` under 1 makes distances along the second axis count for less. The allowed region is
    convex, so its nearest point is the goal, or lies on one limit, or where two of them meet.
    """
    if _allowed(goal, limits):
        return goal
    found = [p for p in _candidates(goal, limits, weight) if _allowed(p, limits)]
    return min(found, key=lambda p: hypot(p[0] - goal[0], weight * (p[1] - goal[1])), default=None)


def _allowed(point: Point, limits: Iterable[Limit]) -> bool:
    return all(limit.allows(*point) for limit in limits)


def _candidates(goal: Point, limits: Sequence[Limit], weight: float) -> Iterable[Point]:
    for limit in limits:
        b = limit.b / weight**2
        length = limit.a * limit.a + limit.b * b
        if length > 0:
            over = (limit.a * goal[0] + limit.b * goal[1] - limit.c) / length
            yield goal[0] - over * limit.a, goal[1] - over * b
    for p, q in combinations(limits, 2):
        cross = p.a * q.b - q.a * p.b
        if abs(cross) > 1e-12:
            yield (p.c * q.b - q.c * p.b) / cross, (p.a * q.c - q.a * p.c) / cross


def span(limits: Iterable[Limit]) -> tuple[float, float]:
    """The least and the greatest u that limits with b = 0 allow."""
    low, high = float("-inf"), float("inf")
    for limit in limits:
        if limit.a > 0:
            high = min(high, limit.c / limit.a)
        elif limit.a < 0:
            low = max(low, limit.c / limit.a)
    return low, high
