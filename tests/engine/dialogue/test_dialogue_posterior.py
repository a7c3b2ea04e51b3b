"""What sampled boxes say about any crop, and what is made of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.builtin.crops.pool import NoSuchCrop
from engine.dialogue.posterior import Posterior, upright
from engine.dialogue.proposals import ALIKE, MAX_CROPS, SAME, proposals
from engine.dialogue.verdict import AGAINST_BELOW, FOR_FROM, Verdict, verdict
from engine.geometry import fits, intersection, iou, pixel_size, turned
from engine.vocabulary import WHOLE, Aspect, Box, Crop, Purpose, Question, Size, Task

SIZE = Size(600, 400)


def around(box, count, spread=0.03, seed=0):
    """Boxes about one, as a model draws them."""
    noise = np.random.default_rng(seed).normal(0, spread, (count, 4))
    edges = np.clip(np.array(tuple(box)) + noise, 0, 1)
    return [Box(*each) for each in edges.tolist()]


def crop_question(**wishes):
    return Question(id=1, task=Task.CROP, **wishes)


def offered(boxes, size=SIZE, **wishes):
    return proposals(Posterior.of(boxes, size), crop_question(**wishes))


# ── scores ───────────────────────────────────────────────────────────────────────────────────────


def test_the_expected_overlap_is_the_mean_over_the_boxes():
    boxes = [Box(0, 0, 1, 1), Box(0, 0, 0.5, 1), Box(0.5, 0, 1, 1)]
    posterior = Posterior.of(boxes, SIZE)
    assert posterior.score(Crop(Box(0, 0, 0.5, 1))) == pytest.approx((0.5 + 1 + 0) / 3)
    assert posterior.score(Crop(WHOLE)) == pytest.approx((1 + 0.5 + 0.5) / 3)


def test_the_percentile_ranks_among_a_fixed_grid():
    posterior = Posterior.of(around(Box(0.1, 0.1, 0.9, 0.9), 32), SIZE)
    best = posterior.score(Crop(Box(0.1, 0.1, 0.9, 0.9)))
    corner = posterior.score(Crop(Box(0, 0, 0.1, 0.1)))
    whole = posterior.score(Crop(WHOLE))
    assert posterior.percentile(best) > 0.99
    assert posterior.percentile(corner) == 0
    assert 0 < posterior.percentile(whole) < posterior.percentile(best)
    assert posterior.percentile(1.0) == 1


def test_equal_crops_share_their_place():
    posterior = Posterior.of([Box(0.9, 0.9, 1, 1)], SIZE)
    nothing = posterior.percentile(0.0)
    assert 0 < nothing < 1


def test_a_turned_crop_counts_as_the_upright_box_in_its_place():
    box = turned(Box(0.2, 0.2, 0.8, 0.8), 7.0, SIZE)
    crop = Crop(box, 7.0)
    stand_in = upright(crop, SIZE)
    assert (stand_in.width, stand_in.height) == pytest.approx((box.width, box.height))
    posterior = Posterior.of(around(Box(0.2, 0.2, 0.8, 0.8), 16), SIZE)
    assert posterior.score(crop) == pytest.approx(posterior.score(Crop(stand_in)))
    assert upright(Crop(WHOLE), SIZE) == WHOLE


def test_a_posterior_needs_a_box():
    with pytest.raises(ValueError, match="at least one"):
        Posterior.of([], SIZE)


def test_a_wish_for_tighter_crops_weighs_the_small_boxes():
    posterior = Posterior.of([Box(0, 0, 1, 1), Box(0, 0, 0.5, 0.5)], SIZE)
    assert posterior.weights() == pytest.approx([0.5, 0.5])
    assert posterior.weights(1.0)[1] > 0.99
    assert posterior.weights(5.0) == pytest.approx(posterior.weights(1.0))


# ── crops ────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_crop_is_where_the_boxes_agree():
    (first, *rest) = offered(around(Box(0.1, 0.2, 0.8, 0.9), 32))
    assert iou(first.box, Box(0.1, 0.2, 0.8, 0.9)) > 0.9
    assert first.purpose is Purpose.SAFE
    assert rest == []  # nothing is padded


def test_a_second_opinion_of_the_model_is_a_second_crop():
    upright_box = Box(0.4, 0.1, 0.7, 0.95)
    boxes = around(Box(0.05, 0.1, 0.95, 0.95), 22) + around(upright_box, 10, seed=1)
    first, second = offered(boxes)
    assert second.purpose is Purpose.OTHER_ORIENTATION
    assert iou(second.box, upright_box) > 0.8
    assert first.share + second.share == pytest.approx(1)
    assert first.share > second.share
    assert first.score is not None
    assert second.score is not None
    assert first.score > second.score


def test_one_stray_box_is_no_crop():
    boxes = [*around(Box(0.05, 0.1, 0.95, 0.95), 31), Box(0.4, 0.1, 0.7, 0.95)]
    assert len(offered(boxes)) == 1


def test_where_nothing_gains_the_whole_photo_is_the_only_one():
    (only,) = offered(around(WHOLE, 32, spread=0.01))
    assert (only.box, only.purpose) == (WHOLE, Purpose.WHOLE_PHOTO)


def test_one_box_is_offered_as_it_is_and_without_a_score():
    (only,) = offered([Box(0.2, 0.1, 0.7, 0.8)])
    assert tuple(only.box) == pytest.approx((0.2, 0.1, 0.7, 0.8), abs=1 / 400)
    assert only.score is None


def test_tighter_crops_are_tighter():
    boxes = around(Box(0, 0.05, 1, 1), 16) + around(Box(0.2, 0.2, 0.8, 0.8), 16)
    areas = [offered(boxes, tighter=wish, count=1)[0].box.area for wish in (0.0, 0.5, 1.0)]
    assert areas[0] > areas[2]
    assert areas == sorted(areas, reverse=True)


def test_the_number_asked_for_is_not_exceeded():
    boxes = [each for at in range(5) for each in around(Box(at / 8, 0, at / 8 + 0.5, 1), 8)]
    assert [len(offered(boxes, count=count)) for count in (1, 2, 99)][:2] == [1, 2]
    assert 2 <= len(offered(boxes)) <= MAX_CROPS


def test_what_cannot_be_is_said():
    with pytest.raises(NoSuchCrop):
        offered(around(WHOLE, 9), keep=Box(0.1, 0.1, 0.9, 0.9), avoid=Box(0.4, 0.4, 0.6, 0.6))


edge = st.floats(0, 1)


@st.composite
def drawn_boxes(draw, least=0.0):
    def pair():
        low, high = sorted((draw(edge), draw(edge)))
        return (low, high) if high - low > max(least, 1e-3) else (0.0, 1.0)

    (left, right), (top, bottom) = pair(), pair()
    return Box(left, top, right, bottom)


sizes = st.builds(Size, st.integers(1, 6000), st.integers(1, 6000))
samples = st.lists(drawn_boxes(), min_size=1, max_size=24)


@settings(deadline=None, max_examples=60)
@given(samples, sizes, st.integers(1, 7), st.floats(0, 1))
def test_crops_lie_in_the_photo_on_whole_pixels_and_differ(boxes, size, count, tighter):
    found = offered(boxes, size, count=count, tighter=tighter)
    assert 1 <= len(found) <= min(count, MAX_CROPS)
    for each in found:
        assert fits(each.box, 0, size, tolerance=1e-9)
        pixels = [
            edge * side for edge, side in zip(each.box, (size.width, size.height) * 2, strict=True)
        ]
        assert pixels == pytest.approx([round(each) for each in pixels], abs=1e-6)
        assert 0 <= each.share <= 1 + 1e-9
    for number, one in enumerate(found):
        for other in found[:number]:
            assert iou(one.box, other.box) < (SAME if one.purpose is other.purpose else ALIKE)


@settings(deadline=None, max_examples=60)
@given(samples, sizes, st.builds(Aspect, st.integers(1, 20), st.integers(1, 20)))
def test_a_ratio_is_met_in_whole_pixels(boxes, size, aspect):
    for each in offered(boxes, size, aspect=aspect):
        assert fits(each.box, 0, size, tolerance=1e-9)
        pixels = pixel_size(each.box, size)
        if aspect.width <= aspect.height:
            assert abs(pixels.width - pixels.height * aspect.ratio) <= 1
        else:
            assert abs(pixels.height - pixels.width / aspect.ratio) <= 1


@settings(deadline=None, max_examples=60)
@given(samples, drawn_boxes(least=0.01), drawn_boxes(least=0.01), st.booleans())
def test_what_is_to_be_kept_is_kept_and_what_is_to_be_left_out_is(boxes, keep, avoid, both):
    try:
        found = offered(boxes, Size(6000, 4000), keep=keep, avoid=avoid if both else None)
    except NoSuchCrop:
        return
    for each in found:
        assert intersection(each.box, keep) == pytest.approx(keep.area, rel=1e-4)
        if both:
            assert intersection(each.box, avoid) == pytest.approx(0, abs=1e-6)


# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("percentile", "preference", "found"),
    [
        (None, None, Verdict.BOTH),
        (None, 9.0, Verdict.BOTH),
        (1.0, None, Verdict.FOR),
        (FOR_FROM, None, Verdict.FOR),
        (FOR_FROM - 0.01, None, Verdict.BOTH),
        (AGAINST_BELOW, None, Verdict.BOTH),
        (AGAINST_BELOW - 0.01, None, Verdict.AGAINST),
        (0.0, None, Verdict.AGAINST),
        (0.95, 3.0, Verdict.FOR),
        (0.95, -0.5, Verdict.FOR),
        (0.95, -3.0, Verdict.BOTH),
        (0.1, -3.0, Verdict.AGAINST),
        (0.1, 3.0, Verdict.BOTH),
        (0.6, 5.0, Verdict.BOTH),
    ],
)
def test_the_verdict_and_its_neutral_band(percentile, preference, found):
    assert verdict(percentile, preference) is found
