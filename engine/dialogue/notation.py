"""How a family of models writes boxes, as a value: write one, and read all that stand in a text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from engine.dialogue.quadruples import Form, Quadruple, quadruples
from engine.vocabulary import Box, Size

THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True)
class WrittenBox:
    """A box that stands in a text, with the words it belongs to and its place there."""

    box: Box
    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Notation:
    """What stands before, between and after four numbers, and what the numbers count.

    The numbers are left, top, right, bottom. `scale` is the one that means the whole width or
    height (1000; 1 for fractions, written with `decimals`); None for pixels of the picture as the
    model sees it. `named_before` and `named_after` stand for `before` and `after` where a box has
    a label. `words` tells a model that was never trained on boxes how to write one.
    """

    name: str
    before: str
    separators: tuple[str, str, str]
    after: str
    scale: int | None = THOUSAND
    decimals: int = 0
    named_before: str = ""
    named_after: str = ""
    words: str = ""

    def units(self, seen: Size) -> tuple[int, int]:
        """The whole width and height, counted in the smallest steps that can be written."""
        if self.scale is None:
            return seen.width, seen.height
        whole = self.scale * 10**self.decimals
        return whole, whole

    def number(self, units: int) -> str:
        """A number of smallest steps as it is written: "170", or "0.17" with two decimals."""
        if self.decimals == 0:
            return str(units)
        whole, part = divmod(units, 10**self.decimals)
        return f"{whole}.{part:0{self.decimals}d}"

    def write(self, box: Box, seen: Size, *, label: str = "") -> str:
        """A box, rounded, never without an area; `seen` is the picture's size for the model.

        The label is plain words; it is left out where the notation has no place for one.
        """
        numbers = [self.number(each) for each in steps(box, self.units(seen))]
        before, after = self.before, self.after
        if label:
            before = (self.named_before or before).replace("{label}", label)
            after = (self.named_after or after).replace("{label}", json.dumps(label)[1:-1])
        between = (*self.separators, after)
        return before + "".join(a + b for a, b in zip(numbers, between, strict=True))

    def read(self, text: str, seen: Size) -> list[WrittenBox]:
        """Every box in a text, whatever tags and spaces stand around its numbers.

        Swapped corners are put right and edges outside are brought to the photo's; what has no
        area after that is no box.
        """
        found = ((each, self._box(each, seen)) for each in quadruples(text))
        return [
            WrittenBox(box, each.label, each.start, each.end)
            for each, box in found
            if box is not None and (each.sure or _plausible(each, box))
        ]

    def _box(self, found: Quadruple, seen: Size) -> Box | None:
        across, down = self._whole(found, seen)
        x1, y1, x2, y2 = found.numbers
        left, right = sorted(min(max(x / across, 0.0), 1.0) for x in (x1, x2))
        top, bottom = sorted(min(max(y / down, 0.0), 1.0) for y in (y1, y2))
        return Box(left, top, right, bottom) if left < right and top < bottom else None

    def _whole(self, found: Quadruple, seen: Size) -> tuple[float, float]:
        """What counts as the whole width and height in a text that may use another notation."""
        if found.decimal and max(found.numbers) <= _FRACTIONS_UP_TO:
            return 1.0, 1.0
        if self.scale is None and found.form is not Form.TAGGED:
            return seen.width, seen.height
        return THOUSAND, THOUSAND


_FRACTIONS_UP_TO: Final = 2.0
"""Numbers with decimal points and no greater than this are fractions, some a little outside."""

_LEAST_SIDE: Final = 0.1
"""Four numbers that may be anything count as a box only if its sides are at least this long."""


def steps(box: Box, units: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole steps of a picture that is `units` wide and high."""
    across, down = units
    left, right = _apart(box.left * across, box.right * across, across)
    top, bottom = _apart(box.top * down, box.bottom * down, down)
    return left, top, right, bottom


def _apart(low: float, high: float, last: int) -> tuple[int, int]:
    first, second = (min(max(round(each), 0), last) for each in (low, high))
    if first < second:
        return first, second
    return (first, first + 1) if first < last else (last - 1, last)


