"""Scenes of the demo: what follows from a seed, and the rule of the good crop."""

from __future__ import annotations

from collections import Counter
from statistics import mean

import numpy as np
import pytest

from engine.geometry import intersection, iou, kept
from engine.vocabulary import WHOLE, Box
from trainer.demo.render import render
from trainer.demo.scenes import (
    LEAST_TILT,
    Kind,
    Light,
    Purpose,
    good_crop,
    mean_box,
    on_grid,
    scene,
    scenes,
    turned,
)

MANY = scenes(Purpose.UNSEEN, 600)


def test_a_name_gives_the_same_scene_and_picture_again() -> None:
    name = MANY[4].name
    assert scene(name) == MANY[4]
    assert np.array_equal(render(scene(name), 64), render(MANY[4], 64))


def test_no_purpose_shares_a_scene_with_another() -> None:
    pictures = [
        render(each, 32).tobytes() for purpose in Purpose for each in scenes(purpose, 60, seed=0)
    ]
    assert len(set(pictures)) == len(pictures)


def test_every_kind_comes_equally_often() -> None:
    assert set(Counter(each.kind for each in MANY).values()) == {len(MANY) // len(Kind)}


def test_a_tilt_can_be_seen() -> None:
    tilts = [abs(each.tilt) for each in MANY if each.kind is Kind.TILT]
    assert min(tilts) >= LEAST_TILT


def test_the_full_frame_is_far_from_the_good_crop() -> None:
    assert mean(iou(WHOLE, good_crop(each)) for each in MANY) <= 0.55


def test_the_mean_box_is_no_answer_either() -> None:
    boxes = [good_crop(each) for each in MANY]
    average = mean_box(boxes)
    assert mean(iou(average, each) for each in boxes) < 0.6


def test_a_good_crop_keeps_the_subject_and_nothing_that_distracts() -> None:
    for each in MANY:
        crop = good_crop(each)
        assert kept(each.subject_box, crop) > 0.97
        assert min(crop) >= 0
        assert max(crop) <= 1
        assert each.distraction is None or intersection(crop, each.distraction) == 0
        # The engine draws no box that is narrower.
        assert min(crop.width, crop.height) >= 0.3


def test_rounding_to_the_grid_hardly_moves_a_crop() -> None:
    assert min(iou(on_grid(good_crop(each)), good_crop(each)) for each in MANY) > 0.9


def test_light_is_what_a_scene_says() -> None:
    shown: dict[Light, list[float]] = {light: [] for light in Light}
    for each in MANY:
        if each.kind in (Kind.BRIGHTNESS, Kind.NONE):
            shown[each.light].append(float(render(each, 32).mean()))
    assert mean(shown[Light.DARK]) < mean(shown[Light.NORMAL]) < mean(shown[Light.BRIGHT])


def test_a_soft_scene_has_less_detail() -> None:
    def detail(kind: Kind) -> float:
        pictures = [render(each, 64).astype(float) for each in MANY if each.kind is kind]
        return mean(float(abs(np.diff(each, axis=1)).mean()) for each in pictures)

    assert detail(Kind.SOFTNESS) < detail(Kind.NONE) / 2


def test_the_subject_stands_where_the_scene_says_even_when_turned() -> None:
    for each in MANY[:120]:
        if each.kind not in (Kind.TILT, Kind.NONE):
            continue
        picture = render(each, 100).astype(int)
        red = picture[..., 0] - picture[..., 1:].max(axis=2) > 60
        rows, columns = np.nonzero(red)
        assert columns.mean() / 100 == pytest.approx(each.centre[0], abs=0.05)
        assert rows.mean() / 100 == pytest.approx(each.centre[1], abs=0.06)


def test_turning_clockwise_takes_right_to_below() -> None:
    assert turned((1.0, 0.5), 90) == pytest.approx((0.5, 1.0))


def test_the_same_scene_at_any_size() -> None:
    large, small = render(MANY[5], 256), render(MANY[5], 64)
    reduced = large.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert abs(reduced - small).mean() < 6


def test_the_mean_of_boxes() -> None:
    assert mean_box([Box(0, 0, 0.5, 1), Box(0.5, 0, 1, 0.5)]) == Box(0.25, 0, 0.75, 0.75)
