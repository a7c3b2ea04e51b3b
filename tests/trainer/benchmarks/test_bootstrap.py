"""Intervals: about their mean, the same each time, paired, and honest about what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.benchmarks.bootstrap import intervals

NAN = float("nan")


def test_an_interval_is_as_wide_as_the_normal_one_for_many_photos() -> None:
    values = np.random.default_rng(3).normal(0.02, 0.1, 400)
    (found,) = intervals(values[:, None])
    assert found is not None
    half = 1.96 * values.std() / 20
    assert found.mean == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.002)
    assert found.high == pytest.approx(values.mean() + half, abs=0.002)
    assert found.count == 400


def test_the_seed_decides() -> None:
    values = np.random.default_rng(1).random((50, 1))
    assert intervals(values) == intervals(values)
    assert intervals(values) != intervals(values, seed=1)


def test_photos_are_drawn_alike_for_all_columns() -> None:
    values = np.random.default_rng(2).random(60)
    first, second = intervals(np.stack([values, 2 * values + 1], axis=1))
    assert first is not None
    assert second is not None
    assert second.low == pytest.approx(2 * first.low + 1)
    assert second.high == pytest.approx(2 * first.high + 1)


def test_a_constant_difference_is_certain() -> None:
    values = np.random.default_rng(4).random(30)
    (found,) = intervals(((values + 0.1) - values)[:, None])
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(0.1), pytest.approx(0.1))


def test_photos_without_a_value_are_left_out_of_their_column() -> None:
    first, second, third = intervals(np.array([[1.0, NAN, NAN], [2.0, 5.0, NAN], [3.0, 7.0, NAN]]))
    assert first is not None
    assert second is not None
    assert (first.mean, first.count) == (2, 3)
    assert (second.mean, second.low, second.high, second.count) == (6, 5, 7, 2)
    assert third is None


def test_one_photo_has_no_spread() -> None:
    (found,) = intervals(np.array([[0.7]]))
    assert found is not None
    assert (found.low, found.high) == (0.7, 0.7)


def test_no_photos_have_no_intervals() -> None:
    assert intervals(np.empty((0, 2))) == [None, None]
