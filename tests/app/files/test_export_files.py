"""Exports of every kind of picture to every format: pixels, depth, profile, EXIF as read back."""

import io

import numpy as np
import pytest
from PIL import ExifTags, Image

from app.files import writers
from app.files.export import ExportFormat, export_crop
from app.files.pixels import Layout
from engine.geometry import pixel_bounds
from engine.vocabulary import Box, Crop, Size

BOX = Box(0.1, 0.2, 0.83, 0.9)
SOURCES = (
    *("jpeg-rgb", "jpeg-grey", "jpeg-cmyk"),
    *("png-rgb", "png-grey", "png-la", "png-rgba", "png-rgb16", "png-grey16", "png-rgba16"),
    *("tiff-rgb", "tiff-grey", "tiff-rgba", "tiff-cmyk"),
    *("tiff-rgb16", "tiff-grey16", "tiff-rgba16"),
)


def export(photo, kit, kind, crop=None, **options):
    before = kit.file_hash(photo)
    target = photo.with_name("out" + kind.suffix)
    result = export_crop(photo, crop or Crop(BOX), target, format=kind, **options)
    assert kit.file_hash(photo) == before, "the original was touched"
    assert result.path == target
    with Image.open(target) as image:
        assert image.size == (result.size.width, result.size.height)
    assert not list(photo.parent.glob(".venus-*"))
    return result


def cropped(pixels, box=BOX):
    size = Size(pixels.shape[1], pixels.shape[0])
    left, top, right, bottom = pixel_bounds(box, size)
    return pixels[top:bottom, left:right]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("kind", [ExportFormat.PNG, ExportFormat.TIFF])
def test_lossless_export_has_the_very_pixels(tmp_path, kit, source, kind):
    photo, upright = kit.write_source(tmp_path, source)
    result = export(photo, kit, kind)
    if "cmyk" in source and kind is ExportFormat.PNG:
        assert Image.open(result.path).mode == "RGB"
        assert any("sRGB" in note for note in result.notes)
        return
    got = kit.read_back(result.path)
    assert got.dtype == upright.dtype
    assert result.bits == upright.dtype.itemsize * 8
    np.testing.assert_array_equal(got, cropped(upright))
    assert result.notes == ()


@pytest.mark.parametrize("source", SOURCES)
def test_jpeg_export_looks_the_same(tmp_path, kit, source):
    photo, upright = kit.write_source(tmp_path, source)
    result = export(photo, kit, ExportFormat.JPEG)
    with Image.open(result.path) as image:
        expected_mode = "L" if "grey" in source or "-la" in source else "RGB"
        assert image.mode == ("CMYK" if "cmyk" in source else expected_mode)
        got = np.asarray(image).astype(float)
    wanted = cropped(upright).astype(float) / np.iinfo(upright.dtype).max
    if "rgba" in source or "-la" in source:
        wanted = wanted[:, :, :-1] * wanted[:, :, -1:] + 1 - wanted[:, :, -1:]
        assert any("white" in note for note in result.notes)
    assert np.abs(got - wanted.reshape(got.shape) * 255).max() < 8
    assert result.bits == 8
    assert any("16 bits" in note for note in result.notes) == source.endswith("16")


@pytest.mark.parametrize("source", ["jpeg-rgb", "png-rgb", "png-rgb16", "tiff-rgb", "tiff-rgb16"])
@pytest.mark.parametrize("kind", list(ExportFormat))
def test_exif_and_profile_go_along(tmp_path, kit, source, kind):
    photo, _ = kit.write_source(tmp_path, source, orientation=6)
    result = export(photo, kit, kind)
    with Image.open(result.path) as image:
        image.load()
        assert image.info["icc_profile"] == kit.profile
        exif = image.getexif()
        assert exif[0x010F] == "Lumen"
        assert exif[0x0110] == "Lumen One"
        assert exif.get(0x0112, 1) == 1
        details = exif.get_ifd(0x8769)
        assert details[0x9003] == "2024:05:01 10:11:12"
        assert details[0xA434] == "50mm f/1.8"
        assert details[0x829A] == pytest.approx(1 / 250)
        assert (details[0xA002], details[0xA003]) == image.size
        assert details[0x927C] == kit.maker_note
        assert exif.get_ifd(0x8825)[2] == pytest.approx((48.0, 12.0, 30.5))
        assert not exif.get_ifd(ExifTags.IFD.IFD1)
        if kind is not ExportFormat.TIFF:
            assert b"\xff\xd8" not in image.info["exif"], "the thumbnail is still there"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    "source", ["jpeg-rgb", "png-rgb16", "tiff-rgb", "tiff-rgb16", "tiff-grey16"]
)
def test_every_orientation_comes_out_upright(tmp_path, kit, source, orientation):
    photo, upright = kit.write_source(tmp_path, source, orientation=orientation)
    result = export(photo, kit, ExportFormat.PNG)
    np.testing.assert_array_equal(kit.read_back(result.path), cropped(upright))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_export_shows_what_the_reader_shows(tmp_path, kit, orientation):
    from engine import photo as reader

    photo, _ = kit.write_source(tmp_path, "jpeg-rgb", orientation=orientation)
    result = export(photo, kit, ExportFormat.PNG, Crop(BOX))
    shown = cropped(reader.read(photo))
    np.testing.assert_array_equal(reader.read(result.path), shown)


