"""Exact long sides, never enlarged; odd shapes; the bytes are read once."""

import numpy as np
import pytest
from PIL import Image

from engine.photo import PhotoError, Stopped, inspect, open_photo, read
from engine.vocabulary import Size


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("shape", [(90, 130), (130, 90), (97, 1013), (64, 64)])
@pytest.mark.parametrize("long_side", [1, 7, 16, 33, 63])
def test_the_long_side_is_exact(encode, put, kind, shape, long_side):
    picture = np.full((*shape, 3), 90, np.uint8)
    result = read(put("photo", encode(picture, kind)), long_side=long_side)
    assert max(result.shape[:2]) == long_side
    assert min(result.shape[:2]) == max(1, round(min(shape) * long_side / max(shape)))
    assert np.abs(result.astype(int) - 90).max() <= 1


def test_a_small_photo_is_never_enlarged(scene, encode, put):
    path = put("photo.png", encode(scene, "PNG"))
    assert np.array_equal(read(path, long_side=5000), scene)


def test_reduction_takes_the_mean_of_the_pixels_covered(encode, put):
    lines = np.zeros((64, 64, 3), np.uint8)
    lines[::2] = 200
    result = read(put("lines.png", encode(lines, "PNG")), long_side=16)
    assert np.array_equal(result, np.full((16, 16, 3), 100))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_one_pixel(encode, put, kind):
    path = put("dot", encode(np.full((1, 1, 3), 80, np.uint8), kind))
    photo = open_photo(path)
    assert photo.rgb().shape == (1, 1, 3)
    assert np.abs(photo.rgb(long_side=1).astype(int) - 80).max() <= 3
    assert photo.bgra().shape == (1, 1, 4)
    assert photo.luma().shape == (1, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("shape", [(1, 30000), (30000, 1), (2, 40000)])
def test_a_thread_of_pixels(encode, put, kind, shape):
    path = put("thread", encode(np.full((*shape, 3), 80, np.uint8), kind))
    assert inspect(path).size == Size(shape[1], shape[0])
    assert max(read(path, long_side=1024).shape) == 1024
    assert read(path).shape == (*shape, 3)
    assert open_photo(path).bgra().shape == (*shape, 4)


def test_the_file_may_be_replaced_or_gone_once_it_is_open(scene, encode, put):
    path = put("photo.png", encode(scene, "PNG"))
    photo = open_photo(path)
    path.write_bytes(b"something else")
    assert np.array_equal(photo.rgb(), scene)
    path.unlink()
    assert np.array_equal(photo.native_rgb(), scene)


def test_stop_ends_the_work_between_stages(scene, encode, put):
    photo = open_photo(put("photo.jpg", encode(scene, "JPEG")))
    for work in (photo.rgb, photo.luma, photo.native_rgb, photo.bgra):
        with pytest.raises(Stopped):
            work(stop=lambda: True)


def test_outputs_are_the_callers_own(scene, encode, put):
    for name, data in (("a.png", encode(scene, "PNG")), ("a.jpg", encode(scene, "JPEG"))):
        photo = open_photo(put(name, data))
        first = photo.rgb()
        first[:] = 0
        assert photo.rgb().any()
        assert photo.bgra().flags.c_contiguous


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF", "TIFF"])
def test_only_the_header_is_read_by_inspect(scene, encode, put, kind):
    data = encode(Image.fromarray(scene), kind)
    path = put("half", data[: len(data) // 2])
    assert inspect(path).size == Size(130, 90)
    with pytest.raises(PhotoError):
        read(path)
