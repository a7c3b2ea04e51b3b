"""Agreement in numbers: Cohen's and Fleiss' kappa, Spearman's rho, Kendall's tau-b.

Each is None where it is not defined: too few values, or values that do not vary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray


def cohen_kappa(one: Sequence[Hashable], other: Sequence[Hashable]) -> float | None:
    """How far two raters agree beyond chance, −1..1 (Cohen, 1960); the values are paired."""
    count = len(one)
    if count != len(other):
        raise ValueError("the two raters judged different numbers of things")
    if not count:
        return None
    observed = sum(a == b for a, b in zip(one, other, strict=True)) / count
    ours, theirs = Counter(one), Counter(other)
    chance = sum(ours[each] * theirs[each] for each in ours) / count**2
    return None if chance == 1 else (observed - chance) / (1 - chance)


def fleiss_kappa(counts: Sequence[Sequence[int]]) -> float | None:
    """How far several raters agree beyond chance (Fleiss, 1971).

    A row for each thing: how many raters chose each category. Every row has the same sum, of two
    raters at least; ValueError otherwise.
    """
    if not counts:
        return None
    table = np.array(counts, dtype=np.float64)
    raters = table.sum(axis=1)
    each = float(raters[0])
    if each < 2 or (raters != each).any():
        raise ValueError("every thing needs the same number of raters, two at least")
    observed = float(((table**2).sum(axis=1) - each).mean() / (each * (each - 1)))
    shares = table.sum(axis=0) / table.sum()
    chance = float((shares**2).sum())
    return None if chance >= 1 else (observed - chance) / (1 - chance)


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """The correlation of ranks, ties at their mean rank (Spearman, 1904)."""
    ours, theirs = ranks(one), ranks(other)
    if ours.size != theirs.size:
        raise ValueError("the two lists are of different lengths")
    if ours.size < 2:
        return None
    ours, theirs = ours - ours.mean(), theirs - theirs.mean()
    spread = sqrt(float(ours @ ours) * float(theirs @ theirs))
    return float(ours @ theirs) / spread if spread else None


def kendall(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Tau-b: pairs in one order less those in the opposite one, ties heeded (Kendall, 1945)."""
    ours, theirs = np.asarray(one, np.float64), np.asarray(other, np.float64)
    if ours.size != theirs.size:
        raise ValueError("the two lists are of different lengths")
    apart = same = ours_differ = theirs_differ = 0
    for place in range(ours.size - 1):
        first = np.sign(ours[place + 1 :] - ours[place])
        second = np.sign(theirs[place + 1 :] - theirs[place])
        same += int((first * second > 0).sum())
        apart += int((first * second < 0).sum())
        ours_differ += int((first != 0).sum())
        theirs_differ += int((second != 0).sum())
    spread = sqrt(ours_differ * theirs_differ)
    return (same - apart) / spread if spread else None


def ranks(values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """The ranks of values, from 1; equal ones share the mean of theirs."""
    found = np.asarray(values, np.float64)
    if not np.isfinite(found).all():
        raise ValueError("only finite numbers have ranks")
    _, place, count = np.unique(found, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return ((2 * last - count + 1) / 2)[place]