def test_a_jpeg_keeps_its_coding_unless_a_quality_is_asked_for(tmp_path, kit):
    photo, _ = kit.write_source(tmp_path, "jpeg-rgb")
    same = export(photo, kit, ExportFormat.JPEG)
    with Image.open(photo) as before, Image.open(same.path) as after:
        assert after.quantization == before.quantization
        assert after.layer == before.layer
    same.path.unlink()
    fine = export(photo, kit, ExportFormat.JPEG, quality=97)
    with Image.open(fine.path) as after:
        assert after.quantization[0][0] < 3
        assert {(part[1], part[2]) for part in after.layer} == {(1, 1)}


def test_a_png_becomes_a_fine_jpeg(tmp_path, kit):
    photo, _ = kit.write_source(tmp_path, "png-rgb")
    with Image.open(export(photo, kit, ExportFormat.JPEG).path) as image:
        assert {(part[1], part[2]) for part in image.layer} == {(1, 1)}
        reference = io.BytesIO()
        Image.new("RGB", (8, 8)).save(reference, "JPEG", quality=95)
        assert image.quantization == Image.open(reference).quantization


@pytest.mark.parametrize("transparent", [False, True])
def test_a_palette_becomes_colours(tmp_path, kit, transparent):
    image = Image.fromarray(kit.painted(3, np.uint8)).quantize(32)
    photo = tmp_path / "palette.png"
    image.save(photo, **({"transparency": 3} if transparent else {}))
    result = export(photo, kit, ExportFormat.PNG)
    mode = "RGBA" if transparent else "RGB"
    wanted = np.asarray(Image.open(photo).convert(mode))
    with Image.open(result.path) as out:
        assert out.mode == mode
        np.testing.assert_array_equal(np.asarray(out), cropped(wanted))


def test_white_is_zero_is_heeded_at_16_bits(tmp_path, kit):
    photo = tmp_path / "negative.tiff"
    pixels = kit.painted(1, np.uint16)
    photo.write_bytes(kit.tiff_bytes(65535 - pixels, photometric=0))
    result = export(photo, kit, ExportFormat.PNG)
    np.testing.assert_array_equal(kit.read_back(result.path), cropped(pixels))


def test_xmp_is_left_out_and_that_is_said(tmp_path, kit):
    photo = tmp_path / "edited.jpg"
    packet = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><crs:HasCrop>True</crs:HasCrop></x:xmpmeta>"
    Image.fromarray(kit.painted(3, np.uint8)).save(photo, xmp=packet)
    result = export(photo, kit, ExportFormat.JPEG)
    assert any("XMP" in note for note in result.notes)
    assert b"crs:" not in result.path.read_bytes()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_stop_the_export(tmp_path, kit):
    photo = tmp_path / "odd.jpg"
    block = b"Exif\0\0II*\0" + (4000).to_bytes(4, "little")
    Image.fromarray(kit.painted(3, np.uint8)).save(photo, exif=block)
    result = export(photo, kit, ExportFormat.JPEG)
    assert any("EXIF" in note for note in result.notes)
    with Image.open(result.path) as image:
        assert "exif" not in image.info


@pytest.mark.parametrize("kind", [ExportFormat.JPEG, ExportFormat.TIFF])
def test_the_readers_profile_conversion_agrees_after_export(tmp_path, kit, kind):
    from engine import photo as reader

    photo, _ = kit.write_source(tmp_path, "jpeg-cmyk")
    result = export(photo, kit, kind)
    shown = cropped(reader.read(photo)).astype(int)
    assert np.abs(reader.read(result.path).astype(int) - shown).mean() < 2


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_takes_the_byte_order_of_its_exif(tmp_path, kit, order, dtype):
    pixels = kit.painted(3, dtype)
    block = kit.exif_block(order=order)
    target = tmp_path / "a.tif"
    target.write_bytes(b"".join(writers.tiff(writers.Sheet(pixels, Layout.RGB, None, block))))
    assert target.read_bytes()[:2] == (b"II" if order == "<" else b"MM")
    np.testing.assert_array_equal(kit.read_back(target), pixels)
    with Image.open(target) as image:
        assert image.getexif().get_ifd(0x8769)[0x927C] == kit.maker_note


def test_a_16_bit_grey_png_keeps_its_transparency(tmp_path, kit):
    pixels = kit.painted(2, np.uint16)
    photo = tmp_path / "a.png"
    photo.write_bytes(b"".join(writers.png(writers.Sheet(pixels, Layout.GREY_ALPHA, None, None))))
    result = export(photo, kit, ExportFormat.PNG)
    assert result.path.read_bytes()[24:26] == bytes((16, 4))
    np.testing.assert_array_equal(kit.read_back(result.path), cropped(pixels))
