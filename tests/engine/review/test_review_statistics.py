"""Coefficients against values computed by hand."""

from __future__ import annotations

from math import sqrt

import pytest

from engine.review.statistics import cohen_kappa, fleiss_kappa, kendall, ranks, spearman


def test_cohen_on_fifty_things_two_raters_sorted_into_two() -> None:
    # 20 both yes, 5 yes/no, 10 no/yes, 15 both no: agreement 0.7; by chance
    # 25/50 × 30/50 + 25/50 × 20/50 = 0.5; (0.7 − 0.5) / (1 − 0.5) = 0.4.
    one = "y" * 20 + "y" * 5 + "n" * 10 + "n" * 15
    other = "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15
    assert cohen_kappa(one, other) == pytest.approx(0.4)


def test_cohen_of_opposites_is_minus_one_and_of_equals_one() -> None:
    assert cohen_kappa("ynyn", "nyny") == pytest.approx(-1)
    assert cohen_kappa("ynny", "ynny") == pytest.approx(1)


def test_cohen_is_not_defined_without_things_or_variety() -> None:
    assert cohen_kappa("", "") is None
    assert cohen_kappa("yyy", "yyy") is None
    with pytest.raises(ValueError, match="different numbers"):
        cohen_kappa("yy", "y")


def test_fleiss_of_three_raters() -> None:
    # Agreement of each: 1, 1/3, 1, 1/3, in the mean 2/3; both categories are chosen 6 times of 12,
    # so chance is 1/2 and kappa (2/3 − 1/2) / (1/2) = 1/3.
    assert fleiss_kappa([(3, 0), (2, 1), (0, 3), (1, 2)]) == pytest.approx(1 / 3)


def test_fleiss_of_three_categories_and_four_raters() -> None:
    # (4,0,0): 1. (2,2,0): (4+4−4)/12 = 1/3. (1,1,2): (1+1+4−4)/12 = 1/6. Mean 1/2.
    # Shares 7/12, 3/12, 2/12: chance (49+9+4)/144 = 62/144. (72−62)/(144−62) = 10/82.
    assert fleiss_kappa([(4, 0, 0), (2, 2, 0), (1, 1, 2)]) == pytest.approx(10 / 82)


def test_fleiss_is_not_defined_where_all_choose_one_and_refuses_uneven_rows() -> None:
    assert fleiss_kappa([]) is None
    assert fleiss_kappa([(3, 0), (3, 0)]) is None
    for uneven in ([(3, 0), (1, 1)], [(1, 0)]):
        with pytest.raises(ValueError, match="same number"):
            fleiss_kappa(uneven)


def test_ranks_share_the_mean_of_ties() -> None:
    assert ranks([30, 10, 20, 20]).tolist() == [4, 1, 2.5, 2.5]
    with pytest.raises(ValueError, match="finite"):
        ranks([1, float("nan")])


def test_spearman_without_and_with_ties() -> None:
    # Differences of rank 1, 1, 1, 1, 0: 1 − 6 × 4 / (5 × 24) = 0.8.
    assert spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]) == pytest.approx(0.8)
    # Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / √(4.5 × 5) = √0.9.
    assert spearman([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(sqrt(0.9))


def test_kendall_without_and_with_ties() -> None:
    # Of ten pairs two are turned round: (8 − 2) / 10.
    assert kendall([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]) == pytest.approx(0.6)
    # Five of six pairs differ in the first list and all in the second: 5 / √(5 × 6).
    assert kendall([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(5 / sqrt(30))
    # One tie in each list, on different pairs: 4 in order, none against; 4 / √(5 × 5).
    assert kendall([1, 1, 2, 3], [1, 2, 3, 3]) == pytest.approx(4 / 5)


@pytest.mark.parametrize("coefficient", [spearman, kendall])
def test_correlations_are_not_defined_without_two_values_that_differ(coefficient) -> None:
    assert coefficient([], []) is None
    assert coefficient([1], [2]) is None
    assert coefficient([1, 1, 1], [1, 2, 3]) is None
    assert coefficient([3, 2, 1], [1, 2, 3]) == pytest.approx(-1)
    with pytest.raises(ValueError, match="different lengths"):
        coefficient([1, 2], [1, 2, 3])
