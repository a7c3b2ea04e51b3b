"""GAICD's figures by hand, and correlations against numpy's."""

from __future__ import annotations

from math import isnan, sqrt

import numpy as np
import pytest

from trainer.benchmarks.baselines import scores_by
from trainer.benchmarks.ranking import accuracy, correlation, figures, ranks

RATED = [5.0, 4.5, 4.0, 3.5, 3.0, 2.5, 2.0, 1.5, 1.4, 1.3, 1.2, 1.1]
"""Twelve crops, the best first: the five best are rated 3.0 and more, the ten best 1.3 and more."""


def shares(scores: list[float], best: int, ratings: list[float] = RATED) -> list[float]:
    found = figures(scores, ratings)
    return [found[f"acc{k}_{best}"] for k in (1, 2, 3, 4)]


def test_the_right_order_is_right_everywhere() -> None:
    found = figures(RATED, RATED)
    assert set(found.values()) == {1.0}
    assert len(found) == 2 + 2 * 5


def test_the_opposite_order_is_wrong_everywhere() -> None:
    found = figures([-each for each in RATED], RATED)
    assert found["srcc"] == pytest.approx(-1)
    assert found["pcc"] == pytest.approx(-1)
    # The four that come first are the last ones: 1.1 and 1.2 are not among ten, 1.3 and 1.4 are.
    assert shares([-each for each in RATED], 5) == [0, 0, 0, 0]
    assert shares([-each for each in RATED], 10) == [0, 0, 1 / 3, 2 / 4]
    assert found["acc10"] == pytest.approx((1 / 3 + 1 / 2) / 4)


def test_returned_crops_are_counted_among_the_best() -> None:
    # First the sixth best, then the best, the eleventh, and the second.
    scores = [8.0, 6.0, 0, 0, 0, 9.0, 0, 0, 0, 0, 7.0, 0]
    assert shares(scores, 5) == [0, 1 / 2, 1 / 3, 2 / 4]
    assert shares(scores, 10) == [1, 1, 2 / 3, 3 / 4]
    assert figures(scores, RATED)["acc5"] == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_crops_that_are_rated_like_the_fifth_count_too() -> None:
    ratings = [5.0, 4.0, 3.0, 3.0, 3.0, 3.0, 3.0, 1.0, 1.0, 1.0]
    scores = [0, 0, 0, 0, 0, 1.0, 2.0, 3.0, 0, 0]
    assert shares(scores, 5, ratings) == [0, 1 / 2, 2 / 3, 3 / 4]


def test_of_crops_scored_alike_the_first_are_returned() -> None:
    assert shares([1.0] * 12, 5) == [1, 1, 1, 1]
    assert shares([1.0] * 12, 5, RATED[::-1]) == [0, 0, 0, 0]
    many = [float(each) for each in range(90, 0, -1)]
    assert shares([0.5, 0.1] * 45, 5, many) == [1, 1, 1, 3 / 4]


def test_scores_that_are_all_alike_correlate_with_nothing() -> None:
    found = figures([0.5] * 12, RATED)
    assert (found["srcc"], found["pcc"]) == (0, 0)


def test_too_few_crops_have_no_share_among_the_best() -> None:
    found = figures([3, 1, 2, 0, 5, 4], [1, 2, 3, 4, 5, 6])
    assert not isnan(found["acc4_5"])
    assert isnan(found["acc1_10"])
    assert isnan(found["acc10"])
    assert isnan(accuracy(np.array([1.0, 2]), np.array([1.0, 2]), returned=4, best=2))


def test_ranks_share_their_mean_where_values_are_equal() -> None:
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0, 3.0])).tolist() == [4, 1, 4, 2, 4]


def test_rank_correlation_by_hand() -> None:
    # Ranks 1 2 3 4 against 2 1 4 3: 1 − 6 · 4 / (4 · 15).
    assert figures([1, 2, 3, 4], [20, 10, 400, 300])["srcc"] == pytest.approx(0.6)
    # A tie: ranks 1, 2.5, 2.5, 4 against 1..4: 4.5 / √(4.5 · 5).
    assert figures([1, 2, 2, 3], [1, 2, 3, 4])["srcc"] == pytest.approx(4.5 / sqrt(4.5 * 5))


def test_pearson_is_numpys() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 90))
    assert correlation(a, b) == pytest.approx(np.corrcoef(a, b)[0, 1])


@pytest.mark.parametrize(
    ("scores", "ratings"), [([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([1.0, float("nan")], [1.0, 2.0])]
)
def test_what_cannot_be_ranked_is_refused(scores: list[float], ratings: list[float]) -> None:
    with pytest.raises(ValueError, match="finite score"):
        figures(scores, ratings)


def test_a_cropper_of_one_box_scores_by_overlap() -> None:
    rated = ((0.0, 0.0, 0.5, 1.0), (0.0, 0.0, 1.0, 1.0), (0.25, 0.0, 0.75, 1.0))
    assert scores_by((0.0, 0.0, 0.5, 1.0), rated) == pytest.approx((1.0, 0.5, 1 / 3))
