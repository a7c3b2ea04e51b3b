"""EXIF blocks, byte by byte: nothing lost, nothing moved, nothing that crashes."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from app.files import exif, metadata
from engine.vocabulary import Size

SIZE = Size(70000, 33)


def pillow(block):
    loaded = Image.Exif()
    loaded.load(b"Exif\0\0" + block)
    return loaded


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_crops_block_differs_only_where_it_must(kit, order):
    block = kit.exif_block(8, thumbnail=False, order=order)
    assert exif.byte_order(block) == order
    new = exif.for_crop(block, SIZE)
    loaded = pillow(new)
    assert loaded[0x0112] == 1
    details = loaded.get_ifd(0x8769)
    assert (details[0xA002], details[0xA003]) == (SIZE.width, SIZE.height)
    assert len(new) == len(block)
    assert sum(a != b for a, b in zip(new, block, strict=True)) <= 2 * 8 + 2
    assert new.index(kit.maker_note) == block.index(kit.maker_note)


def test_the_thumbnail_is_gone(kit):
    block = kit.exif_block()
    assert pillow(block).get_ifd(ExifTags.IFD.IFD1)[0x0202] > 0
    new = exif.for_crop(block, SIZE)
    assert pillow(new).get_ifd(ExifTags.IFD.IFD1) == {}
    assert b"\xff\xd8" not in new
    assert len(new) < len(block)


def test_a_thumbnail_in_the_middle_is_blanked(kit):
    block = kit.exif_block() + b"tail that belongs to a maker note"
    new = exif.for_crop(block, SIZE)
    assert b"\xff\xd8" not in new
    assert new.endswith(b"tail that belongs to a maker note")
    assert len(new) == len(block)


@pytest.mark.parametrize("order", ["<", ">"])
def test_reading_and_writing_keeps_every_value(kit, order):
    block = kit.exif_block(thumbnail=False, order=order)
    again = exif.block_of(exif.read(block))
    assert exif.read(again) == exif.read(block)
    before, after = pillow(block), pillow(again)
    for tag in (0x8769, 0x8825):
        assert before.get_ifd(tag) == after.get_ifd(tag)
    assert exif.byte_order(again) == order


def test_interoperability_is_kept():
    inner = exif.Exif("<", (exif.Entry(1, 2, 4, b"R98\0"),))
    details = exif.Exif("<", (exif.number("<", 0xA002, 5),), {0xA005: inner})
    whole = exif.Exif("<", (exif.number("<", 0x0112, 6, exif.SHORT),), {0x8769: details})
    assert exif.read(exif.block_of(whole)) == whole


def test_a_broken_folder_costs_only_itself(kit):
    block = bytearray(kit.exif_block(thumbnail=False))
    (start,) = struct.unpack_from("<I", block, 4)
    (count,) = struct.unpack_from("<H", block, start)
    for index in range(count):
        place = start + 2 + 12 * index
        if struct.unpack_from("<H", block, place)[0] == 0x8825:
            struct.pack_into("<I", block, place + 8, len(block) + 1000)
    read = exif.read(bytes(block))
    assert set(read.folders) == {0x8769}
    new = exif.for_crop(bytes(block), SIZE)
    assert pillow(new).get_ifd(0x8769)[0xA002] == SIZE.width


def test_too_long_for_a_jpeg_is_said(kit):
    block, notes = metadata.for_target(kit.exif_block(), SIZE, longest=100)
    assert block is None
    assert notes == (metadata.NOTE_TOO_LONG,)
    assert metadata.for_target(kit.exif_block(), SIZE, longest=None)[1] == ()


@settings(max_examples=300)
@given(st.data())
def test_damage_is_an_exif_error_or_harmless(kit_block, data):
    block = bytearray(kit_block)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(block) - 1))
        block[at] = data.draw(st.sampled_from((0, 1, 2, 0x7F, 0x87, 0x69, 0xFF)))
    cut = bytes(block[: data.draw(st.integers(0, len(block)))])
    for work in (exif.read, lambda b: exif.for_crop(b, SIZE)):
        try:
            work(cut)
        except exif.ExifError:
            continue
    try:
        read = exif.read(cut)
    except exif.ExifError:
        return
    assert exif.read(exif.block_of(read)).entries == tuple(
        sorted({e.tag: e for e in read.entries}.values(), key=lambda e: e.tag)
    )


@pytest.fixture(scope="module")
def kit_block():
    from PIL import TiffImagePlugin

    details = {0x9003: "2024:05:01 10:11:12", 0x829A: TiffImagePlugin.IFDRational(1, 250)}
    whole = Image.Exif()
    whole[0x010F], whole[0x0112] = "Lumen", 6
    whole[0x8769], whole[0x8825] = {**details, 0xA002: 5}, {1: "N", 2: (48.0, 12.0, 30.5)}
    return whole.tobytes().removeprefix(b"Exif\0\0")
