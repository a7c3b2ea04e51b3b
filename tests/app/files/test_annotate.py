"""The annotated picture: what is drawn lies where it belongs, in its colour, and stays legible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.files.annotate import (
    AMBER,
    OUTSIDE,
    RED_ORANGE,
    WHITE,
    annotated,
    badge_centres,
    bitmap,
    write_annotated,
)
from engine import geometry
from engine.vocabulary import (
    EVERYWHERE,
    Box,
    Crop,
    Finding,
    FindingKind,
    Line,
    Mask,
    Measurement,
    Size,
    Where,
)

GREY = 100
PLAIN = np.full((400, 600, 3), GREY, np.uint8)
CROP = Crop(Box(0.2, 0.25, 0.7, 0.85))


def finding(where):
    measured = Measurement(1.0, "EV", "one stop")
    return Finding(FindingKind.EDGE_DISTRACTION, 0.5, where, measured, "", "")


def near(picture, x, y, colour):
    """Whether `colour` is drawn within two pixels of the place (fractions)."""
    height, width = picture.shape[:2]
    column, row = round(x * width), round(y * height)
    patch = picture[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3].astype(int)
    return bool((np.abs(patch - colour).max(axis=2) < 12).any())


def test_the_current_crop_is_amber_and_the_others_white():
    other = Crop(Box(0.3, 0.1, 0.95, 0.6))
    picture = annotated(PLAIN, (CROP, other), ())
    assert near(picture, 0.45, 0.85, AMBER)
    assert near(picture, 0.7, 0.7, AMBER)
    assert near(picture, 0.8, 0.1, WHITE)
    assert not near(picture, 0.8, 0.1, AMBER)
    swapped = annotated(PLAIN, (CROP, other), (), current=1)
    assert near(swapped, 0.8, 0.1, AMBER)
    assert near(swapped, 0.45, 0.85, WHITE)


def test_only_the_outside_of_the_current_crop_is_dimmed():
    picture = annotated(PLAIN, (CROP,), ())
    assert (picture[240, 300] == GREY).all()
    assert (picture[20, 560] == round(GREY * OUTSIDE)).all()
    assert (annotated(PLAIN, (CROP,), (), current=None)[20, 560] == GREY).all()


@pytest.mark.parametrize("angle", [-20.0, 5.0])
def test_a_turned_crop_is_drawn_through_its_turned_corners(angle):
    size = Size(600, 400)
    crop = Crop(Box(0.3, 0.3, 0.7, 0.7), angle)
    picture = annotated(PLAIN, (crop,), ())
    corners = geometry.photo_corners(crop, size)
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        for part in (0.25, 0.5, 0.75):
            assert near(picture, x1 + part * (x2 - x1), y1 + part * (y2 - y1), AMBER)
    assert not near(picture, 0.3, 0.3, AMBER)


def test_badges_stand_apart_and_carry_their_crops_colour():
    size, radius = Size(600, 400), 8 * 2
    crops = tuple(Crop(Box(0.2, 0.2, 0.5 + 0.1 * n, 0.9)) for n in range(4))
    centres = badge_centres(crops, size, radius)
    for index, centre in enumerate(centres):
        assert all(np.hypot(*(centre - other)) > 2 * radius for other in centres[:index])
    picture = annotated(PLAIN, crops, (), current=2)
    for index, (x, y) in enumerate(centres):
        rim = (x + 0.8 * radius) / size.width, y / size.height
        assert near(picture, *rim, AMBER if index == 2 else WHITE)


def test_the_horizon_and_the_boxes_are_red_orange():
    where = Where(boxes=(Box(0.75, 0.2, 0.9, 0.5),), line=Line(0.0, 0.6, 1.0, 0.7))
    picture = annotated(PLAIN, (), (finding(where),))
    assert all(near(picture, x, 0.6 + 0.1 * x, RED_ORANGE) for x in (0.1, 0.5, 0.9))
    assert near(picture, 0.75, 0.2, RED_ORANGE)
    assert (picture[140, 495] == GREY).all()


def test_a_fault_of_the_whole_photo_draws_nothing():
    np.testing.assert_array_equal(annotated(PLAIN, (), (finding(EVERYWHERE),)), PLAIN)


def test_a_mask_tints_its_pixels():
    mask = Mask(6, 4, (7, 2, 15))  # two pixels of the second row
    picture = annotated(PLAIN, (), (finding(Where(mask=mask)),))
    assert picture[150, 200, 0] > GREY + 40
    assert (picture[350, 500] == GREY).all()


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_runs_become_the_bitmap_that_they_were(width, height, data):
    wanted = np.array(
        data.draw(st.lists(st.booleans(), min_size=width * height, max_size=width * height))
    ).reshape(height, width)
    runs, value, length = [], False, 0
    for pixel in wanted.ravel():
        if pixel == value:
            length += 1
        else:
            runs.append(length)
            value, length = bool(pixel), 1
    runs.append(length)
    np.testing.assert_array_equal(bitmap(Mask(width, height, tuple(runs))), wanted)


def test_large_photos_are_reduced_and_small_ones_left():
    assert annotated(np.zeros((100, 4000, 3), np.uint8), (), ()).shape == (40, 1600, 3)
    assert annotated(PLAIN, (), ()).shape == PLAIN.shape


def test_the_photo_itself_stays_as_it_is():
    before = PLAIN.copy()
    annotated(PLAIN, (CROP,), (finding(Where(line=Line(0, 0, 1, 1))),))
    np.testing.assert_array_equal(PLAIN, before)


def test_it_is_written_as_a_new_png(tmp_path):
    picture = annotated(PLAIN, (CROP,), ())
    first = write_annotated(picture, tmp_path / "out.png")
    second = write_annotated(picture, tmp_path / "out.png")
    assert [first.name, second.name] == ["out.png", "out (2).png"]
    np.testing.assert_array_equal(np.asarray(Image.open(first)), picture)
