"""Why a crop: 30 pictures × 6 crops, the sides that are cut computed here, independently."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import generated_scenes
import numpy as np
import pytest

from engine.builtin.crops.cropper import Hints, proposals
from engine.builtin.crops.facts import crop_facts, turned_shares
from engine.builtin.crops.scene import Scene, scene
from engine.builtin.crops.why import Why, why
from engine.builtin.wording import wording
from engine.geometry import fits, iou, turned
from engine.photo import read
from engine.vocabulary import WHOLE, Box, Crop, Question, Size, Task

FLMS = Path(__file__).parents[3].parent / "shared" / "flms_dev" / "images"
SAY = wording("en")
KINDS = ("good", "shifted", "through", "tiny", "full", "random")


@cache
def seen(number: int) -> Scene:
    """Thirty pictures: ten real ones where they are there, generated ones else."""
    photos = sorted(FLMS.glob("*.jpg"))[::25] if FLMS.is_dir() else []
    if number < len(photos):
        picture = read(photos[number], long_side=512)
    else:
        picture = generated_scenes.striking(number)
    return scene(picture, Size(picture.shape[1] * 5, picture.shape[0] * 5))


@cache
def first_crop_of(number: int) -> Crop:
    return first_crop(seen(number))


def first_crop(view: Scene) -> Crop:
    question = Question(id=1, task=Task.CROP, count=1)
    found = proposals(view.posterior, view.size, question, stand=view.stand, hints=Hints())
    return Crop(found[0].box)


def drawn(view: Scene, kind: str, number: int) -> Crop:
    rng = np.random.default_rng(number)
    best = first_crop_of(number).box
    x, y = view.stand.centre if view.stand else (0.5, 0.5)
    match kind:
        case "good":
            return Crop(best)
        case "shifted":
            dx = 0.1 if best.right <= 0.9 else -min(0.1, best.left) or -0.1
            return Crop(Box(max(best.left + dx, 0), best.top, min(best.right + dx, 1), best.bottom))
        case "through":
            return Crop(Box(0.0, 0.0, x, 1.0) if number % 2 else Box(0.0, y, 1.0, 1.0))
        case "tiny":
            return Crop(Box(0.02, 0.03, 0.07, 0.09))
        case "full":
            return Crop(WHOLE)
        case _:
            left, right = np.sort(rng.uniform(0, 1, 2)) * 0.8 + np.array([0, 0.2])
            top, bottom = np.sort(rng.uniform(0, 1, 2)) * 0.8 + np.array([0, 0.2])
            return Crop(Box(float(left), float(top), float(right), float(bottom)))


def reasons(view: Scene, crop: Crop, number: int) -> Why:
    return why(view, crop, first_crop_of(number), SAY)


def sides_by_sampling(part: Box, crop: Box) -> set[str]:
    """Walk along each side of the crop and see whether a step is inside the part."""
    steps = np.linspace(0, 1, 4001)
    xs, ys = crop.left + steps * crop.width, crop.top + steps * crop.height

    def inside(x: np.ndarray | float, y: np.ndarray | float) -> bool:
        slack = 1e-5
        return bool(
            np.any(
                (x > part.left + slack)
                & (x < part.right - slack)
                & (y > part.top + slack)
                & (y < part.bottom - slack)
            )
        )

    walked = {
        "left": inside(np.full_like(ys, crop.left), ys),
        "right": inside(np.full_like(ys, crop.right), ys),
        "top": inside(xs, np.full_like(xs, crop.top)),
        "bottom": inside(xs, np.full_like(xs, crop.bottom)),
    }
    return {side for side, cut in walked.items() if cut}


def named_sides(answer: Why) -> set[str]:
    for sentence in answer.reasons_against:
        if match := re.match(r"Its (.*?) sides? cuts? through", sentence):
            return set(re.findall(r"left|top|right|bottom", match[1]))
    return set()


def numbers(sentences: tuple[str, ...]) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", " ".join(sentences))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(30))
def test_sides_and_quantities_are_those_of_the_crop(number: int, kind: str) -> None:
    view = seen(number)
    crop = drawn(view, kind, number)
    answer = reasons(view, crop, number)
    expected = sides_by_sampling(view.stand.box, crop.box) if view.stand else set()
    assert named_sides(answer) == expected
    assert answer.reasons_for
    assert answer.reasons_against
    assert all(numbers((each,)) for each in answer.reasons_for + answer.reasons_against)
    left_out = view.stand is not None and crop_facts(view, crop).stand_kept == 0
    assert any("leaves out the whole" in each for each in answer.reasons_against) == left_out


@pytest.mark.parametrize("kind", ["good", "through", "random", "tiny"])
@pytest.mark.parametrize("number", range(30))
def test_moving_a_crop_by_a_tenth_changes_a_stated_figure(number: int, kind: str) -> None:
    view = seen(number)
    box = drawn(view, kind, number).box
    small = Box(
        box.left * 0.8 + 0.05, box.top * 0.8 + 0.05, box.right * 0.8 + 0.05, box.bottom * 0.8 + 0.05
    )
    moved = Box(small.left + 0.1, small.top, small.right + 0.1, small.bottom)
    before, after = (reasons(view, Crop(each), number) for each in (small, moved))
    assert numbers(before.reasons_for + before.reasons_against) != numbers(
        after.reasons_for + after.reasons_against
    )
    assert before.reasons_against != after.reasons_against


def test_the_verdict_follows_from_the_score() -> None:
    checked = set()
    for number in range(30):
        view = seen(number)
        best, whole = crop_facts(view, first_crop_of(number)), crop_facts(view, Crop(WHOLE))
        for kind in KINDS:
            crop = drawn(view, kind, number)
            facts, verdict = crop_facts(view, crop), reasons(view, crop, number).verdict
            assert SAY.percent(facts.score, digits=1) in verdict
            if "worse than the whole" in verdict:
                assert facts.score < whole.score
            elif "better than the whole" in verdict:
                assert whole.score <= facts.score < best.score
            elif "as good as" in verdict:
                assert facts.score >= best.score - 0.0101
            else:
                assert "would help" in verdict
                assert crop.box == WHOLE
            checked.add(verdict.split(":")[0])
    assert len(checked) >= 4


def test_a_full_frame_has_reasons_too() -> None:
    view = seen(29)
    answer = reasons(view, Crop(WHOLE), 29)
    assert any("100%" in each or "keeps all" in each for each in answer.reasons_for)
    assert any("side" in each for each in answer.reasons_against)


def test_an_even_picture_gets_reasons_without_an_area() -> None:
    view = scene(np.full((300, 400, 3), 100, np.uint8), Size(400, 300))
    answer = why(view, Crop(Box(0.1, 0.2, 0.7, 0.9)), first_crop(view), SAY)
    assert view.stand is None
    assert not any("area that stands out" in each for each in answer.reasons_for)
    assert answer.reasons_for
    assert answer.reasons_against


def test_a_turned_crop_is_measured_in_its_own_frame() -> None:
    view = seen(28)
    assert view.stand is not None
    box = turned(Box(0.2, 0.2, 0.8, 0.8), 7.0, view.size)
    straight, leaning = crop_facts(view, Crop(box)), crop_facts(view, Crop(box, 7.0))
    assert fits(box, 7.0, view.size)
    assert straight.contrast != leaning.contrast
    assert straight.stand_centre != leaning.stand_centre
    assert leaning.area == straight.area
    answer = reasons(view, Crop(box, 7.0), 28)
    assert answer.reasons_for
    assert answer.reasons_against


def test_turning_there_and_back_is_no_turn() -> None:
    view = seen(27)
    tiny = 1e-7
    box = Box(0.15, 0.2, 0.85, 0.9)
    straight, turned_little = crop_facts(view, Crop(box)), crop_facts(view, Crop(box, tiny))
    assert turned_little.contrast == pytest.approx(straight.contrast, abs=0.01)
    assert turned_little.stand_cut == straight.stand_cut
    assert turned_little.stand_kept == pytest.approx(straight.stand_kept, abs=1e-3)
    assert turned_little.score == pytest.approx(straight.score, abs=1e-4)


def test_a_quarter_turned_map_holds_what_the_photo_holds_there() -> None:
    picture = np.full((200, 200, 3), 128, np.uint8)
    picture[20:40, 90:110] = (250, 30, 30)
    view = scene(picture, Size(200, 200))
    inside = turned_shares(view, 90.0).inside(np.array([[0.75, 0.4, 1.0, 0.6]]))[0]
    before = turned_shares(view, 0.0).inside(np.array([[0.4, 0.0, 0.6, 0.25]]))[0]
    assert inside == pytest.approx(before, abs=0.02)
    assert inside > 0.1


def test_the_six_kinds_are_different_crops() -> None:
    view = seen(26)
    boxes = [drawn(view, kind, 26).box for kind in KINDS if kind != "good"]
    assert all(iou(a, b) < 0.99 for i, a in enumerate(boxes) for b in boxes[:i])
