"""A camera raw file: developed at 16 bits, with the EXIF of its preview or its own."""

import struct

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from app.files.export import ExportFormat, export_crop
from engine.vocabulary import Box, Crop

WIDTH, HEIGHT = 96, 64


@pytest.fixture
def raw(tmp_path):
    """A linear ramp behind a Bayer filter, as the smallest DNG that LibRaw takes (DNG 1.4)."""
    ramp = np.linspace(4000, 60000, WIDTH)[None, :].repeat(HEIGHT, axis=0)
    sensor = np.rint(ramp).astype("<u2")
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[254], tags[256], tags[257], tags[258], tags[259] = 0, WIDTH, HEIGHT, 16, 1
    tags[262], tags[277], tags[278] = 32803, 1, HEIGHT
    tags[279], tags[273] = sensor.nbytes, 0
    tags[0x010F], tags[0x0110], tags[0x0112] = "Lumen", "Lumen Raw", 1
    tags[0x8769] = {0x9003: "2024:05:01 10:11:12"}
    tags.tagtype[33421], tags[33421] = 3, (2, 2)
    tags.tagtype[33422], tags[33422] = 1, bytes((0, 1, 1, 2))
    tags.tagtype[50706], tags[50706] = 1, bytes((1, 4, 0, 0))
    tags.tagtype[50708], tags[50708] = 2, "Lumen Raw"
    tags.tagtype[50717], tags[50717] = 4, 65535
    unit = (1, 0, 0, 0, 1, 0, 0, 0, 1)
    tags.tagtype[50721] = 10
    tags[50721] = tuple(TiffImagePlugin.IFDRational(v, 1) for v in unit)
    tags.tagtype[50728] = 5
    tags[50728] = tuple(TiffImagePlugin.IFDRational(1, 1) for _ in range(3))
    path = tmp_path / "photo.dng"
    path.write_bytes(struct.pack("<2sHI", b"II", 42, 8) + tags.tobytes(8) + sensor.tobytes())
    return path


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_a_raw_file_is_developed_at_its_depth(raw, kit, kind):
    before = kit.file_hash(raw)
    crop = Crop(Box(0.25, 0.25, 0.75, 0.75))
    result = export_crop(raw, crop, raw.with_name("a" + kind.suffix), format=kind)
    assert kit.file_hash(raw) == before
    assert result.bits == (8 if kind is ExportFormat.JPEG else 16)
    assert (result.size.width, result.size.height) == (WIDTH // 2, HEIGHT // 2)
    assert any("RAW" in note for note in result.notes)
    row = kit.read_back(result.path)[HEIGHT // 4].astype(int).sum(axis=1)
    assert row[-1] > row[0] * 1.2
    if kind is not ExportFormat.JPEG:
        assert len(np.unique(kit.read_back(result.path) % 256)) > 16, "only 8 bits are in use"
    with Image.open(result.path) as image:
        assert image.info["icc_profile"]
        assert image.getexif()[0x0110] == "Lumen Raw"
        assert image.getexif().get_ifd(0x8769)[0x9003] == "2024:05:01 10:11:12"
