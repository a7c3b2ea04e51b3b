"""Every word of the vocabulary has its own name, and numbers read as people write them."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import pytest

from app.domain.session import Progress
from app.domain.settings import Guide
from app.panels import texts
from engine.vocabulary import Box, Crop, FindingKind, Origin, Purpose, Size, StrengthKind


@pytest.mark.parametrize(
    ("kinds", "title"),
    (
        (FindingKind, texts.finding_title),
        (StrengthKind, texts.strength_title),
        (Guide, texts.guide_title),
    ),
)
def test_every_kind_has_a_name_of_its_own(kinds: type[Enum], title: Callable[[Any], str]) -> None:
    names = [title(kind) for kind in kinds]
    assert all(names)
    assert len(set(names)) == len(names)


def test_every_purpose_has_a_name_of_its_own() -> None:
    names = {texts.purpose_title(Crop(Box(0, 0, 1, 1), purpose=purpose)) for purpose in Purpose}
    assert len(names) == len(Purpose)


def test_a_crop_of_the_photographers_is_called_so_whatever_its_purpose() -> None:
    crop = Crop(Box(0, 0, 1, 1), origin=Origin.PHOTOGRAPHER, purpose=Purpose.SAFE)
    assert texts.purpose_title(crop) == "Your crop"


def test_only_a_complete_answer_needs_no_word() -> None:
    assert [p for p in Progress if not texts.progress_text(p)] == [Progress.DONE]


@pytest.mark.parametrize(
    ("box", "written"),
    (
        (Box(0, 0, 1, 1), "3:2"),
        (Box(0, 0, 0.5, 0.75), "1:1"),
        (Box(0, 0, 0.3, 0.8), "9:16"),
        (Box(0, 0, 0.7, 0.5), "2.10:1"),
        (Box(0, 0, 0.3, 0.6), "3:4"),
        (Box(0, 0, 0.3, 0.66), "1:1.47"),
    ),
)
def test_a_ratio_has_its_name_or_its_number(box: Box, written: str) -> None:
    assert texts.ratio_text(Crop(box), Size(600, 400)) == written


def test_a_ratio_may_miss_its_name_by_one_pixel_and_no_more() -> None:
    size = Size(1000, 1000)
    assert texts.ratio_text(Crop(Box(0, 0, 0.3, 0.201)), size) == "3:2"
    assert texts.ratio_text(Crop(Box(0, 0, 0.3, 0.203)), size) == "1.48:1"


@pytest.mark.parametrize(("angle", "written"), ((0, ""), (0.04, ""), (2.5, "+2.5°"), (-1, "−1.0°")))
def test_an_angle_shows_its_direction(angle: float, written: str) -> None:
    assert texts.angle_text(angle) == written


@pytest.mark.parametrize(
    ("severity", "word"), ((0.0, "slight"), (0.3, "clear"), (0.59, "clear"), (0.6, "strong"))
)
def test_a_severity_has_a_word(severity: float, word: str) -> None:
    assert texts.severity_word(severity) == word
