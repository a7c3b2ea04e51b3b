"""Ratios by their names."""

from __future__ import annotations

import pytest

from app.domain.ratios import NAMED, named_ratio, ratio_words
from engine.vocabulary import Aspect, Size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (Size(3000, 2000), "3:2"),
        (Size(2001, 3000), "2:3"),
        (Size(1000, 1000), "1:1"),
        (Size(1600, 900), "16:9"),
        (Size(4560, 2960), "1.54:1"),
        (Size(1008, 1513), "2:3"),
        (Size(1009, 1811), "1:1.79"),
    ],
)
def test_a_ratio_is_written_as_people_know_it(size: Size, text: str) -> None:
    assert ratio_words(size) == text


def test_each_name_stands_once_and_names_itself() -> None:
    assert len(set(NAMED)) == len(NAMED)
    for aspect in NAMED:
        assert named_ratio(Size(aspect.width * 300, aspect.height * 300)) == aspect


def test_one_pixel_off_is_still_the_ratio_and_two_are_not() -> None:
    assert named_ratio(Size(1500, 1001)) == Aspect(3, 2)
    assert named_ratio(Size(1500, 1003)) is None
