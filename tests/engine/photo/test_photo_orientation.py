"""The same picture stored in 8 orientations gives the same pixels, at every size and in every
output."""

import numpy as np
import pytest
from PIL import Image

from engine.photo import inspect, open_photo, read
from engine.vocabulary import Size

# How to store an upright picture so that the EXIF value turns it upright again.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored(scene, orientation):
    image = Image.fromarray(scene)
    turn = STORED[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    return (image if turn is None else image.transpose(turn)), exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_lossless_files_give_identical_pixels(scene, encode, put, orientation, kind, options):
    image, exif = stored(scene, orientation)
    path = put("photo." + kind.lower(), encode(image, kind, exif=exif, **options))

    assert inspect(path).size == Size(130, 90)
    assert inspect(path).orientation == orientation
    photo = open_photo(path)
    assert np.array_equal(photo.rgb(), scene)
    assert np.array_equal(photo.native_rgb(), scene)
    assert np.array_equal(photo.bgra()[..., 2::-1], scene)
    assert photo.luma().shape == (90, 130)
    assert photo.rgb(long_side=65).shape == (45, 65, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_jpeg_in_8_orientations_shows_the_same_picture(scene, encode, put, orientation):
    image, exif = stored(scene, orientation)
    path = put("photo.jpg", encode(image, "JPEG", quality=95, subsampling=0, exif=exif))
    photo = open_photo(path)

    assert photo.info.size == Size(130, 90)
    for picture in (photo.rgb(), photo.native_rgb(), photo.bgra()[..., 2::-1]):
        assert np.abs(picture.astype(int) - scene).mean() < 3
    luma = np.asarray(Image.fromarray(scene).convert("L")).astype(int)
    assert np.abs(photo.luma() - luma).mean() < 3
    small = np.asarray(Image.fromarray(scene).resize((65, 45), Image.Resampling.BOX)).astype(int)
    assert np.abs(photo.rgb(long_side=65) - small).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_in_8_orientations(encode, put, orientation, kind):
    levels = (np.arange(40 * 30, dtype=np.uint16) * 50).reshape(30, 40)
    turn = STORED[orientation]
    as_stored = levels
    if turn is not None:
        order = np.arange(levels.size, dtype=np.int32).reshape(levels.shape)
        order = np.asarray(Image.fromarray(order).transpose(turn))
        as_stored = levels.ravel()[order]
    exif = Image.Exif()
    exif[274] = orientation
    path = put("grey." + kind.lower(), encode(Image.fromarray(as_stored), kind, exif=exif))

    expected = np.rint(levels / 257).astype(np.uint8)
    assert np.array_equal(read(path)[..., 0], expected)


@pytest.mark.parametrize("value", [0, 9, 300])
def test_an_orientation_that_does_not_exist_counts_as_upright(scene, encode, put, value):
    exif = Image.Exif()
    exif[274] = value
    path = put("photo.png", encode(scene, "PNG", exif=exif))
    assert inspect(path).orientation == 1
    assert np.array_equal(read(path), scene)


def test_exif_behind_the_picture_of_a_png(scene, encode, put):
    image, exif = stored(scene, 6)
    before = encode(image, "PNG", exif=exif)
    at = before.index(b"eXIf") - 4
    length = int.from_bytes(before[at : at + 4], "big") + 12
    moved = before[:at] + before[at + length : -12] + before[at : at + length] + before[-12:]
    assert moved.index(b"eXIf") > moved.rindex(b"IDAT")
    path = put("photo.png", moved)
    assert inspect(path).size == Size(130, 90)
    assert np.array_equal(read(path), scene)