def _plausible(found: Quadruple, box: Box) -> bool:
    """Scores, dates and focal lengths are seldom ordered like corners and so far apart."""
    x1, y1, x2, y2 = found.numbers
    return x1 < x2 and y1 < y2 and min(box.width, box.height) >= _LEAST_SIDE


def raw_numbers(text: str) -> tuple[float, float, float, float] | None:
    """The first four numbers of a text as they stand, nothing sorted or brought inside.

    Digits of a word such as `x1` or `bbox_2d` are none. None where there are fewer than four.
    """
    found = [float(each) for each in _NUMBER.findall(text)[:4]]
    return (found[0], found[1], found[2], found[3]) if len(found) == 4 else None


_NUMBER: Final = re.compile(r"(?<![A-Za-z0-9_.])(?:(?<!\d)-)?\d+(?:\.\d+)?", re.ASCII)

# ── the families ─────────────────────────────────────────────────────────────────────────────────

_JSON: Final = ('{"bbox_2d": [', (", ", ", ", ", "), "]}")
_JSON_NAMED: Final = '], "label": "{label}"}'
_ONE_TO_1000: Final = "with whole numbers from 0 to 1000 of the photo's width and height"

QWEN_VL: Final = Notation(
    "qwen_vl",
    "<box>(",
    (",", "),(", ","),
    ")</box>",
    named_before="<ref>{label}</ref><box>(",
    words=f"as (x1,y1),(x2,y2), the left top and right bottom corners, {_ONE_TO_1000}",
)
"""Qwen-VL and Qwen2-VL in thousandths (Bai et al., 2023), and the Venus models of any family that
were trained on the released data."""

PAPER: Final = Notation(
    "paper",
    "<box>(",
    (",", "), (", ","),
    ")<\\box>",
    words=QWEN_VL.words,
)
"""As figure 4 of the Venus paper prints it."""

LLAVA: Final = Notation(
    "llava",
    "[",
    (", ", ", ", ", "),
    "]",
    scale=1,
    decimals=2,
    words="as [x1, y1, x2, y2], left, top, right and bottom, with fractions between 0 and 1 of the"
    " photo's width and height",
)
"""LLaVA-1.5 (Liu et al., 2023): fractions with two decimals of the picture as it is shown, which
in the original training is the photo padded to a square."""

INTERNVL: Final = Notation(
    "internvl",
    "<box>[[",
    (", ", ", ", ", "),
    "]]</box>",
    named_before="<ref>{label}</ref><box>[[",
    words=f"as <box>[[x1, y1, x2, y2]]</box>, left, top, right and bottom, {_ONE_TO_1000}",
)
"""InternVL since 1.2, thousandths of the photo whatever its tiles."""

QWEN2_5_VL: Final = Notation(
    "qwen2_5_vl",
    *_JSON,
    scale=None,
    named_after=_JSON_NAMED,
    words='as JSON {"bbox_2d": [x1, y1, x2, y2]}, left, top, right and bottom, in pixels',
)
"""Qwen2.5-VL: pixels of the photo after the processor has resized it."""

QWEN3_VL: Final = Notation(
    "qwen3_vl",
    *_JSON,
    named_after=_JSON_NAMED,
    words=f'as JSON {{"bbox_2d": [x1, y1, x2, y2]}}, left, top, right and bottom, {_ONE_TO_1000}',
)
"""Qwen3-VL: the same in thousandths."""

MINICPM: Final = Notation(
    "minicpm",
    "<box>",
    (" ", " ", " "),
    "</box>",
    named_before="<ref>{label}</ref><box>",
    words=f"as <box>x1 y1 x2 y2</box>, left, top, right and bottom, {_ONE_TO_1000}",
)
"""MiniCPM-V since 2.6: thousandths."""

PLAIN: Final = Notation(
    "plain",
    "[",
    (", ", ", ", ", "),
    "]",
    words=f"as [x1, y1, x2, y2], left, top, right and bottom, {_ONE_TO_1000}",
)
"""For a model whose own notation is not known."""

NOTATIONS: Final = (QWEN_VL, PAPER, LLAVA, INTERNVL, QWEN2_5_VL, QWEN3_VL, MINICPM, PLAIN)
