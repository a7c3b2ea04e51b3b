from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from app.domain.settings import Guide, Theme
from app.theme.tokens import tokens_of
from engine.geometry import to_photo, to_turned
from engine.vocabulary import Box, Line, Mask, Where

AMBER = (255, 176, 46)


def colour_at(canvas, x, y):
    """The colour of the photo at a place in its pixels."""
    pixels = np.asarray(Image.open(canvas.controller.session.photo))
    return pixels[min(int(y), 799), min(int(x), 1199)].astype(float)


def shown(canvas, x, y, grab=None):
    """What is painted at a place of the turned frame."""
    grab = canvas.grab() if grab is None else grab
    at = canvas.at(x, y)
    return grab[at.y(), at.x()].astype(float)


def is_close(a, b, tolerance=6):
    return bool(np.abs(np.asarray(a, float) - np.asarray(b, float)).max() <= tolerance)


def ground():
    value = tokens_of(Theme.DARK).surround
    return [int(value[i : i + 2], 16) for i in (1, 3, 5)]


@pytest.fixture
def plain(canvas):
    """The canvas without guides."""
    canvas.controller.set_settings(replace(canvas.controller.settings, guide=Guide.NONE))
    return canvas


def test_the_photo_is_where_the_camera_says(plain):
    grab = plain.grab()
    for x, y in ((50, 50), (600, 400), (1100, 750), (200, 700)):
        assert is_close(shown(plain, x, y, grab), colour_at(plain, x, y)), (x, y)
    assert is_close(shown(plain, -40, 400, grab), ground(), 0)


def test_at_one_to_one_every_pixel_is_copied(plain):
    plain.view.zoom_to_actual()
    grab = plain.grab()
    pixels = np.asarray(Image.open(plain.controller.session.photo))
    left, top = (round(v) for v in plain.view.camera.to_scene((0, 0)))
    assert np.array_equal(grab, pixels[top : top + 500, left : left + 700])


def test_a_preview_is_smooth_at_one_to_one(plain):
    whole = plain.controller.picture
    preview = replace(whole, levels=whole.levels[2:], complete=False)
    plain.controller.picture_changed.emit(preview)
    plain.view.zoom_to_actual()
    row = plain.grab()[250, 100:600, 0].astype(int)
    assert np.abs(np.diff(row)).max() <= 1  # four pixels of the photo a step would be squares
    assert row[-1] > row[0] + 60


def test_a_fine_pattern_far_below_one_to_one_does_not_alias(plain, tmp_path):
    stripes = np.zeros((3000, 4000, 3), np.uint8)
    stripes[:, ::2] = 200
    fine = tmp_path / "fine.png"
    Image.fromarray(stripes).save(fine)
    plain.open(fine)
    at = plain.at(2000, 1500)
    part = plain.grab()[at.y() - 60 : at.y() + 60, at.x() - 60 : at.x() + 60]
    assert is_close(part.min(), 100, 8)
    assert is_close(part.max(), 100, 8)


def test_the_surround_is_dimmed_and_the_crop_is_not(plain):
    plain.add(300, 200, 900, 600)
    grab = plain.grab()
    for x, y in ((400, 300), (600, 400), (800, 500)):
        assert is_close(shown(plain, x, y, grab), colour_at(plain, x, y)), (x, y)
    for x, y in ((100, 100), (1100, 400), (600, 100)):
        dimmed = colour_at(plain, x, y) * (1 - 150 / 255)
        assert is_close(shown(plain, x, y, grab), dimmed), (x, y)


def test_the_current_crop_has_a_frame_and_handles_and_the_others_ticks(plain):
    plain.add(100, 100, 260, 700)
    plain.add(300, 200, 900, 600)
    grab = plain.grab()
    edge = plain.at(450, 200)
    across = grab[edge.y() - 4 : edge.y() + 5, edge.x()].min(axis=1)
    assert (across > 200).sum() == 1  # the frame is one light line
    corner = plain.at(900, 600)
    assert grab[corner.y() + 1, corner.x() + 1].min() > 200  # a handle, outside the corner
    tick = plain.at(260, 100)
    assert grab[tick.y(), tick.x() - 6].min() > 120
    middle = shown(plain, 180, 100, grab)  # between the ticks there is no line
    assert is_close(middle, colour_at(plain, 180, 100) * (1 - 150 / 255))


def test_a_dragged_crop_is_painted_where_it_is(plain):
    plain.add(300, 200, 900, 600)
    plain.drag(plain.at(900, 400), plain.at(1100, 400))
    assert is_close(shown(plain, 1000, 300), colour_at(plain, 1000, 300))


