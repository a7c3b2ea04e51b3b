"""Turned crops: every exported pixel against the function that painted the photo there."""

from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from app.files import cutting
from app.files.export import ExportFormat, export_crop
from engine import geometry
from engine.stop import never
from engine.vocabulary import Box, Crop, Size

BOX = Box(0.22, 0.24, 0.77, 0.71)
KERNEL_REACH = 4
OFF_BY_PX = 0.04
"""OpenCV looks places up in steps of 1/32 pixel and its kernel adds as much: 0.037 px measured on
slopes, without bias."""


def places(box, angle, out, size):
    """Where in the photo each exported pixel's centre lies, in pixels, by plain trigonometry: the
    photo is turned clockwise about its centre, so the place is turned back."""
    j, i = np.mgrid[0 : out.height, 0 : out.width]
    across = (box.left + (i + 0.5) / out.width * (box.right - box.left)) * size.width
    down = (box.top + (j + 0.5) / out.height * (box.bottom - box.top)) * size.height
    across, down = across - size.width / 2, down - size.height / 2
    c, s = cos(radians(angle)), sin(radians(angle))
    return across * c + down * s + size.width / 2, -across * s + down * c + size.height / 2


def expected(kit, box, angle, out, size, channels):
    x, y = places(box, angle, out, size)
    planes = [kit.smooth(x, y, c, width=size.width, height=size.height) for c in range(channels)]
    inside = (
        (x > KERNEL_REACH)
        & (x < size.width - KERNEL_REACH)
        & (y > KERNEL_REACH)
        & (y < size.height - KERNEL_REACH)
    )
    return np.stack(planes, axis=2), inside


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("angle", [-31.0, -2.5, 0.4, 7.0, 90.0])
@pytest.mark.parametrize("source", ["png-rgb16", "tiff-rgb16"])
def test_turned_pixels_are_those_of_the_place_they_show(tmp_path, kit, source, angle, orientation):
    photo, _ = kit.write_source(tmp_path, source, orientation=orientation)
    size = Size(kit.width, kit.height)
    crop = Crop(geometry.turned(BOX, angle, size), angle)
    result = export_crop(photo, crop, tmp_path / "out.png", format=ExportFormat.PNG)
    assert result.size == geometry.pixel_size(crop.box, size)
    got = kit.read_back(result.path) / 65535
    wanted, inside = expected(kit, crop.box, angle, result.size, size, 3)
    assert np.abs(got - wanted)[inside].max() < OFF_BY_PX * steepest(wanted)
    assert inside.mean() > 0.9


def steepest(picture):
    """The most that the picture changes from a pixel to the next, down and across together."""
    return sum(np.abs(np.diff(picture, axis=axis)).max() for axis in (0, 1))


def test_a_wrong_direction_or_half_a_pixel_would_be_noticed(tmp_path, kit):
    """The check above has teeth: its tolerance is far below either mistake."""
    size = Size(kit.width, kit.height)
    out = geometry.pixel_size(BOX, size)
    right, _ = expected(kit, BOX, 2.5, out, size, 3)
    wrong_way, _ = expected(kit, BOX, -2.5, out, size, 3)
    half = Box(*(edge + 0.5 / size.width for edge in BOX))
    half_off, _ = expected(kit, half, 2.5, out, size, 3)
    assert np.abs(right - wrong_way).max() > 10 * OFF_BY_PX * steepest(right)
    assert np.abs(right - half_off).max() > 4 * OFF_BY_PX * steepest(right)


def test_tiles_meet_without_a_seam(kit):
    width, height = 2300, 1250
    photo = kit.painted(1, np.uint16, width=width, height=height)
    size = Size(width, height)
    crop = Crop(geometry.turned(Box(0.02, 0.02, 0.98, 0.98), 4.0, size), 4.0)
    out = cutting.output_size(crop, size)
    assert out.width > cutting.TILE
    got = cutting.cut(photo, 1, crop, has_alpha=False, stop=never) / 65535
    x, y = places(crop.box, 4.0, out, size)
    wanted = kit.smooth(x, y, 0, width=width, height=height)
    assert np.abs(got - wanted).max() < 2e-3
    assert np.abs(np.diff(got - wanted, axis=1)).max() < 1e-4


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_transparent_does_not_bleed(dtype):
    highest = np.iinfo(dtype).max
    photo = np.zeros((80, 80, 4), dtype)
    photo[:, :, 0] = highest  # red where it is not to be seen
    photo[20:60, 20:60] = (0, highest, 0, highest)
    crop = Crop(Box(0.2, 0.2, 0.8, 0.8), 10.0)
    got = cutting.cut(photo, 1, crop, has_alpha=True, stop=never)
    seen = got[:, :, 3] > highest // 50
    assert got.dtype == dtype
    assert seen.any()
    assert got[:, :, 0][seen].max() <= highest * 0.02
    assert (got[:, :, 1][seen] >= highest * 0.9).mean() > 0.98


@given(
    st.floats(-45, 45).filter(lambda a: abs(a) > 1e-3),
    st.floats(0, 0.9),
    st.floats(0, 0.9),
    st.floats(0.05, 1),
    st.floats(0.05, 1),
)
def test_no_exported_pixel_looks_outside_the_photo(angle, left, top, width, height):
    size = Size(300, 200)
    box = geometry.turned(Box(left, top, left + width, top + height), angle, size)
    crop = Crop(box, angle)
    out = cutting.output_size(crop, size)
    to_photo = cutting.pixel_map(crop, out, size)
    ends = [(0, 0), (out.width - 1, 0), (0, out.height - 1), (out.width - 1, out.height - 1)]
    for end in ends:
        x, y = to_photo @ (*end, 1)
        assert -0.5 - 1e-6 <= x <= size.width - 0.5 + 1e-6
        assert -0.5 - 1e-6 <= y <= size.height - 0.5 + 1e-6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_stored_map_is_pillows_orientation(kit, orientation):
    stored = kit.painted(3, np.uint8)
    image = Image.fromarray(stored)
    image.getexif()[0x0112] = orientation
    upright = np.asarray(ImageOps.exif_transpose(image))
    to_stored = cutting.stored_map(orientation, Size(stored.shape[1], stored.shape[0]))
    for x, y in ((0, 0), (7, 3), (upright.shape[1] - 1, upright.shape[0] - 1)):
        column, row = to_stored @ (x, y, 1)
        np.testing.assert_array_equal(stored[row, column], upright[y, x])
