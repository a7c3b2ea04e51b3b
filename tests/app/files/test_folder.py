"""The photos of a folder: which, in which order, and a photo's neighbours."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.errors import FolderError
from app.files.folder import is_photo_name, natural_key, neighbours, photos_in


def test_people_count_and_computers_do_not(tmp_path):
    names = [
        "IMG_10.jpg",
        "img_2.JPG",
        "IMG_1.jpg",
        "b.png",
        "A.png",
        "IMG_10a.jpg",
        "10.tif",
        "9.tif",
    ]
    for name in names:
        (tmp_path / name).touch()
    assert [p.name for p in photos_in(tmp_path)] == [
        *("9.tif", "10.tif", "A.png", "b.png"),
        *("IMG_1.jpg", "img_2.JPG", "IMG_10.jpg", "IMG_10a.jpg"),
    ]


def test_only_photos_that_are_to_be_seen(tmp_path):
    for name in (
        "a.jpg",
        "b.NEF",
        "c.heic",
        "notes.txt",
        ".hidden.jpg",
        "._a.jpg",
        "jpg",
        "d.jpg.xmp",
    ):
        (tmp_path / name).touch()
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "link.jpg").symlink_to(tmp_path / "a.jpg")
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "gone.jpg")
    assert [p.name for p in photos_in(tmp_path)] == ["a.jpg", "b.NEF", "c.heic", "link.jpg"]


@pytest.mark.parametrize(
    "name", ["x.CR3", "x.dng", "x.raf", "x.heif", "x.webp", "x.jpeg", "x.TIFF"]
)
def test_endings_of_photos(name):
    assert is_photo_name(name)


def test_neighbours(tmp_path):
    for name in ("1.jpg", "2.jpg", "10.jpg"):
        (tmp_path / name).touch()
    photos = photos_in(tmp_path)
    one, two, ten = photos
    assert neighbours(one, photos) == (None, two)
    assert neighbours(two, photos) == (one, ten)
    assert neighbours(ten, photos) == (two, None)
    assert neighbours(tmp_path / "5.jpg", photos) == (two, ten)
    assert neighbours(one, ()) == (None, None)


@given(st.lists(st.text(alphabet="aB12 _éß٣²", min_size=1, max_size=8), unique=True, max_size=12))
def test_every_name_has_its_place(names):
    photos = [Path(name) for name in sorted(names, key=natural_key)]
    for index, photo in enumerate(photos):
        before = photos[index - 1] if index else None
        after = photos[index + 1] if index + 1 < len(photos) else None
        assert neighbours(photo, photos) == (before, after)


def test_thousands_of_files(tmp_path):
    for number in range(3000):
        (tmp_path / f"IMG_{number}.jpg").touch()
    photos = photos_in(tmp_path)
    assert [p.name for p in photos] == [f"IMG_{n}.jpg" for n in range(3000)]


def test_a_folder_that_is_gone(tmp_path):
    with pytest.raises(FolderError) as caught:
        photos_in(tmp_path / "gone")
    assert caught.value.code == "no_folder"
    assert caught.value.path == tmp_path / "gone"


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "a.jpg").touch()
    with pytest.raises(FolderError) as caught:
        photos_in(tmp_path / "a.jpg")
    assert caught.value.code == "not_a_folder"


def test_a_folder_that_may_not_be_read(kit):
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o000)
        with kit.as_nobody(), pytest.raises(FolderError) as caught:
            photos_in(folder)
        assert caught.value.code == "no_permission"
        assert caught.value.remedy
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
