"""What catches the eye at the photo's edge: a small thing there that the inside has nothing of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from engine.builtin.composition.barrier import Flags, Lab, barriers
from engine.vocabulary import Box

_BAND: Final = 0.14
"""The border, as a part of the height and the width; paths start inside it."""
_SET_OFF: Final = 60.0
"""Lab levels from which a part of the border belongs to a thing of its own."""
_AREA: Final = (0.006, 0.06)
_DEPTH: Final = 0.14
_LONG: Final = 0.55
_FILL: Final = 0.5
_ALIKE: Final = 30.0
"""Colours closer than this, in Lab levels, are the same."""


@dataclass(frozen=True, slots=True)
class Intruder:
    """A small thing at the edge.

    box      around it, fractions of the photo
    side     the side that it lies at
    area     its part of the photo, 0..1
    barrier  how far it is set off from the inside, in Lab levels
    step     how far its colour is from that around it, in Lab levels
    shared   the part of the inside that has its colour, 0..1
    lighter  whether it is lighter than what is around it
    """

    box: Box
    side: str
    area: float
    barrier: float
    step: float
    shared: float
    lighter: bool


def intruder(lab: Lab) -> Intruder | None:
    """The most striking small thing at the edge of a `barrier.lab_copy`, if there is any."""
    height, width = lab.shape[:2]
    rows, columns = round(_BAND * height), round(_BAND * width)
    inside = np.zeros((height, width), np.bool_)
    inside[rows : height - rows, columns : width - columns] = True
    barrier = barriers(lab, inside)
    count, marks, stats, _ = cv2.connectedComponentsWithStats(
        (barrier > _SET_OFF).astype(np.uint8), connectivity=8
    )
    found = []
    for mark in range(1, count):
        left, top, wide, high, size = (int(v) for v in stats[mark])
        box = Box(left / width, top / height, (left + wide) / width, (top + high) / height)
        area = size / (height * width)
        side, depth = _side(box)
        small = _AREA[0] <= area <= _AREA[1] and max(box.width, box.height) <= _LONG
        if not small or depth > _DEPTH or size < _FILL * wide * high:
            continue
        own = np.asarray(marks == mark, np.bool_)
        step, lighter = _step(lab, own)
        shared = np.linalg.norm(lab[inside] - np.median(lab[own], axis=0), axis=1) < _ALIKE
        found.append(
            Intruder(
                box,
                side,
                area,
                float(barrier[own].mean()),
                step,
                float(shared.mean()),
                lighter,
            )
        )
    return max(
        found, key=lambda each: each.barrier * min(each.area / 0.012, 1) ** 0.5, default=None
    )


def _side(box: Box) -> tuple[str, float]:
    """The side of the photo that a box lies flattest against, and how far it reaches in."""
    reach = {"left": box.right, "top": box.bottom, "right": 1 - box.left, "bottom": 1 - box.top}
    side = min(reach, key=lambda name: reach[name])
    return side, reach[side]


def _step(lab: Lab, own: Flags) -> tuple[float, bool]:
    around = np.asarray(cv2.dilate(own.astype(np.uint8), np.ones((5, 5), np.uint8)), np.bool_)
    apart = np.median(lab[own], axis=0) - np.median(lab[around & ~own], axis=0)
    return float(np.linalg.norm(apart)), bool(apart[0] > 0)
