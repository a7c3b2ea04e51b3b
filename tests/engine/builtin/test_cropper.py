"""Proposals: inside the photo, as asked, each another, the safe one first."""

from __future__ import annotations

from itertools import combinations

import generated_scenes
import numpy as np
import pytest

from engine.builtin.crops.cropper import SAME, Hints, Proposal, proposals
from engine.builtin.crops.pool import NoSuchCrop
from engine.builtin.crops.scene import scene
from engine.geometry import fits, intersection, iou, pixel_bounds, pixel_size
from engine.vocabulary import WHOLE, Aspect, Box, Purpose, Question, Size, Task


def crops(
    picture: np.ndarray, *, size: Size | None = None, hints: Hints | None = None, **wish: object
) -> tuple[tuple[Proposal, ...], Size]:
    full = size or Size(picture.shape[1], picture.shape[0])
    seen = scene(picture, full)
    question = Question(id=1, task=Task.CROP, **wish)  # type: ignore[arg-type]
    found = proposals(seen.posterior, full, question, stand=seen.stand, hints=hints or Hints())
    return found, full


@pytest.mark.parametrize("seed", range(12))
def test_free_proposals_are_inside_few_and_different(seed: int) -> None:
    hints = Hints(tilt=(-3.0, 4.0, None)[seed % 3], distraction=Box(0.9, 0.0, 1.0, 0.2))
    found, size = crops(generated_scenes.striking(seed), hints=hints)
    assert 1 <= len(found) <= 5
    assert all(fits(each.box, each.angle, size) for each in found)
    for one, other in combinations(found, 2):
        assert iou(one.box, other.box) < SAME or one.purpose is not other.purpose
        assert one != other


def test_the_first_crop_does_not_depend_on_the_hints_or_the_count() -> None:
    picture = generated_scenes.striking(5)
    plain, _ = crops(picture, count=1)
    full, _ = crops(picture, hints=Hints(tilt=5.0, horizon=0.5))
    assert len(plain) == 1
    assert plain[0] == full[0]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("text", ["1:1", "4:5", "3:2", "16:9", "2:3", "9:16", "5:1"])
def test_a_requested_ratio_is_met_in_whole_pixels(seed: int, text: str) -> None:
    aspect = Aspect.parse(text)
    found, size = crops(
        generated_scenes.striking(seed), size=Size(1201 + seed, 799 - seed), aspect=aspect
    )
    for each in found:
        pixels = pixel_size(each.box, size)
        left, top, right, bottom = pixel_bounds(each.box, size)
        assert (right - left, bottom - top) == (pixels.width, pixels.height)
        wide = pixels.width >= pixels.height
        wanted = pixels.width / aspect.ratio if wide else pixels.height * aspect.ratio
        shorter = pixels.height if wide else pixels.width
        assert abs(shorter - wanted) <= 1
        assert fits(each.box, 0, size)
        assert each.box.left * size.width == pytest.approx(left, abs=1e-6)


@pytest.mark.parametrize("aspect", [None, Aspect(1, 1), Aspect(16, 9)])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_to_be_kept_is_inside_and_what_is_not_is_outside(
    seed: int, aspect: Aspect | None
) -> None:
    keep, avoid = Box(0.41, 0.33, 0.613, 0.52), Box(0.87, 0.1, 0.99, 0.3)
    found, _ = crops(generated_scenes.striking(seed), keep=keep, avoid=avoid, aspect=aspect)
    for each in found:
        assert intersection(each.box, keep) == pytest.approx(keep.area, abs=1e-9)
        assert intersection(each.box, avoid) == 0


def test_each_region_alone_changes_the_answer() -> None:
    picture = generated_scenes.striking(7)
    corner = Box(0.0, 0.0, 0.12, 0.1)
    kept, _ = crops(picture, keep=corner)
    left_out, _ = crops(picture, avoid=corner)
    assert kept[0].box.left == kept[0].box.top == 0
    assert intersection(left_out[0].box, corner) == 0


@pytest.mark.parametrize(
    "wish",
    [
        {"keep": Box(0.2, 0.2, 0.6, 0.6), "avoid": Box(0.5, 0.5, 0.8, 0.8)},
        {"keep": Box(0.0, 0.4, 1.0, 0.6), "aspect": Aspect(1, 3)},
        {"avoid": WHOLE},
    ],
)
def test_what_cannot_be_is_said(wish: dict[str, object]) -> None:
    with pytest.raises(NoSuchCrop) as told:
        crops(generated_scenes.striking(1), **wish)
    assert told.value.reason
    assert told.value.remedy


def test_tighter_crops_are_smaller() -> None:
    areas = []
    for wish in (0.0, 0.5, 1.0):
        firsts = [crops(generated_scenes.striking(seed), tighter=wish)[0][0] for seed in range(8)]
        areas.append(np.mean([each.box.area for each in firsts]))
    assert areas[0] > areas[1] > areas[2]


@pytest.mark.parametrize("tilt", [-6.0, 2.5])
def test_a_tilted_scene_is_turned_back(tilt: float) -> None:
    found, size = crops(generated_scenes.striking(3), hints=Hints(tilt=tilt))
    straight = next(each for each in found if each.purpose is Purpose.STRAIGHTENED)
    assert straight.angle == -tilt
    assert fits(straight.box, straight.angle, size)


def test_a_distraction_is_left_out_where_the_safe_crop_holds_it() -> None:
    picture = generated_scenes.striking(5)
    (safe, *_), _ = crops(picture)
    box = safe.box
    spot = Box(box.right - 0.04, box.top + 0.02, box.right, box.top + 0.08)
    found, _ = crops(picture, hints=Hints(distraction=spot))
    without = [each for each in found if each.purpose is Purpose.WITHOUT_DISTRACTION]
    assert len(without) == 1
    assert intersection(without[0].box, spot) == 0


def test_a_horizon_in_the_middle_moves_to_a_third() -> None:
    found, _ = crops(generated_scenes.striking(4), hints=Hints(horizon=0.48))
    box = next(each.box for each in found if each.purpose is Purpose.HORIZON)
    height = (0.48 - box.top) / box.height
    assert min(abs(height - 1 / 3), abs(height - 2 / 3)) < 0.01


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (30, 3000)])
def test_extreme_pictures_have_sane_crops(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    for wish in ({}, {"aspect": Aspect(3, 2)}):
        found, size = crops(picture, hints=Hints(tilt=3.0), **wish)
        assert all(fits(each.box, each.angle, size) for each in found)
        assert all(each.box.area > 0 for each in found)


def test_where_nothing_gains_the_whole_photo_is_the_only_crop() -> None:
    found, _ = crops(np.full((200, 300, 3), 120, np.uint8))
    assert [(each.box, each.purpose) for each in found] == [(WHOLE, Purpose.WHOLE_PHOTO)]
