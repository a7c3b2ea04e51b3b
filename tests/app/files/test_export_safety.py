"""What an export does to the disk: a whole new file or nothing, and plain words when it cannot."""

import resource
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.files import atomic
from app.files.errors import ExportError
from app.files.export import ExportFormat, export_crop, suggested_name
from engine.stop import never
from engine.vocabulary import Box, Crop, Size

CROP = Crop(Box(0.1, 0.1, 0.9, 0.9))


@pytest.fixture
def photo(tmp_path, kit):
    path, _ = kit.write_source(tmp_path, "jpeg-rgb")
    before = kit.file_hash(path)
    yield path
    assert kit.file_hash(path) == before


def leftovers(folder):
    return sorted(p.name for p in folder.iterdir() if p.name.startswith(".venus-"))


def test_a_taken_name_gets_a_number(photo):
    target = photo.with_name("a.jpg")
    target.write_bytes(b"someone's")
    names = [export_crop(photo, CROP, target, format=ExportFormat.JPEG).path for _ in range(3)]
    assert [p.name for p in names] == ["a (2).jpg", "a (3).jpg", "a (4).jpg"]
    assert target.read_bytes() == b"someone's"
    assert export_crop(photo, CROP, names[1], format=ExportFormat.JPEG).path.name == "a (5).jpg"


def test_the_photo_itself_is_never_the_target(photo, kit):
    result = export_crop(photo, CROP, photo, format=ExportFormat.JPEG)
    assert result.path.name == "jpeg-rgb (2).jpg"


def test_exact_refuses_a_taken_name(photo):
    target = photo.with_name("a.jpg")
    target.write_bytes(b"someone's")
    with pytest.raises(ExportError) as caught:
        export_crop(photo, CROP, target, format=ExportFormat.JPEG, exact=True)
    assert caught.value.code == "exists"
    assert caught.value.path == target
    assert target.read_bytes() == b"someone's"
    assert not leftovers(photo.parent)


def test_a_link_that_goes_nowhere_is_a_taken_name(photo):
    target = photo.with_name("a.jpg")
    target.symlink_to(photo.with_name("elsewhere.jpg"))
    assert export_crop(photo, CROP, target, format=ExportFormat.JPEG).path.name == "a (2).jpg"
    assert not photo.with_name("elsewhere.jpg").exists()


@pytest.mark.parametrize("give", ["_name", "_reserved_and_replaced"])
def test_in_a_race_every_file_survives(tmp_path, give):
    """Twelve writers of one name, with hard links and without."""

    def write(number):
        temporary = tmp_path / f".venus-{number}.tmp"
        temporary.write_text(str(number))
        for name in atomic.candidates(tmp_path / "a.txt"):
            if getattr(atomic, give)(temporary, name):
                temporary.unlink(missing_ok=True)
                return name
        return None

    with ThreadPoolExecutor(12) as pool:
        names = list(pool.map(write, range(12)))
    assert len(set(names)) == 12
    assert [name.read_text() for name in names] == [str(n) for n in range(12)]
    assert len(list(tmp_path.iterdir())) == 12


def test_without_hard_links_a_taken_name_is_refused_too(tmp_path):
    temporary, name = tmp_path / "t", tmp_path / "a.txt"
    temporary.write_text("new")
    name.write_text("someone's")
    assert not atomic._reserved_and_replaced(temporary, name)
    assert name.read_text() == "someone's"
    assert temporary.read_text() == "new"


def test_a_missing_folder_is_named(photo, tmp_path):
    with pytest.raises(ExportError) as caught:
        export_crop(photo, CROP, tmp_path / "gone" / "a.jpg", format=ExportFormat.JPEG)
    assert caught.value.code == "no_folder"
    assert str(tmp_path / "gone") in caught.value.reason


def test_a_name_that_is_too_long_is_said_to_be(photo):
    with pytest.raises(ExportError) as caught:
        export_crop(photo, CROP, photo.with_name("a" * 300 + ".jpg"), format=ExportFormat.JPEG)
    assert caught.value.code == "bad_name"
    assert not leftovers(photo.parent)


