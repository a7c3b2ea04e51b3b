"""The recipe's counts and invariants, and the answer for extreme pictures."""

from __future__ import annotations

import cv2
import generated_scenes
import numpy as np
import pytest

from engine.builtin.crops.posterior import (
    candidate_overlaps,
    candidates,
    expected_overlap,
    hypotheses,
    posterior,
    score,
    tightened,
)
from engine.builtin.crops.saliency import maps, shares
from engine.geometry import iou
from engine.vocabulary import WHOLE, Box


def test_the_grids_have_as_many_boxes_as_the_recipe_says() -> None:
    assert len(hypotheses()) == 337
    assert len(candidates()) == 3721
    assert candidate_overlaps().shape == (3721, 337)
    assert candidate_overlaps().dtype == np.float32


def test_overlaps_agree_with_the_geometry() -> None:
    for row, column in ((0, 0), (100, 30), (3720, 336), (2000, 150)):
        one = Box(*candidates()[row].tolist())
        other = Box(*hypotheses()[column].tolist())
        assert candidate_overlaps()[row, column] == pytest.approx(iou(one, other), abs=1e-5)


def test_probabilities_add_up_and_scores_are_expectations() -> None:
    post = posterior(generated_scenes.striking(1))
    assert post.probability.sum() == pytest.approx(1, abs=1e-4)
    box = Box(0.13, 0.07, 0.81, 0.93)
    by_hand = sum(
        float(p) * iou(box, Box(*h.tolist()))
        for p, h in zip(post.probability, hypotheses(), strict=True)
    )
    assert score(post, box) == pytest.approx(by_hand, abs=1e-4)


def test_a_share_is_the_sum_inside_over_the_sum_of_all() -> None:
    values = np.random.default_rng(0).random((30, 40), np.float32)
    inside = shares(values).inside(np.array([[0.25, 0.2, 0.75, 0.9]]))[0]
    assert inside == pytest.approx(values[6:27, 10:30].sum() / values.sum(), abs=1e-5)


def test_contrast_lies_where_the_thing_is() -> None:
    picture = np.full((300, 400, 3), 128, np.uint8)
    cv2.circle(picture, (300, 200), 25, (220, 40, 40), -1)
    contrast = maps(picture).contrast
    row, column = np.unravel_index(int(contrast.argmax()), contrast.shape)
    assert abs(column / contrast.shape[1] - 0.75) < 0.08
    assert abs(row / contrast.shape[0] - 0.67) < 0.1


def test_mirroring_mirrors_the_scores() -> None:
    picture = generated_scenes.striking(2)
    one, other = posterior(picture), posterior(np.ascontiguousarray(picture[:, ::-1]))
    box, mirrored = Box(0.1, 0.2, 0.7, 0.9), Box(0.3, 0.2, 0.9, 0.9)
    assert score(one, box) == pytest.approx(score(other, mirrored), abs=0.01)
    assert abs(score(one, box) - score(one, mirrored)) > 0.01


def test_a_wish_for_tighter_crops_moves_the_weight_to_smaller_ones() -> None:
    post = posterior(generated_scenes.striking(3))
    areas = (hypotheses()[:, 2] - hypotheses()[:, 0]) * (hypotheses()[:, 3] - hypotheses()[:, 1])
    means = [float(areas @ tightened(post, wish).probability) for wish in (0.0, 0.5, 1.0)]
    assert means[0] > means[1] + 0.02
    assert means[1] > means[2] + 0.02
    assert np.allclose(tightened(post, 0.0).probability, post.probability)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 3), (40, 6000)])
def test_extreme_shapes_have_a_finite_posterior(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    post = posterior(noise)
    assert np.isfinite(post.probability).all()
    assert 0 < score(post, WHOLE) <= 1


def test_an_even_picture_keeps_its_whole_frame() -> None:
    post = posterior(np.full((200, 300, 3), 90, np.uint8))
    expected = expected_overlap(post, candidates())
    best = Box(*candidates()[int(expected.argmax())].tolist())
    assert best.area > 0.9
