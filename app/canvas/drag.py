"""What a gesture makes of a crop: move, resize, draw, nudge. No Qt.

Lengths and positions are pixels of the full photo, in the crop's turned frame. Every function
takes a box that fits into the photo and returns one that does.
"""

from __future__ import annotations

from math import ceil, copysign, floor

from app.canvas.feasible import Limit, nearest, photo_limits, span
from app.canvas.hit import SIDES, Handle, Side
from engine.geometry import MIN_SIDE_PX, Point, fits, moved_inside
from engine.vocabulary import Box, Size

_LATERAL = 1e-3
"""How little it counts, against the dragged edge, that a locked ratio moves the box sideways."""


def moved(*, box: Box, dx: float, dy: float, angle: float, size: Size) -> Box:
    """The box moved by whole pixels, sliding along the photo's borders."""
    dx, dy = round(dx) / size.width, round(dy) / size.height
    goal = Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy)
    return moved_inside(goal, angle, size)


def resized(
    *, box: Box, handle: Handle, dx: float, dy: float, ratio: float | None, angle: float, size: Size
) -> Box:
    """The box with one handle moved by (dx, dy).

    The opposite corner or edge stays where it is; with a ratio (width to height) the other side
    follows within one pixel. At least MIN_SIDE_PX remain, as far as the box had them.
    """
    side = SIDES[handle]
    width, height = box.width * size.width, box.height * size.height
    anchor = (
        (box.right if side.across < 0 else box.left) * size.width,
        (box.bottom if side.down < 0 else box.top) * size.height,
    )
    goal = width + side.across * dx, height + side.down * dy
    limits = photo_limits(size, angle)
    if side.across and side.down:
        found = _from_corner(anchor, side, goal, ratio, limits)
    elif ratio is not None:
        found = _from_edge(box, side, goal, ratio, limits, size)
    else:
        found = _one_edge(anchor, side, goal, (width, height), limits)
    return box if found is None else _settled(found, box, side, angle, size)


def drawn(*, start: Point, to: Point, ratio: float | None, angle: float, size: Size) -> Box:
    """A new box from one corner to the pointer, as large as the photo allows."""
    limits = photo_limits(size, angle)
    inside = nearest(start, limits) or (size.width / 2, size.height / 2)
    anchor = round(inside[0]), round(inside[1])
    if not all(limit.allows(*anchor) for limit in limits):
        anchor = inside
    dx, dy = to[0] - anchor[0], to[1] - anchor[1]
    side = Side(int(copysign(1, dx)), int(copysign(1, dy)))
    found = _from_corner(anchor, side, (abs(dx), abs(dy)), ratio, limits)
    if found is None:
        found = _smallest(anchor, side, ratio)
    box = Box(
        found[0] / size.width, found[1] / size.height, found[2] / size.width, found[3] / size.height
    )
    return box if fits(box, angle, size) else moved_inside(box, angle, size)


def grown(*, box: Box, dx: float, dy: float, ratio: float | None, angle: float, size: Size) -> Box:
    """The right and bottom edges moved, as Ctrl with an arrow key does."""
    handle = Handle.RIGHT if dx else Handle.BOTTOM
    return resized(box=box, handle=handle, dx=dx, dy=dy, ratio=ratio, angle=angle, size=size)


# ── the three kinds of resizing: each gives left, top, right, bottom in pixels, or None ─────────

_Edges = tuple[float, float, float, float]


def _from_corner(
    anchor: Point, side: Side, goal: Point, ratio: float | None, limits: tuple[Limit, ...]
) -> _Edges | None:
    (x, y), across, down = anchor, side.across, side.down
    reach: list[Limit] = [Limit(-1, 0, -MIN_SIDE_PX), Limit(0, -1, -MIN_SIDE_PX)]
    for limit in limits:
        room = limit.c - limit.a * x - limit.b * y
        a, b = limit.a * across, limit.b * down
        reach += [Limit(a, 0, room), Limit(0, b, room), Limit(a, b, room)]
    if ratio is None:
        found = nearest(goal, reach)
        if found is None:
            return None
        right, bottom = (
            _on_pixel(x + across * found[0], across),
            _on_pixel(y + down * found[1], down),
        )
        width, height = abs(right - x), abs(bottom - y)
        width = width if width >= MIN_SIDE_PX else found[0]
        height = height if height >= MIN_SIDE_PX else found[1]
    else:
        low, high = span(Limit(p.a * ratio + p.b, 0, p.c) for p in reach)
        if low > high:
            return None
        t = (goal[0] * ratio + goal[1]) / (ratio * ratio + 1)
        t = min(max(t, low), high)
        width, height = _whole(t * ratio, t, ratio)
    return _edges(x, y, across * width, down * height)


