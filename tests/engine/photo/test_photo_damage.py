"""Part of a picture is never passed off as the whole, and harmless oddities still open."""

import random
import struct

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from engine.photo import PhotoError, open_photo, read

EOI = b"\xff\xd9"
KINDS = {
    "jpeg": ("JPEG", {"quality": 90}),
    "progressive": ("JPEG", {"quality": 90, "progressive": True}),
    "restarts": ("JPEG", {"restart_marker_blocks": 4}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {}),
    "lossless webp": ("WEBP", {"lossless": True}),
    "tiff": ("TIFF", {}),
    "tiff lzw": ("TIFF", {"compression": "tiff_lzw"}),
    "tiff deflate": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "bmp": ("BMP", {}),
    "gif": ("GIF", {}),
}
ENDS = {"JPEG": EOI, "PNG": b"\0\0\0\0IEND\xaeB`\x82", "GIF": b"\0;"}


def answer(put, data):
    """The pixels, or None for a refusal as damaged."""
    try:
        return read(put("photo", data))
    except PhotoError as error:
        assert error.code in ("damaged", "not_a_picture", "empty", "unsupported", "too_large")
        return None


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("with_end", [False, True])
def test_what_was_cut_off_is_refused_or_was_not_needed(scene, encode, put, name, with_end):
    kind, options = KINDS[name]
    data = encode(scene, kind, **options)
    whole = answer(put, data)
    assert whole is not None
    rng = random.Random(name)
    # The last bytes matter most: an end marker there makes a file look complete.
    cuts = {rng.randrange(len(data)) for _ in range(60)} | {len(data) - k for k in range(1, 20)}
    refusals = 0
    for cut in sorted(cuts):
        result = answer(put, data[:cut] + (ENDS.get(kind, b"") if with_end else b""))
        refusals += result is None
        assert result is None or np.array_equal(result, whole), cut
    assert refusals >= len(cuts) - 20


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_a_cut_jpeg_is_refused_at_every_size_and_in_every_form(scene, encode, put, options):
    data = encode(scene, "JPEG", **options)
    photo = open_photo(put("photo.jpg", data[: len(data) * 2 // 3] + EOI))
    works = [photo.rgb, photo.luma, photo.native_rgb, photo.bgra, lambda: photo.rgb(long_side=20)]
    for work in works:
        with pytest.raises(PhotoError) as caught:
            work()
        assert caught.value.code == "damaged"


def test_a_progressive_jpeg_without_its_last_scans_is_refused(scene, encode, put):
    data = encode(scene, "JPEG", progressive=True)
    starts = [at for at in range(len(data) - 1) if data[at : at + 2] == b"\xff\xda"]
    assert len(starts) > 4
    for start in starts[1:]:
        assert answer(put, data[:start] + EOI) is None


def test_a_jpeg_that_lost_restart_markers_is_refused(scene, encode, put):
    data = encode(scene, "JPEG", restart_marker_blocks=4)
    at = data.index(b"\xff\xd2", data.index(b"\xff\xda"))
    after = data.index(b"\xff\xd5", at)
    assert answer(put, data[:at] + data[after:]) is None


def test_wrong_bytes_in_a_jpeg_are_refused_where_they_are_no_code(scene, encode, put):
    data = encode(scene, "JPEG")
    middle = (data.index(b"\xff\xda") + len(data)) // 2
    # A marker among the codes, and the longest run of ones, which no table holds.
    for wrong in (b"\xff\xc4", b"\xff\xd9", b"\xff\0" * 8):
        assert answer(put, data[:middle] + wrong + data[middle + len(wrong) :]) is None


@pytest.mark.parametrize("kind", ["PNG"])
def test_every_changed_byte_of_a_png_is_found(scene, encode, put, kind):
    data = encode(scene, kind)
    rng = random.Random(5)
    for _ in range(100):
        changed = bytearray(data)
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        assert answer(put, bytes(changed)) is None


@pytest.mark.parametrize("name", KINDS)
def test_overwritten_bytes_never_raise_anything_else(scene, encode, put, name):
    kind, options = KINDS[name]
    data = encode(scene, kind, **options)
    rng = random.Random(name)
    for _ in range(60):
        changed = bytearray(data)
        for _ in range(rng.randrange(1, 5)):
            changed[rng.randrange(len(data))] = rng.randrange(256)
        result = answer(put, bytes(changed))
        assert result is None or (result.dtype == np.uint8 and result.ndim == 3)


def jpeg_segment(marker, content):
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def harmless(encode, scene):
    plain = encode(scene, "JPEG")
    progressive = encode(scene, "JPEG", progressive=True)
    second = encode(scene[::2, ::2], "JPEG")
    thumbnail = jpeg_segment(0xE1, b"Exif\0\0" + second)
    jfif = plain.index(b"JFIF\0")
    return {
        "bytes behind the end": plain + b"trailing" * 50,
        "another picture behind the end": plain + second,
        "bytes before the end": plain[:-2] + b"\0\0\0abc" + EOI,
        "bytes before the end, progressive": progressive[:-2] + b"\0\0\0abc" + EOI,
        "fill before the end": plain[:-2] + b"\xff\xff\xff\xd9",
        "a thumbnail inside": plain[:2] + thumbnail + plain[2:],
        "a comment": plain[:2] + jpeg_segment(0xFE, b"hello \xff\xd9 there") + plain[2:],
        "fill between markers": plain[:2] + b"\xff\xff\xff" + plain[2:],
        "an unknown revision of JFIF": plain[: jfif + 5] + b"\x07" + plain[jfif + 6 :],
        "an unknown Adobe transform": plain[:2]
        + jpeg_segment(0xEE, b"Adobe" + bytes((0, 100, 0, 0, 0, 0, 9)))
        + plain[2:],
    }


@pytest.mark.parametrize("oddity", harmless(lambda *_, **__: b"JFIF\0", np.zeros((2, 2))))
def test_harmless_oddities_of_jpeg_open_and_hide_no_damage(scene, encode, put, oddity):
    odd = harmless(encode, scene)[oddity]
    original = read(put("plain.jpg", encode(scene, "JPEG", progressive="progressive" in oddity)))
    assert np.array_equal(answer(put, odd), original)
    if "behind" not in oddity and "end" not in oddity:
        assert answer(put, odd[: len(odd) * 3 // 4] + EOI) is None


def test_a_multi_picture_file_opens(scene, encode, put):
    first = Image.fromarray(scene)
    data = encode(first, "MPO", save_all=True, append_images=[first.rotate(180)])
    photo = open_photo(put("photo.mpo", data))
    assert photo.info.format == "JPEG"
    assert np.abs(photo.rgb().astype(int) - scene).mean() < 4


def oddly_sampled(width, height):
    """A JPEG of flat blocks with 2 × 1, 1 × 2 and 1 × 1 sampling: TurboJPEG has no name for it.

    Its Huffman tables hold two codes each: 0 and 10 for a difference of 0 or of 3 bits, and 0 for
    the end of a block.
    """
    rng = random.Random(4)
    bits = ""
    for _ in range(-(-width // 16) * -(-height // 16)):
        for _block in range(2 + 2 + 1):
            bits += "10" + f"{rng.choice((0, 1, 2, 3, 4, 5, 6, 7)):03b}" + "0"
    bits += "1" * (-len(bits) % 8)
    codes = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    frame = struct.pack(">BHHB", 8, height, width, 3)
    frame += bytes((1, 0x21, 0, 2, 0x12, 0, 3, 0x11, 0))
    dc = bytes((0x00, 1, 1, *bytes(14), 0, 3))
    ac = bytes((0x10, 1, *bytes(15), 0))
    return (
        b"\xff\xd8"
        + jpeg_segment(0xDB, bytes((0, *(16,) * 64)))
        + jpeg_segment(0xC0, frame)
        + jpeg_segment(0xC4, dc)
        + jpeg_segment(0xC4, ac)
        + jpeg_segment(0xDA, bytes((3, 1, 0, 2, 0, 3, 0, 0, 63, 0)))
        + codes
        + EOI
    )


def test_chroma_sampling_without_a_name_opens_and_hides_no_damage(put):
    data = oddly_sampled(160, 120)
    with pytest.raises(ValueError, match="subsampling"):
        simplejpeg.decode_jpeg(data)
    whole = answer(put, data)
    assert whole is not None
    assert whole.shape == (120, 160, 3)
    assert whole.std() > 1
    assert open_photo(put("photo.jpg", data)).luma().shape == (120, 160)
    for cut in range(len(data) - 150, len(data) - 8, 7):
        assert answer(put, data[:cut] + EOI) is None