def test_the_photo_is_turned_clockwise_by_the_crops_angle(plain):
    plain.add(350, 250, 850, 550, angle=12)
    grab = plain.grab()
    for x, y in ((420, 300), (600, 400), (800, 500)):
        on_photo = to_photo((x / 1200, y / 800), 12, plain.size)
        wanted = colour_at(plain, on_photo[0] * 1200, on_photo[1] * 800)
        assert is_close(shown(plain, x, y, grab), wanted), (x, y)


def test_a_preview_and_the_whole_photo_do_not_jump(plain):
    whole = plain.controller.picture
    before, camera = plain.grab(), plain.view.camera
    preview = replace(whole, levels=whole.levels[1:], complete=False)
    plain.controller.picture_changed.emit(preview)
    assert plain.view.camera == camera
    assert is_close(plain.grab(), before, 12)
    plain.controller.picture_changed.emit(whole)
    assert plain.view.camera == camera


def test_guides_are_lines_inside_the_crop(plain):
    plain.add(300, 200, 900, 600)
    plain.controller.set_settings(replace(plain.controller.settings, guide=Guide.CENTRE))
    grab = plain.grab()
    at = plain.at(600, 300)
    column = grab[at.y(), at.x() - 3 : at.x() + 4].astype(int).sum(axis=1)
    assert column.max() > colour_at(plain, 600, 300).sum() + 60
    assert is_close(shown(plain, 500, 300, grab), colour_at(plain, 500, 300))
    assert is_close(shown(plain, 600, 100, grab), colour_at(plain, 600, 100) * (1 - 150 / 255))


@pytest.mark.parametrize("angle", [0.0, 9.0])
def test_evidence_lies_on_the_photo_and_turns_with_it(plain, angle):
    crop = plain.add(350, 250, 850, 550, angle=angle)
    mask = Mask(4, 2, (5, 1, 2))  # the second pixel of the lower row
    line = Line(0.1, 0.2, 0.9, 0.2)
    plain.view.show_evidence(Where(line=line, mask=mask))
    grab = plain.grab()

    def on_photo(x, y):
        turned = _turned(x, y, crop.angle, plain)
        at = plain.at(*turned)
        return grab[at.y(), at.x()].astype(float)

    assert is_close(on_photo(0.5, 0.2), AMBER, 25)
    inside = colour_at(plain, 450, 600) * (1 - 150 / 255) + np.array(AMBER) * (150 / 255)
    assert is_close(on_photo(0.375, 0.75), inside, 10)
    assert is_close(on_photo(0.875, 0.75), colour_at(plain, 1050, 600))
    plain.view.show_evidence(None)
    assert not is_close(shown(plain, *_turned(0.375, 0.75, angle, plain)), inside, 10)


def test_evidence_boxes_are_framed(plain):
    plain.view.show_evidence(Where(boxes=(Box(0.25, 0.25, 0.5, 0.5),)))
    grab = plain.grab()
    at = plain.at(300, 300)
    edge = grab[at.y(), at.x() - 2 : at.x() + 3].astype(float)
    assert min(np.abs(pixel - AMBER).max() for pixel in edge) < 30


def test_a_hovered_card_shows_its_crop_and_goes_back(plain):
    plain.add(100, 100, 400, 300)
    plain.add(600, 400, 1100, 700)
    before = plain.grab()
    plain.view.preview_crop(0)
    assert is_close(shown(plain, 250, 200), colour_at(plain, 250, 200))
    assert plain.controller.session.framing.current == 1
    plain.view.preview_crop(None)
    assert is_close(plain.grab(), before, 0)


def test_comparing_shows_the_crop_alone_and_goes_back(plain):
    plain.add(300, 200, 700, 500)
    before = plain.grab()
    plain.view.set_comparing(True)
    grab = plain.grab()
    assert is_close(grab[250, 350], colour_at(plain, 500, 350))  # its middle in the view's
    assert is_close(grab[45, 80], colour_at(plain, 310, 205), 12)
    assert is_close(grab[20, 20], ground(), 0)
    plain.view.set_comparing(False)
    assert is_close(plain.grab(), before, 0)


def test_a_theme_has_its_own_ground(plain):
    plain.controller.set_settings(replace(plain.controller.settings, theme=Theme.LIGHT))
    assert not is_close(plain.grab()[5, 5], ground())


def _turned(x, y, angle, canvas):
    u, v = to_turned((x, y), angle, canvas.size)
    return u * 1200, v * 800