def _from_edge(
    box: Box, side: Side, goal: Point, ratio: float, limits: tuple[Limit, ...], size: Size
) -> _Edges | None:
    """An edge under a locked ratio: the opposite edge stays, the box grows to both sides of its
    middle, and moves along where a border is in the way.
    """
    lying = side.across != 0  # the dragged edge runs down, its length follows the width
    direction = side.across or side.down
    edges = (
        (box.left * size.width, box.right * size.width),
        (box.top * size.height, box.bottom * size.height),
    )
    along, other = edges if lying else edges[::-1]
    fixed = along[0] if direction > 0 else along[1]
    slope = 1 / ratio if lying else ratio  # of the following side to the dragged one
    least = MIN_SIDE_PX * max(1.0, 1 / slope)
    reach = [Limit(-1, 0, -least)]
    for limit in limits:
        a, b = (limit.a, limit.b) if lying else (limit.b, limit.a)
        for grows in (0, direction):
            for half in (-slope / 2, slope / 2):
                reach.append(Limit(a * grows + b * half, b, limit.c - a * fixed))
    wanted = goal[0] if lying else goal[1]
    middle = (other[0] + other[1]) / 2
    found = nearest((wanted, middle), reach, weight=_LATERAL)
    if found is None:
        return None
    length, middle = found
    follows = length * slope
    width, height = _whole(*((length, follows) if lying else (follows, length)), ratio)
    long, short = (width, height) if lying else (height, width)
    start = _within(middle - follows / 2, middle + follows / 2, short)
    near = fixed if direction > 0 else fixed - long
    return _edges(near, start, long, short) if lying else _edges(start, near, short, long)


def _one_edge(
    anchor: Point, side: Side, goal: Point, extent: Point, limits: tuple[Limit, ...]
) -> _Edges | None:
    """One edge alone, the three others stay."""
    (x, y), (width, height) = anchor, extent
    reach = [Limit(-1, 0, -MIN_SIDE_PX)]
    for limit in limits:
        a, b = (limit.a * side.across, limit.b) if side.across else (limit.b * side.down, limit.a)
        room = limit.c - limit.a * x - limit.b * y
        reach += [Limit(a, 0, room), Limit(a, 0, room - b * (height if side.across else width))]
    low, high = span(reach)
    if low > high:
        return None
    start, direction = (x, side.across) if side.across else (y, side.down)
    length = min(max(goal[0] if side.across else goal[1], low), high)
    whole = abs(_on_pixel(start + direction * length, direction) - start)
    if low <= whole <= high:
        length = whole
    if side.across:
        return _edges(x, y, side.across * length, height)
    return _edges(x, y, width, side.down * length)


# ── whole pixels ─────────────────────────────────────────────────────────────────────────────────


def _edges(x: float, y: float, width: float, height: float) -> _Edges:
    return min(x, x + width), min(y, y + height), max(x, x + width), max(y, y + height)


def _on_pixel(edge: float, direction: int) -> float:
    """The next whole pixel towards the anchor: a smaller box fits wherever the larger one does."""
    return floor(edge + 1e-6) if direction > 0 else ceil(edge - 1e-6)


def _whole(width: float, height: float, ratio: float) -> Point:
    """Whole sides, none longer than given, the shorter within one pixel of what the ratio wants."""
    if width >= height:
        long = max(floor(width + 1e-6), 1)
        return long, _shorter(long / ratio, height)
    long = max(floor(height + 1e-6), 1)
    return _shorter(long * ratio, width), long


def _shorter(wanted: float, room: float) -> int:
    return max(min(max(round(wanted), MIN_SIDE_PX), floor(room + 1e-6)), 1)


def _within(low: float, high: float, length: float) -> float:
    """Where a shorter stretch starts in low … high: about the middle, on a whole pixel if one is
    there.
    """
    middle = (low + high - length) / 2
    whole = round(middle)
    return whole if low <= whole and whole + length <= high else middle


def _settled(found: _Edges, box: Box, side: Side, angle: float, size: Size) -> Box:
    """As a box again; edges that did not move keep their exact fractions."""
    left, top, right, bottom = found
    result = Box(
        box.left if side.across > 0 else left / size.width,
        box.top if side.down > 0 else top / size.height,
        box.right if side.across < 0 else right / size.width,
        box.bottom if side.down < 0 else bottom / size.height,
    )
    return result if fits(result, angle, size) else box


def _smallest(anchor: Point, side: Side, ratio: float | None) -> _Edges:
    width = MIN_SIDE_PX * max(1.0, ratio or 1.0)
    height = MIN_SIDE_PX * max(1.0, 1 / (ratio or 1.0))
    return _edges(*anchor, side.across * width, side.down * height)
