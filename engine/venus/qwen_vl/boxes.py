"""How Qwen-VL writes boxes: `<ref>…</ref><box>(x1,y1),(x2,y2)</box>`, integers 0..1000."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from engine.vocabulary import Box

SCALE: Final = 1000

_BOX: Final = re.compile(
    r"(?:<ref>(?P<label>[^<]*)</ref>\s*)?(?:<box>\s*)?"
    r"\(\s*(-?\d{1,5})\s*,\s*(-?\d{1,5})\s*\)\s*,?\s*\(\s*(-?\d{1,5})\s*,\s*(-?\d{1,5})\s*\)"
    r"(?:\s*<[/\\]box>)?"
)


@dataclass(frozen=True, slots=True)
class WrittenBox:
    """A box that stands in a text, with the words it belongs to and its place there."""

    box: Box
    label: str
    start: int
    end: int


def write_box(box: Box, *, label: str = "") -> str:
    """The notation of a box, rounded to thousandths, never without an area."""
    left, top, right, bottom = (min(max(round(edge * SCALE), 0), SCALE) for edge in box)
    left, right = _apart(left, right)
    top, bottom = _apart(top, bottom)
    named = f"<ref>{label}</ref>" if label else ""
    return f"{named}<box>({left},{top}),({right},{bottom})</box>"


def read_boxes(text: str) -> list[WrittenBox]:
    """Every box in a text, with or without its tags and with spaces.

    Swapped corners are put right and edges outside are brought to the photo's; what has no area
    after that is no box.
    """
    found: list[WrittenBox] = []
    for match in _BOX.finditer(text):
        numbers = [min(max(int(match[group]), 0), SCALE) / SCALE for group in range(2, 6)]
        left, right = sorted((numbers[0], numbers[2]))
        top, bottom = sorted((numbers[1], numbers[3]))
        if left < right and top < bottom:
            box = Box(left, top, right, bottom)
            found.append(
                WrittenBox(box, (match["label"] or "").strip(), match.start(), match.end())
            )
    return found


def _apart(low: int, high: int) -> tuple[int, int]:
    if low < high:
        return low, high
    return (low, low + 1) if low < SCALE else (SCALE - 1, SCALE)
