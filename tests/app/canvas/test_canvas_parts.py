"""The canvas's pure parts: hit-testing, the camera, limits, and how a ratio is written."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from app.canvas.camera import Area, Camera, fitted, on_whole_pixels, scaled_to, turned_area
from app.canvas.feasible import Limit, nearest, photo_limits
from app.canvas.hit import REACH, Handle, crop_at, handle_at
from app.canvas.lens import Lens, Pane
from app.canvas.paint_stage import around
from app.canvas.ratios import size_text
from engine.geometry import to_photo
from engine.vocabulary import Box, Crop, Size

SIZE = Size(1200, 800)
CROP = Crop(Box(0.25, 0.25, 0.75, 0.75))  # 300, 200 … 900, 600
PANE = Pane(700, 500, 1.0)


@pytest.mark.parametrize("scale", [0.1, 0.5, 1.0, 4.0])
def test_handles_reach_as_far_on_the_screen_at_any_zoom(scale):
    def at(dx, dy):
        where = (900 + dx / scale, 600 + dy / scale)
        return handle_at(crop=CROP, at=where, scale=scale, size=SIZE)

    assert at(REACH - 1, REACH - 1) is Handle.BOTTOM_RIGHT
    assert at(REACH - 1, -40 * scale) in (Handle.RIGHT, Handle.BOTTOM_RIGHT)
    assert at(REACH + 1, 0) is None
    assert at(0, REACH + 1) is None


def test_a_crop_smaller_than_its_handles_can_still_be_moved():
    tiny = Crop(Box(0.5, 0.5, 0.51, 0.51))
    middle = (0.505 * 1200, 0.505 * 800)
    assert handle_at(crop=tiny, at=middle, scale=0.2, size=SIZE) is Handle.INSIDE


def test_the_smallest_crop_is_found_in_a_turned_view():
    small = Crop(Box(0.6, 0.6, 0.7, 0.7), 10.0)
    x, y = to_photo((0.65, 0.65), 10.0, SIZE)
    crops = (Crop(Box(0.0, 0.0, 1.0, 1.0)), small)
    at = (x * SIZE.width, y * SIZE.height)
    assert crop_at(crops=crops, at=at, angle=0.0, size=SIZE) == 1
    assert crop_at(crops=crops, at=(5, 5), angle=0.0, size=SIZE) == 0
    assert crop_at(crops=crops, at=(-5, 5), angle=0.0, size=SIZE) is None


@given(st.floats(0.01, 8), st.floats(0, 700), st.floats(0, 500), st.floats(0.02, 30))
def test_zooming_keeps_the_place_under_the_pointer(scale, x, y, wanted):
    camera = Camera(scale, 600, 400, 700, 500)
    before = camera.to_scene((x, y))
    after = scaled_to(camera, wanted, (x, y), smallest=0.01).to_scene((x, y))
    assert after == pytest.approx(before, abs=1e-6)


@given(
    st.floats(0.05, 8), st.floats(-50, 1300), st.floats(-50, 900), st.sampled_from([1.0, 1.5, 2])
)
def test_the_photos_origin_lies_on_a_whole_device_pixel(scale, x, y, device_ratio):
    camera = on_whole_pixels(Camera(scale, x, y, 700, 500), device_ratio)
    for edge in camera.to_screen((0.0, 0.0)):
        assert edge * device_ratio == pytest.approx(round(edge * device_ratio), abs=1e-6)


def test_a_small_photo_is_not_blown_up_and_a_large_one_has_its_margin():
    assert fitted(Area(0, 0, 100, 80), 700, 500, margin=40).scale == 1
    large = fitted(turned_area(SIZE, 0), 700, 500, margin=40)
    assert large.to_screen((0, 0))[0] >= 40 - 1e-9
    assert large.to_screen((0, 800))[1] <= 460 + 1e-9


def test_the_photo_cannot_be_lost_nor_zoomed_away():
    lens, area = Lens(), turned_area(SIZE, 0)
    lens.fit(area, PANE)
    for _ in range(100):
        lens.pan_by(-300, 200, area, PANE)
    x, y = lens.camera.to_scene(PANE.middle)
    assert -1 <= x <= 1202
    assert -2 <= y <= 801
    for _ in range(100):
        lens.zoom_to(lens.camera.scale / 2, (350, 250), area, PANE)
    assert lens.camera.scale > 0.1


def test_a_view_that_was_zoomed_keeps_its_place_when_the_window_grows():
    lens, area = Lens(), turned_area(SIZE, 0)
    lens.fit(area, PANE)
    lens.zoom_to(2.0, (350, 250), area, PANE)
    before = lens.camera
    lens.follow(area, Pane(900, 600, 1.0))
    assert (lens.camera.scale, lens.camera.x, lens.camera.y) == (before.scale, before.x, before.y)


@given(st.floats(-40, 40), st.floats(-4000, 4000), st.floats(-4000, 4000))
def test_the_nearest_place_of_a_turned_photo_is_its_own_or_on_its_border(angle, x, y):
    limits = photo_limits(SIZE, angle)
    found = nearest((x, y), limits)
    u, v = to_photo((found[0] / 1200, found[1] / 800), angle, SIZE)
    assert -1e-6 <= u <= 1 + 1e-6
    assert -1e-6 <= v <= 1 + 1e-6
    inside = to_photo((x / 1200, y / 800), angle, SIZE)
    if all(0 <= part <= 1 for part in inside):
        assert found == (x, y)
    else:
        assert min(u, v, 1 - u, 1 - v) == pytest.approx(0, abs=1e-6)


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0, 3), st.floats(0, 3))
def test_no_other_allowed_point_is_nearer(x, y, u, v):
    limits = (Limit(-1, 0, 0), Limit(0, -1, 0), Limit(1, 1, 3))
    assume(u + v <= 3)
    found = nearest((x, y), limits)
    distance = (found[0] - x) ** 2 + (found[1] - y) ** 2
    assert distance <= (u - x) ** 2 + (v - y) ** 2 + 1e-6


def test_nothing_is_allowed_between_limits_that_exclude_each_other():
    assert nearest((0, 0), (Limit(1, 0, -1), Limit(-1, 0, -1))) is None


def test_the_surround_and_the_crop_cover_the_view_without_overlap():
    view = QRectF(0, 0, 700, 500)
    for rect in (QRectF(100, 50, 300, 200), QRectF(-20, 10, 900, 60), QRectF(900, 0, 50, 50)):
        parts = around(rect, view)
        inner = rect.intersected(view)
        area = sum(part.width() * part.height() for part in parts)
        assert area + inner.width() * inner.height() == 700 * 500
        assert not any(part.intersects(inner) for part in parts)


def test_a_label_has_pixels_and_ratio():
    assert size_text(Size(3000, 2000)) == "3000 × 2000 · 3:2"
