"""Raw files: the preview where it serves, the decode where not, and nothing turned twice."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from engine.photo import PhotoError, inspect, open_photo
from engine.vocabulary import Size

FLAGS = {1: Size(1200, 800), 3: Size(1200, 800), 6: Size(800, 1200), 8: Size(800, 1200)}
# Where the upright picture shows what the sensor has at its top left: (row, column), 0 or -1.
CORNER = {1: (0, 0), 3: (-1, -1), 6: (0, -1), 8: (-1, 0)}


@pytest.fixture
def sensor():
    """Dim, with a bright top left corner."""
    levels = np.full((800, 1200), 4000, np.uint16)
    levels[:200, :300] = 60000
    return levels


def preview(width, height, *, orientation=None, bright=(0, 0)):
    """A dim JPEG with one bright corner."""
    pixels = np.full((height, width, 3), 30, np.uint8)
    rows = slice(0, height // 4) if bright[0] == 0 else slice(-(height // 4), None)
    columns = slice(0, width // 4) if bright[1] == 0 else slice(-(width // 4), None)
    pixels[rows, columns] = (230, 60, 60)
    exif = Image.Exif()
    if orientation is not None:
        exif[274] = orientation
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()


def bright_corner(picture):
    h, w = picture.shape[:2]
    grey = picture.mean(axis=2)
    corners = {(0, 0): grey[20, 20], (0, -1): grey[20, w - 20]}
    corners |= {(-1, 0): grey[h - 20, 20], (-1, -1): grey[h - 20, w - 20]}
    return max(corners, key=corners.__getitem__)


@pytest.mark.parametrize("orientation", FLAGS)
def test_without_a_preview_the_raw_data_is_developed_upright(sensor, dng, put, orientation):
    photo = open_photo(put("photo.dng", dng(sensor, orientation=orientation)))
    assert photo.info.format == "RAW"
    assert photo.info.size == FLAGS[orientation]
    picture = photo.rgb()
    assert picture.shape[:2] == (photo.info.size.height, photo.info.size.width)
    assert bright_corner(picture) == CORNER[orientation]
    assert max(photo.rgb(long_side=300).shape) == 300
    assert photo.luma().shape == picture.shape[:2]


@pytest.mark.parametrize("orientation", FLAGS)
@pytest.mark.parametrize("tells", [True, False])
def test_a_preview_as_the_sensor_lies_is_turned_once(sensor, dng, put, orientation, tells):
    jpeg = preview(1200, 800, orientation=orientation if tells else None)
    data = dng(sensor, orientation=orientation, preview=jpeg, preview_size=(1200, 800))
    photo = open_photo(put("photo.dng", data))
    picture = photo.rgb()
    assert photo.info.size == FLAGS[orientation]
    assert picture.shape[:2] == (photo.info.size.height, photo.info.size.width)
    assert bright_corner(picture) == CORNER[orientation]
    assert picture.max(axis=(0, 1))[0] > 200  # red: the preview's colour, not the sensor's grey
    assert picture.max(axis=(0, 1))[1] < 120


@pytest.mark.parametrize("orientation", [6, 8])
@pytest.mark.parametrize("tag", [None, 1])
def test_a_preview_that_is_upright_already_is_not_turned_again(sensor, dng, put, orientation, tag):
    jpeg = preview(800, 1200, orientation=tag, bright=CORNER[orientation])
    data = dng(sensor, orientation=orientation, preview=jpeg, preview_size=(800, 1200))
    picture = open_photo(put("photo.dng", data)).rgb()
    assert picture.shape == (1200, 800, 3)
    assert bright_corner(picture) == CORNER[orientation]


@pytest.mark.parametrize("size", [(600, 400), (1200, 900)], ids=["small", "another shape"])
def test_a_preview_that_does_not_serve_gives_way_to_the_decode(sensor, dng, put, size):
    data = dng(sensor, preview=preview(*size), preview_size=size)
    picture = open_photo(put("photo.dng", data)).rgb()
    assert picture.shape == (800, 1200, 3)
    spread = picture[20, 20].astype(int)
    assert abs(spread[0] - spread[1]) < 60  # the sensor's grey


def test_a_preview_whose_header_is_broken_gives_way_to_the_decode(sensor, dng, put):
    data = dng(sensor, preview=b"\xff\xd8\xff\xe0" + bytes(3000), preview_size=(1200, 800))
    assert open_photo(put("photo.dng", data)).rgb().shape == (800, 1200, 3)


@pytest.mark.parametrize("kept", [100, 500, 100_000, 1_500_000])
def test_a_raw_file_that_ends_early_is_refused(sensor, dng, put, kept):
    path = put("photo.dng", dng(sensor)[:kept])
    with pytest.raises(PhotoError) as caught:
        open_photo(path).rgb()
    assert caught.value.code == "damaged"


def test_something_else_under_a_raw_name_is_refused(put):
    path = put("photo.nef", b"II*\0" + struct.pack("<I", 8) + bytes(500))
    with pytest.raises(PhotoError) as caught:
        inspect(path)
    assert caught.value.code in ("damaged", "unsupported")


def test_a_jpeg_under_a_raw_name_is_a_jpeg(put):
    assert inspect(put("photo.cr2", preview(60, 40))).format == "JPEG"
