"""What is no whole picture gives one PhotoError: code, the file's name, reason, the way out."""

import os
import socket
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from engine.photo import MAX_PIXELS, PhotoError, inspect, open_photo, read


def refused(path, code, *, header_too=True):
    """The error; every way in must give the same one."""
    calls = [read, lambda p: read(str(p), long_side=50), lambda p: open_photo(p).bgra()]
    for call in [*calls, inspect] if header_too else calls:
        with pytest.raises(PhotoError) as caught:
            call(path)
        error = caught.value
        assert error.code == code, str(error)
        assert error.path == path
        assert str(error) == f"{path.name}: {error.reason} {error.remedy}"
        for sentence in (error.reason, error.remedy):
            assert sentence[0].isupper()
            assert sentence.endswith(".")
    return error


def test_missing(tmp_path, put):
    refused(tmp_path / "nothing.jpg", "missing")
    refused(put("file", b"x") / "inside.jpg", "missing")
    refused(tmp_path / "nul\0byte.jpg", "missing")


def test_a_name_that_the_system_does_not_take(tmp_path):
    refused(tmp_path / ("n" * 300 + ".jpg"), "unreadable")
    loop = tmp_path / "loop.jpg"
    loop.symlink_to(loop)
    refused(loop, "unreadable")


def test_not_allowed(scene, encode, put, monkeypatch):
    """As root every file can be read, so the system call itself refuses here."""
    path = put("photo.jpg", encode(scene, "JPEG"))

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    refused(path, "unreadable")


def test_folders_pipes_sockets_and_devices_are_not_opened(tmp_path):
    refused(tmp_path, "not_a_file")
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    refused(pipe, "not_a_file")
    place = tmp_path / "s.jpg"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        refused(place, "not_a_file")
    link = tmp_path / "zero.jpg"
    link.symlink_to("/dev/zero")
    refused(link, "not_a_file")


def test_empty(put):
    refused(put("photo.jpg", b""), "empty")


@pytest.mark.parametrize(
    "data", [b"just some words\n", b"\0" * 1000, b"\xff", b"P6 2 2 255\n" + bytes(12)]
)
def test_what_is_not_a_picture(put, data):
    assert "JPEG" in refused(put("notes.jpg", data), "not_a_picture").remedy


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"%PDF-1.7\n" + bytes(100), "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"\0\0\0\x20ftypisom" + bytes(100), "video"),
        (b"\x1aE\xdf\xa3" + bytes(100), "video"),
        (b"\0\0\0\x20ftypavif" + bytes(100), "AVIF"),
        (b"8BPS\0\x01" + bytes(100), "Photoshop"),
        (b"PK\x03\x04" + bytes(100), "archive"),
    ],
)
def test_other_kinds_are_named(put, data, named):
    assert named in refused(put("photo.jpg", data), "unsupported").reason


@pytest.mark.parametrize("mode", ["F", "I"])
def test_pixels_that_are_not_whole_numbers_of_8_or_16_bits(encode, put, mode):
    image = Image.new(mode, (8, 8))
    refused(put("float.tif", encode(image, "TIFF")), "unsupported")


def chunk(name, content):
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def png_header(width, height):
    return b"\x89PNG\r\n\x1a\n" + chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    )


SIDE = 60000


