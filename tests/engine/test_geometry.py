"""Boxes, turns and ratios, by example and by property."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine import geometry
from engine.vocabulary import WHOLE, Aspect, Box, Crop, Size

SIZES = st.builds(Size, st.integers(20, 6000), st.integers(20, 6000))
ANGLES = st.floats(-45, 45)
FRACTIONS = st.floats(0, 1)
ASPECTS = st.builds(Aspect, st.integers(1, 21), st.integers(1, 21))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, right = sorted((draw(FRACTIONS), draw(FRACTIONS)))
    top, bottom = sorted((draw(FRACTIONS), draw(FRACTIONS)))
    assume(right - left > 0.01 and bottom - top > 0.01)
    return Box(left, top, right, bottom)


def test_overlap_by_hand() -> None:
    a, b = Box(0, 0, 0.5, 0.5), Box(0.25, 0.25, 0.75, 0.75)
    assert geometry.intersection(a, b) == pytest.approx(0.0625)
    assert geometry.iou(a, b) == pytest.approx(0.0625 / 0.4375)
    assert geometry.kept(a, b) == pytest.approx(0.25)
    assert geometry.iou(a, Box(0.5, 0, 1, 1)) == 0


@given(boxes(), boxes())
def test_overlap_is_symmetric_and_bounded(a: Box, b: Box) -> None:
    assert geometry.iou(a, b) == pytest.approx(geometry.iou(b, a))
    assert 0 <= geometry.iou(a, b) <= 1
    assert geometry.iou(a, a) == pytest.approx(1)


@pytest.mark.parametrize(
    ("crop", "cut"),
    [
        (Box(0, 0, 1, 1), ()),
        (Box(0.5, 0, 1, 1), ("left",)),
        (Box(0, 0.5, 0.5, 1), ("top", "right")),
        (Box(0.45, 0.45, 0.55, 0.55), ("left", "top", "right", "bottom")),
        (Box(0.7, 0.7, 1, 1), ()),
    ],
)
def test_sides_cut(crop: Box, cut: tuple[str, ...]) -> None:
    assert geometry.sides_cut(Box(0.4, 0.4, 0.6, 0.6), crop) == cut


def test_clockwise_is_positive_on_the_screen() -> None:
    """Turned by 90° clockwise, what was at the top is at the right."""
    assert geometry.rotate((0, -1), 90) == pytest.approx((1, 0))
    square = Size(100, 100)
    assert geometry.to_turned((0.5, 0.0), 90, square) == pytest.approx((1.0, 0.5))


@given(st.tuples(FRACTIONS, FRACTIONS), ANGLES, SIZES)
def test_turning_there_and_back(point: tuple[float, float], angle: float, size: Size) -> None:
    there = geometry.to_turned(point, angle, size)
    assert geometry.to_photo(there, angle, size) == pytest.approx(point, abs=1e-9)


@given(boxes(), ANGLES, SIZES)
def test_moved_inside_fits_and_keeps_its_shape(box: Box, angle: float, size: Size) -> None:
    inside = geometry.moved_inside(box, angle, size)
    assert geometry.fits(inside, angle, size)
    ratio = geometry.ratio_of(box, size)
    assert geometry.ratio_of(inside, size) == pytest.approx(ratio, rel=1e-6)
    assert inside.area <= box.area * (1 + 1e-9)


@given(boxes(), ANGLES, SIZES)
def test_what_fits_is_left_alone(box: Box, angle: float, size: Size) -> None:
    inside = geometry.moved_inside(box, angle, size)
    again = geometry.moved_inside(inside, angle, size)
    assert astuple(again) == pytest.approx(astuple(inside), abs=1e-9)


@given(boxes(), SIZES)
def test_whole_pixels_stay_inside(box: Box, size: Size) -> None:
    left, top, right, bottom = geometry.pixel_bounds(box, size)
    assert 0 <= left < right <= size.width
    assert 0 <= top < bottom <= size.height


@given(boxes(), ASPECTS, SIZES)
def test_snapped_meets_the_ratio_within_one_pixel(box: Box, aspect: Aspect, size: Size) -> None:
    snapped = geometry.snapped(box, size, aspect)
    pixels = geometry.pixel_size(snapped, size)
    if pixels.width <= pixels.height:
        error = abs(pixels.width - pixels.height * aspect.ratio)
    else:
        error = abs(pixels.height - pixels.width / aspect.ratio)
    shorter = min(pixels.width, pixels.height)
    assert error <= 1 or shorter == 1
    assert geometry.intersection(snapped, WHOLE) == pytest.approx(snapped.area)


@given(st.floats(0.2, 5), SIZES)
def test_the_largest_box_of_a_ratio_touches_two_borders(ratio: float, size: Size) -> None:
    box = geometry.largest_with_ratio(ratio, size)
    assert geometry.ratio_of(box, size) == pytest.approx(ratio, rel=1e-6)
    assert max(box.width, box.height) == pytest.approx(1)


def test_footprint_of_a_turned_crop_is_larger() -> None:
    crop = Crop(Box(0.3, 0.3, 0.7, 0.7), angle=10)
    around = geometry.footprint(crop, Size(300, 200))
    assert around.area > crop.box.area
    assert around.centre == pytest.approx((0.5, 0.5))
