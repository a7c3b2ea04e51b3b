"""Medians and how they are printed."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median


def seconds(work: Callable[[], object], *, runs: int = 5) -> float:
    """The median time of `runs` runs, after one that is not counted."""
    work()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)


def line(what: str, figure: str, bar: str = "") -> None:
    """One row of the report."""
    print(f"{what:<64} {figure:>18}  {bar}", flush=True)