def bombs(encode):
    small = Image.new("RGB", (16, 16))
    jpeg = bytearray(encode(small, "JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", SIDE, SIDE)
    bmp = bytearray(encode(small, "BMP"))
    bmp[18:26] = struct.pack("<ii", SIDE, SIDE)
    gif = bytearray(encode(small, "GIF"))
    gif[6:10] = struct.pack("<HH", SIDE, SIDE)
    tiff = encode(small, "TIFF")
    for tag in (256, 257):
        side = struct.pack("<HHII", tag, 4, 1, 16)
        assert side in tiff
        tiff = tiff.replace(side, struct.pack("<HHII", tag, 4, 1, SIDE))
    png = png_header(SIDE, SIDE) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (SIDE).to_bytes(3, "little") * 2
    webp_parts = canvas + encode(small, "WEBP", lossless=True)[12:]
    webp = b"RIFF" + struct.pack("<I", 4 + len(webp_parts)) + b"WEBP" + webp_parts
    return {"jpg": jpeg, "bmp": bmp, "gif": gif, "tif": tiff, "png": png, "webp": webp}


@pytest.mark.parametrize("kind", ["jpg", "bmp", "gif", "tif", "png"])
def test_a_bomb_is_refused_by_its_header(encode, put, kind):
    assert SIDE**2 > MAX_PIXELS
    error = refused(put("bomb." + kind, bytes(bombs(encode)[kind])), "too_large")
    assert "60000 × 60000" in error.reason


def test_a_webp_whose_canvas_is_a_bomb_is_refused(encode, put):
    path = put("bomb.webp", bytes(bombs(encode)["webp"]))
    with pytest.raises(PhotoError) as caught:
        read(path)
    assert caught.value.code in ("too_large", "damaged")


def test_a_raw_bomb_is_refused(dng, put):
    data = bytearray(dng(np.zeros((8, 8), np.uint16)))
    for tag in (256, 257):
        at = data.index(struct.pack("<HHI", tag, 4, 1)) + 8
        data[at : at + 4] = struct.pack("<I", SIDE)
    path = put("bomb.dng", bytes(data))
    with pytest.raises(PhotoError) as caught:
        read(path)
    assert caught.value.code in ("too_large", "damaged")


def test_a_file_of_more_than_2_gb_is_refused_unread(tmp_path):
    path = tmp_path / "large.tif"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3 + 1)  # sparse: nothing is written
    refused(path, "too_large")


def test_a_bomb_inside_a_profile_is_not_unpacked(encode, put):
    """A quarter of a gigabyte of zeros, packed, where a PNG has its profile."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(256)) + packer.flush()
    whole = encode(np.full((4, 4, 3), 9, np.uint8), "PNG")
    data = whole[:33] + chunk(b"iCCP", b"x\0\0" + packed) + whole[33:]
    refused(put("photo.png", data), "damaged")


def test_a_profile_of_3_mb_is_no_bomb(scene, encode, put, display_p3):
    icc = struct.pack(">I", 3 * 2**20) + display_p3[4:].ljust(3 * 2**20 - 4, b"\0")
    assert inspect(put("photo.png", encode(scene, "PNG", icc_profile=icc))).icc == icc


def test_exif_that_is_huge_or_points_at_itself_does_no_harm(scene, encode, put):
    loop = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + struct.pack("<HHII", 0x8769, 4, 1, 8) + b"\x08\0\0\0"
    huge = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + struct.pack("<HHII", 274, 3, 2**31, 8) + bytes(4)
    for exif in (loop, huge, b"Exif\0\0" + bytes(60000), b"nothing"):
        assert read(put("photo.jpg", encode(scene, "JPEG", exif=exif))).shape == scene.shape


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif", "bmp", "gif", "heic", "dng", "cr3"])
def test_a_header_followed_by_nonsense(put, kind):
    heads = {
        "jpg": b"\xff\xd8\xff\xe0",
        "png": b"\x89PNG\r\n\x1a\n",
        "webp": b"RIFF\xff\x01\0\0WEBP",
        "tif": b"II*\0",
        "bmp": b"BM",
        "gif": b"GIF89a",
        "heic": b"\0\0\0\x18ftypheic",
        "dng": b"II*\0",
        "cr3": b"\0\0\0\x18ftypcrx ",
    }
    random = np.random.default_rng(3)
    for _ in range(20):
        data = heads[kind] + random.bytes(int(random.integers(0, 600)))
        with pytest.raises(PhotoError) as caught:
            read(put("photo." + kind, data))
        assert caught.value.code in ("damaged", "unsupported", "too_large")


@pytest.mark.parametrize(
    ("library", "name", "data"),
    [("pi_heif", "photo.heic", b"\0\0\0\x18ftypheic"), ("rawpy", "photo.dng", b"II*\0")],
)
def test_a_library_that_is_missing_is_not_blamed_on_the_file(put, monkeypatch, library, name, data):
    monkeypatch.setitem(sys.modules, library, None)
    error = refused(put(name, data + bytes(100)), "unsupported")
    assert "library" in error.reason
