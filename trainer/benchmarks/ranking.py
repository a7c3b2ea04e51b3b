"""How well scores order the rated crops of a photo: the figures of GAICD (Zeng et al., CVPR 2019).

SRCC     Spearman's rank correlation of the scores with the raters' mean opinion, tied ones sharing
         the mean of their ranks
PCC      Pearson's correlation
Acc_k/N  of the k best-scored crops, the share that is rated at least as high as the Nth-best rated
         one: as the published code counts, so that crops rated alike are all among the first N
Acc_N    the mean of Acc_k/N over k = 1..4

All are means over photos. A score that is the same for all crops orders nothing: the published code
has no figure for it, here its correlations count 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.review.statistics import ranks

RETURNED: Final = (1, 2, 3, 4)
"""k: how many crops are returned."""
BEST: Final = (5, 10)
"""N: how many of the best rated ones count as good."""


def figures(scores: Sequence[float], ratings: Sequence[float]) -> dict[str, float]:
    """All figures of one photo by their names: srcc, pcc, acc1_5 … acc4_10, acc5, acc10.

    An Acc_k/N is NaN where fewer than N crops are rated. ValueError unless there is one finite
    score for each of at least two ratings.
    """
    given, truth = np.array(scores, np.float64), np.array(ratings, np.float64)
    if given.shape != truth.shape or given.size < 2 or not np.isfinite(given).all():
        raise ValueError("it takes one finite score for each of at least two rated crops")
    found = {"srcc": correlation(ranks(given), ranks(truth)), "pcc": correlation(given, truth)}
    for best in BEST:
        shares = [accuracy(given, truth, returned=each, best=best) for each in RETURNED]
        found |= {f"acc{k}_{best}": share for k, share in zip(RETURNED, shares, strict=True)}
        found[f"acc{best}"] = float(np.mean(shares))
    return found


def accuracy(
    scores: NDArray[np.float64], ratings: NDArray[np.float64], *, returned: int, best: int
) -> float:
    """Acc_k/N of one photo; of crops scored alike the first ones are returned."""
    if ratings.size < max(best, returned):
        return float("nan")
    least = np.sort(ratings)[-best]
    first = np.argsort(-scores, kind="stable")[:returned]
    return float((ratings[first] >= least).mean())


def correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Pearson's; 0 where one of them does not vary."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    across, up = a - a.mean(), b - b.mean()
    return float((across * up).sum() / np.sqrt((across**2).sum() * (up**2).sum()))
