"""Finds four numbers that a text means as a box, in any family's notation and in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Form(Enum):
    """What shows that four numbers belong together."""

    TAGGED = auto()
    """Tags of boxes: `<box>`, `<|box_start|>`."""
    KEYED = auto()
    """Names: `bbox_2d`, `x1=…`, `left …`."""
    PAIRS = auto()
    """Two corners side by side: (x1, y1), (x2, y2)."""
    LIST = auto()
    """Four in one pair of brackets, or bare."""


@dataclass(frozen=True, slots=True)
class Quadruple:
    """Four numbers as they stand, with their label and their place in the text.

    `decimal`: some of them have a decimal point. `sure`: they cannot well be anything but a box.
    """

    numbers: tuple[float, float, float, float]
    form: Form
    decimal: bool
    sure: bool
    label: str
    start: int
    end: int


_N: Final = r"([-−]?(?:\d{1,5}(?:\.\d{1,6})?|\.\d{1,6})(?![\d%]))"
_COMMA: Final = r"(?:\s*[,;，]\s*|\s+)"
_REF: Final = (
    r"(?:(?:<ref>|<\|object_ref_start\|>)(?P<ref>[^<]{0,200})"
    r"(?:</ref>|<\|object_ref_end\|>)\s*)?"
)
_CLOSE: Final = r"(?:\s*(?:<[/\\]box>|<\|box_end\|>))?"
_LABEL: Final = r'(?:[^{}\[\]\d]{0,20}"label"\s*:\s*"(?P<label>(?:[^"\\]|\\.){0,200})"\s*\}?)?'
_LOOSE: Final = r"[\s,;，()\[\]]{1,8}"
_OPEN_PAIR, _CLOSE_PAIR = r"[(\[（]\s*", r"\s*[)\]）]"
_PAIR: Final = _OPEN_PAIR + _N + _COMMA + _N + _CLOSE_PAIR
_TO: Final = (
    r"(?:\s*(?:[,;，\-–—→]|to|and|bis|und|至|到|和)?\s*"
    r"|[^\d()\[\]（）.]{0,40}(?:right|bottom|lower|rechts|unten|右下)[^\d()\[\]（）.]{0,20})"
)


def _key(*names: str) -> str:
    return rf"(?:{'|'.join(names)})\"?'?\s*[:=]?\s*"


_BY_NAME: Final = r"\W{1,6}".join(
    key + _N
    for key in (
        _key("x_?1", "x_?min", "left"),
        _key("y_?1", "y_?min", "top"),
        _key("x_?2", "x_?max", "right"),
        _key("y_?2", "y_?max", "bottom"),
    )
)

_FORMS: Final = tuple(
    (form, re.compile(pattern, re.IGNORECASE))
    for form, pattern in (
        (
            Form.TAGGED,
            _REF
            + r"(?:<box>|<\|box_start\|>)[\s()\[\]]{0,8}"
            + _LOOSE.join([_N] * 4)
            + r"[\s()\[\]]{0,8}"
            + _CLOSE,
        ),
        (
            Form.KEYED,
            r"\{?\s*[\"']?b(?:ounding_?)?box(?:_2d)?[\"']?\s*[:=]\s*[\[(]{1,2}\s*"
            + _COMMA.join([_N] * 4)
            + r"\s*[\])]{1,2}"
            + _LABEL
            + r"\}?",
        ),
        (Form.KEYED, r"(?<![A-Za-z0-9_])" + _BY_NAME),
        (Form.PAIRS, _REF + _PAIR + _TO + _PAIR + _CLOSE),
        (
            Form.LIST,
            r"[\[(（{]{1,2}\s*" + _COMMA.join([_N] * 4) + r"\s*[\])）}]{1,2}" + _CLOSE,
        ),
        (
            Form.LIST,
            r"(?<![\w.,:/\-])" + _COMMA.join([_N] * 4) + r"(?![\w:/\-]|[.,]\d|\s*[,;]?\s*[-\d])",
        ),
    )
)
_BARE: Final = len(_FORMS) - 1

_MEANT: Final = re.compile(
    r"\b(?:b?box(?:es)?|crop(?:ped|ping)?|coordinates?|corners?|region|rectangle|frame|ausschnitt"
    r"|koordinaten)\b|裁剪|坐标|区域",
    re.IGNORECASE,
)
_WITHIN: Final = 60
"""Characters before four numbers in which a word may say that they are a box."""


def quadruples(text: str) -> list[Quadruple]:
    """Every four numbers that may be a box, in the order of the text, none overlapping another.

    Four bare numbers count only where a word before them says so or nothing else is said.
    """
    found: list[tuple[int, int, Quadruple]] = []
    for rank, (form, pattern) in enumerate(_FORMS):
        for match in pattern.finditer(text):
            each = _quadruple(match, form, text)
            if each.sure or rank != _BARE:
                found.append((match.start(), rank, each))
    chosen: list[Quadruple] = []
    for _, _, each in sorted(found, key=lambda item: item[:2]):
        if not chosen or each.start >= chosen[-1].end:
            chosen.append(each)
    return chosen


def _quadruple(match: re.Match[str], form: Form, text: str) -> Quadruple:
    named = match.groupdict()
    inside = {match.span(name) for name in named}
    spans = [match.span(group) for group in range(1, (match.re.groups or 0) + 1)]
    written = [text[start:end] for start, end in spans if (start, end) not in inside]
    first, second, third, fourth = (float(each.replace("−", "-")) for each in written)
    label = (named.get("ref") or named.get("label") or "").strip()
    return Quadruple(
        numbers=(first, second, third, fourth),
        form=form,
        decimal=any("." in each for each in written),
        sure=form is not Form.LIST or _meant(text, match),
        label=label,
        start=match.start(),
        end=match.end(),
    )


def _meant(text: str, match: re.Match[str]) -> bool:
    """Whether a word before the numbers says that they are a box, or there is nothing else."""
    alone = not re.search(r"[^\W_]", text[: match.start()] + text[match.end() :])
    before = text[max(0, match.start() - _WITHIN) : match.start()]
    return alone or _MEANT.search(before) is not None