def test_a_folder_that_may_not_be_written(photo, kit):
    # Not below tmp_path: its parents are closed to the account that stands in for the user.
    folder = Path(tempfile.mkdtemp())
    try:
        own = folder / "photo.jpg"
        shutil.copy(photo, own)
        own.chmod(0o644)
        folder.chmod(0o555)
        with kit.as_nobody(), pytest.raises(ExportError) as caught:
            export_crop(own, CROP, folder / "a.jpg", format=ExportFormat.JPEG)
        assert caught.value.code == "read_only"
        assert [p.name for p in folder.iterdir()] == ["photo.jpg"]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@contextmanager
def files_of_at_most(size):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_no_room_leaves_nothing_behind(photo, kind):
    before = sorted(photo.parent.iterdir())
    with files_of_at_most(1000), pytest.raises(ExportError) as caught:
        export_crop(photo, CROP, photo.with_name("a.x"), format=kind)
    assert caught.value.code == "disk_full"
    assert caught.value.remedy
    assert sorted(photo.parent.iterdir()) == before


@pytest.mark.parametrize("angle", [0.0, 3.0])
def test_stopping_at_any_moment_leaves_nothing_behind(photo, angle):
    before = sorted(photo.parent.iterdir())
    crop = Crop(Box(0.3, 0.3, 0.7, 0.7), angle)
    asked = 0

    def export_stopped_at(number):
        nonlocal asked
        asked = 0

        def stop():
            nonlocal asked
            asked += 1
            return asked > number

        return export_crop(
            photo, crop, photo.with_name("a.tif"), format=ExportFormat.TIFF, stop=stop
        )

    moments = 0
    while True:
        try:
            export_stopped_at(moments)
        except ExportError as error:
            assert error.code == "stopped"
            assert sorted(photo.parent.iterdir()) == before
            moments += 1
        else:
            break
    assert moments >= 4


def test_a_damaged_photo_says_what_the_reader_says(photo, tmp_path):
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(photo.read_bytes()[:-2000])
    with pytest.raises(ExportError) as caught:
        export_crop(torn, CROP, tmp_path / "a.jpg", format=ExportFormat.JPEG)
    assert caught.value.code == "damaged"
    assert caught.value.path == torn
    assert not (tmp_path / "a.jpg").exists()


def test_a_photo_that_is_gone(tmp_path):
    with pytest.raises(ExportError) as caught:
        export_crop(tmp_path / "x.jpg", CROP, tmp_path / "a.jpg", format=ExportFormat.JPEG)
    assert caught.value.code == "missing"


def test_a_crop_that_leaves_the_photo_is_refused(photo):
    with pytest.raises(ExportError) as caught:
        export_crop(
            photo,
            Crop(Box(0.0, 0.0, 1.0, 1.0), 5.0),
            photo.with_name("a.jpg"),
            format=ExportFormat.JPEG,
        )
    assert caught.value.code == "outside"


def test_a_new_file_has_the_rights_of_any_new_file(photo):
    other = photo.with_name("other")
    other.touch()
    result = export_crop(photo, CROP, photo.with_name("a.png"), format=ExportFormat.PNG)
    assert result.path.stat().st_mode == other.stat().st_mode


@pytest.mark.parametrize(
    ("box", "size", "name"),
    [
        (Box(0, 0, 0.5, 0.5), Size(6000, 4000), "IMG_1 crop 3x2.jpg"),
        (Box(0, 0, 2 / 3, 1), Size(6000, 4000), "IMG_1 crop 1x1.jpg"),
        (Box(0, 0, 1000.4 / 6000, 1249.8 / 4000), Size(6000, 4000), "IMG_1 crop 4x5.jpg"),
        (Box(0, 0, 0.9, 0.5), Size(6000, 4000), "IMG_1 crop.jpg"),
    ],
)
def test_suggested_names(tmp_path, box, size, name):
    photo = tmp_path / "IMG_1.NEF"
    assert suggested_name(photo, Crop(box), tmp_path, ExportFormat.JPEG, size=size) == name
    (tmp_path / name).touch()
    again = suggested_name(photo, Crop(box), tmp_path, ExportFormat.JPEG, size=size)
    assert again == name.replace(".jpg", " (2).jpg")


def test_write_new_gives_up_a_temporary_file_when_the_pieces_fail(tmp_path):
    def pieces():
        yield b"first"
        raise ValueError("the encoder failed")

    with pytest.raises(ValueError, match="encoder"):
        atomic.write_new(tmp_path / "a.bin", pieces(), exact=False, stop=never)
    assert list(tmp_path.iterdir()) == []
