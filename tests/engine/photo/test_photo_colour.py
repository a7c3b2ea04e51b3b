"""Every kind of pixels becomes the right sRGB: profiles, CMYK, grey, palettes, 16 bits, Lab,
transparency."""

import io
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from engine.photo import inspect, open_photo, read
from engine.photo.colour import to_srgb
from engine.photo.matrix import matrix_conversion

GREEN_P3 = (40, 200, 60)


def by_littlecms(image, icc, intent=ImageCms.Intent.PERCEPTUAL):
    source, target = ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB")
    return np.asarray(ImageCms.profileToProfile(image, source, target, intent, "RGB"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_display_p3_is_converted(encode, put, display_p3, kind):
    picture = np.full((40, 60, 3), GREEN_P3, np.uint8)
    options = {"lossless": True} if kind == "WEBP" else {}
    path = put("p3", encode(picture, kind, icc_profile=display_p3, **options))
    expected = by_littlecms(Image.fromarray(picture), display_p3)[0, 0].astype(int)
    assert np.abs(expected - GREEN_P3).max() > 20  # the conversion matters
    photo = open_photo(path)
    tolerance = 3 if kind == "JPEG" else 1
    for result in (photo.rgb(), photo.rgb(long_side=20), photo.bgra()[..., 2::-1]):
        assert np.abs(result.astype(int) - expected).max() <= tolerance
    assert np.abs(photo.native_rgb().astype(int) - GREEN_P3).max() <= tolerance
    assert photo.info.icc == display_p3


def test_large_conversions_agree_with_littlecms_everywhere(encode, put, display_p3):
    """More than one band of rows, all colours of a fine grid."""
    levels = np.arange(0, 256, 2, dtype=np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    picture = grid.reshape(2048, 1024, 3)
    photo = open_photo(put("grid.bmp", encode(picture, "TIFF", icc_profile=display_p3)))
    expected = by_littlecms(Image.fromarray(picture), display_p3).astype(int)
    assert np.abs(photo.rgb() - expected).max() <= 1
    window = photo.bgra()
    assert np.abs(window[..., 2::-1] - expected).max() <= 1
    assert (window[..., 3] == 255).all()


def test_every_kind_of_curve_is_converted_as_littlecms_does_it(p3_with_a_curve):
    convert = matrix_conversion(p3_with_a_curve)
    assert convert is not None
    levels = np.arange(0, 256, 5, dtype=np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(52 * 52, 52, 3)
    image, relative = Image.fromarray(grid), ImageCms.Intent.RELATIVE_COLORIMETRIC
    expected = by_littlecms(image, p3_with_a_curve, relative).astype(int)
    assert np.abs(expected - grid).max() > 10
    assert np.abs(convert(grid) - expected).max() <= 1
    # Where black is not 0 the perceptual intent moves it, and LittleCMS itself must do the work.
    perceptual = by_littlecms(image, p3_with_a_curve).astype(int)
    assert np.abs(to_srgb(grid, p3_with_a_curve) - perceptual).max() <= 1


def test_a_profile_that_is_cut_anywhere_raises_nothing(scene, display_p3):
    for length in range(0, len(display_p3), 7):
        assert to_srgb(scene, display_p3[:length]).shape == scene.shape


def test_an_srgb_profile_changes_nothing(scene, encode, put, srgb_profile):
    path = put("photo.png", encode(scene, "PNG", icc_profile=srgb_profile))
    assert np.array_equal(read(path), scene)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_broken_profile_or_one_for_other_colours_is_ignored(
    scene, encode, put, kind, linear_grey, display_p3
):
    plain = read(put("plain", encode(scene, kind)))
    for icc in (b"no profile at all", display_p3[:200], display_p3[:300] + bytes(300), linear_grey):
        assert np.array_equal(read(put("photo", encode(scene, kind, icc_profile=icc))), plain)


def test_grey(encode, put, linear_grey):
    grey = np.full((20, 30), 128, np.uint8)
    for kind in ("JPEG", "PNG", "TIFF", "BMP"):
        photo = open_photo(put("grey", encode(grey, kind)))
        assert np.array_equal(photo.rgb(), np.full((20, 30, 3), 128))
        assert np.array_equal(photo.luma(), grey)
        assert np.array_equal(photo.bgra(), np.full((20, 30, 4), 128) | [0, 0, 0, 255])
    with_profile = put("grey.png", encode(grey, "PNG", icc_profile=linear_grey))
    assert abs(int(read(with_profile)[0, 0, 0]) - 188) <= 1  # 50 % of light
    assert np.array_equal(open_photo(with_profile).luma(), grey)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_without_a_profile(encode, put, kind):
    """No ink is white, full black is black, full cyan has no red."""
    ink = np.zeros((16, 48, 4), np.uint8)
    ink[:, 16:32, 3] = 255
    ink[:, 32:, 0] = 255
    photo = open_photo(put("cmyk", encode(Image.fromarray(ink, mode="CMYK"), kind)))
    for result in (photo.rgb(), photo.native_rgb(), photo.bgra()[..., 2::-1]):
        for column, colour in ((8, (255, 255, 255)), (24, (0, 0, 0)), (40, (0, 255, 255))):
            assert np.abs(result[8, column].astype(int) - colour).max() <= 4
    assert photo.luma()[8, 8] >= 253
    assert photo.rgb(long_side=3).shape == (1, 3, 3)
    assert photo.info.mode == "CMYK"


def test_palette_with_and_without_transparency(encode, put):
    image = Image.fromarray(np.repeat(np.arange(3, dtype=np.uint8), 10)[None].repeat(5, 0))
    image = image.convert("P")
    image.putpalette([200, 10, 10, 10, 200, 10, 10, 10, 200])
    expected = np.array([(200, 10, 10), (10, 200, 10), (10, 10, 200)])
    for kind in ("PNG", "GIF", "BMP", "TIFF"):
        assert np.array_equal(read(put("p", encode(image, kind)))[2, ::10], expected)
    expected[1] = 255
    for kind in ("PNG", "GIF"):
        assert np.array_equal(
            read(put("p", encode(image, kind, transparency=1)))[2, ::10], expected
        )


def test_one_bit(encode, put):
    image = Image.fromarray(np.eye(8, dtype=bool))
    for kind in ("PNG", "TIFF", "BMP"):
        path = put("bits", encode(image, kind))
        assert np.array_equal(read(path)[..., 0], np.eye(8) * 255)
        assert inspect(path).bits == 1


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparency_lies_over_white(encode, put, kind):
    pixels = np.zeros((4, 256, 4), np.uint8)
    pixels[..., :3] = (100, 0, 255)
    pixels[..., 3] = np.arange(256)
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    result = read(put("clear", encode(pixels, kind, **options)))
    alpha = np.arange(256)[:, None] / 255
    expected = np.array((100, 0, 255)) * alpha + 255 * (1 - alpha)
    assert np.abs(result - expected).max() <= 0.5 + 1e-6


def test_grey_with_transparency(encode, put):
    pixels = np.zeros((4, 256, 2), np.uint8)
    pixels[..., 1] = np.arange(256)
    path = put("clear.png", encode(Image.fromarray(pixels, mode="LA"), "PNG"))
    assert np.array_equal(read(path)[0, :, 0], 255 - np.arange(256))
    keyed = Image.fromarray(np.array([[0, 70, 140]], np.uint8))
    path = put("keyed.png", encode(keyed, "PNG", transparency=70))
    assert read(path)[0, :, 0].tolist() == [0, 255, 140]


SIXTEEN = np.array([0, 1, 127, 128, 129, 257, 30000, 32767, 32768, 65407, 65408, 65535], np.uint16)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_are_rounded_and_never_clipped(put, suffix):
    expected = np.rint(SIXTEEN / 257)
    grey = put("grey" + suffix, cv2.imencode(suffix, SIXTEEN[None])[1].tobytes())
    assert np.array_equal(read(grey)[0, :, 0], expected)
    assert inspect(grey).bits == 16

    colours = np.stack((SIXTEEN, SIXTEEN[::-1], np.roll(SIXTEEN, 3)), axis=-1)[None]
    path = put("colour" + suffix, cv2.imencode(suffix, colours[..., ::-1])[1].tobytes())
    assert np.array_equal(read(path), np.rint(colours / 257))
    assert inspect(path).bits == 16

    clear = np.dstack((colours[..., ::-1], np.full_like(SIXTEEN, 32768)[None]))
    path = put("clear" + suffix, cv2.imencode(suffix, clear)[1].tobytes())
    over_white = colours * (32768 / 65535) + 65535 * (32767 / 65535)
    assert np.abs(read(path) - over_white / 257).max() <= 0.51


def test_big_endian_sixteen_bit_tiff(encode, put):
    image = Image.fromarray(SIXTEEN[None].astype(">u2"))
    assert image.mode == "I;16B"
    path = put("grey.tif", encode(image, "TIFF"))
    assert np.array_equal(read(path)[0, :, 0], np.rint(SIXTEEN / 257))


def test_lab(encode, put):
    # L, a and b as TIFF stores them: a and b signed.
    lab = np.array([[(255, 0, 0), (0, 0, 0), (136, 80, 67)]], np.uint8)
    image = Image.frombytes("LAB", (3, 1), lab.tobytes())
    white, black, red = read(put("lab.tif", encode(image, "TIFF")))[0].astype(int)
    assert white.min() >= 253
    assert black.max() <= 2
    assert np.abs(red - (255, 0, 0)).max() <= 12


def test_the_first_frame_is_the_photo(encode, put):
    first, second = (Image.fromarray(np.full((8, 8, 3), v, np.uint8)) for v in (40, 200))
    for kind in ("GIF", "TIFF", "WEBP", "PNG", "MPO"):
        data = encode(first, kind, save_all=True, append_images=[second])
        result = read(put("frames", data))
        assert np.abs(result.astype(int) - 40).max() <= 3, kind


def test_reading_says_nothing_on_its_own(scene, encode, put):
    """Broken EXIF, and more pixels than Pillow likes, in a process that shows every warning."""
    exif = b"Exif\0\0II*\0\x08\0\0\0\x09\0" + bytes(range(200))
    path = put("photo.jpg", encode(scene, "JPEG", exif=exif))
    large = put("large.png", encode(Image.new("1", (10_000, 9_500)), "PNG"))
    code = "import sys, engine.photo as p; p.read(sys.argv[1]); p.inspect(sys.argv[2])"
    command = [sys.executable, "-c", code, str(path), str(large)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
