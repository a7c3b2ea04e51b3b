"""Curves of a benchmark's page: over all photos, how many reach how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from trainer.benchmarks.lines import Line
from trainer.page.curves import Curve

_STEPS: Final = 101


def reached(lines: Sequence[Line], place: int = 0) -> list[Curve]:
    """For each line, the share of photos whose measure number `place` is at least x, x from 0 (or
    the least value, where one is negative) to 1.
    """
    found: list[Curve] = []
    for line in lines:
        values = line.values[:, place]
        values = values[np.isfinite(values)]
        if values.size == 0:
            continue
        across = np.linspace(min(0.0, float(values.min())), 1, _STEPS)
        share = (values[None, :] >= across[:, None]).mean(axis=1)
        points = zip(across.tolist(), share.tolist(), strict=True)
        found.append(Curve(line.title, tuple(points)))
    return found
