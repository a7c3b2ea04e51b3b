"""The session store on real files: keeping, finding again, sharing, and every kind of bad day."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from app.files import database
from app.files.database import MIGRATIONS, default_path
from app.files.store import Kept, PhotoKey, Store, StoreError
from engine.vocabulary import Size

SIZE = Size(60, 40)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "venus.sqlite3"


@pytest.fixture
def photo(tmp_path):
    file = tmp_path / "IMG_1.jpg"
    file.write_bytes(b"picture")
    return file


def test_a_document_is_there_again_at_the_next_start(path, photo):
    with Store(path) as store:
        assert store.notice is None
        assert store.load(PhotoKey.of(photo), size=SIZE) is None
        store.save(PhotoKey.of(photo), '{"crops": "é"}', size=SIZE, now_ns=1)
        store.save(PhotoKey.of(photo), '{"crops": "ü"}', size=SIZE, now_ns=2)
    with Store(path) as store:
        assert store.load(PhotoKey.of(photo), size=SIZE) == Kept('{"crops": "ü"}', changed=False)


def test_a_changed_file_keeps_its_crops_while_its_size_in_pixels_is_the_same(path, photo):
    with Store(path) as store:
        store.save(PhotoKey.of(photo), "before", size=SIZE, now_ns=1)
        photo.write_bytes(b"another picture")
        key = PhotoKey.of(photo)
        assert store.load(key, size=SIZE) == Kept("before", changed=True)
        assert store.load(key, size=Size(61, 40)) is None
        store.save(key, "after", size=SIZE, now_ns=2)
        assert store.load(key, size=SIZE) == Kept("after", changed=False)


def test_an_edit_that_is_undone_finds_its_crops_again(path, photo):
    original = photo.stat()
    with Store(path) as store:
        store.save(PhotoKey.of(photo), "first", size=SIZE, now_ns=1)
        for number in range(1, 3):
            photo.write_bytes(b"edit" * (number + 5))
            store.save(
                PhotoKey.of(photo), f"edit {number}", size=Size(9, number), now_ns=number + 1
            )
        photo.write_bytes(b"picture")
        os.utime(photo, ns=(original.st_atime_ns, original.st_mtime_ns))
        assert store.load(PhotoKey.of(photo), size=SIZE) == Kept("first", changed=False)


def test_only_the_last_versions_of_a_photo_are_kept(path, photo):
    with Store(path) as store:
        for number in range(6):
            key = PhotoKey(photo, 100 + number, number)
            store.save(key, str(number), size=Size(9, number + 1), now_ns=number)
        found = [store.load(PhotoKey(photo, 100 + n, n), size=Size(9, n + 1)) for n in range(6)]
    assert found[:3] == [None, None, None]
    assert found[3:] == [Kept(str(n), changed=False) for n in (3, 4, 5)]


def test_a_photo_that_was_moved_keeps_its_crops(path, photo, tmp_path):
    with Store(path) as store:
        store.save(PhotoKey.of(photo), "crops", size=SIZE, now_ns=1)
        (tmp_path / "2024").mkdir()
        moved = photo.rename(tmp_path / "2024" / photo.name)
        assert store.load(PhotoKey.of(moved), size=SIZE) == Kept("crops", changed=False)


def test_a_copy_has_crops_of_its_own(path, photo, tmp_path):
    (tmp_path / "a copy").mkdir()
    copy = tmp_path / "a copy" / photo.name
    shutil.copy2(photo, copy)
    with Store(path) as store:
        store.save(PhotoKey.of(photo), "of the photo", size=SIZE, now_ns=1)
        store.save(PhotoKey.of(copy), "of the copy", size=SIZE, now_ns=2)
        assert store.load(PhotoKey.of(photo), size=SIZE) == Kept("of the photo", changed=False)
        assert store.load(PhotoKey.of(copy), size=SIZE) == Kept("of the copy", changed=False)


def test_another_photo_of_the_same_length_is_another_photo(path, photo, tmp_path):
    other = tmp_path / "IMG_2.jpg"
    shutil.copy2(photo, other)
    with Store(path) as store:
        store.save(PhotoKey.of(photo), "crops", size=SIZE, now_ns=1)
        assert store.load(PhotoKey.of(other), size=SIZE) is None


def test_the_same_photo_by_another_way_is_the_same(path, photo, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    assert PhotoKey.of(tmp_path / "link" / photo.name) == PhotoKey.of(photo)


def test_a_name_that_is_not_text(path, tmp_path):
    photo = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg"))
    photo.write_bytes(b"picture")
    with Store(path) as store:
        store.save(PhotoKey.of(photo), "crops", size=SIZE, now_ns=1)
        store.note_opened(photo, now_ns=1)
        assert store.load(PhotoKey.of(photo), size=SIZE) is not None
        assert store.recent(5) == (photo,)


def test_a_photo_that_is_gone_has_no_key(tmp_path):
    with pytest.raises(StoreError) as caught:
        PhotoKey.of(tmp_path / "gone.jpg")
    assert caught.value.code == "unreadable"


def test_recent_photos(path, tmp_path):
    photos = [tmp_path / f"{n}.jpg" for n in range(5)]
    for photo in photos:
        photo.touch()
    with Store(path) as store:
        for now, photo in enumerate([*photos, photos[0]]):
            store.note_opened(photo, now_ns=now)
        photos[3].unlink()
        assert store.recent(3) == (photos[0], photos[4], photos[2])
        photos[3].touch()
        assert store.recent(10) == (photos[0], photos[4], photos[3], photos[2], photos[1])


def test_settings(path):
    with Store(path) as store:
        assert store.setting("theme") is None
        store.set_setting("theme", {"name": "dark", "sizes": [1, 2.5, None]})
        store.set_setting("engine", "é")
    with Store(path) as store:
        assert store.setting("theme") == {"name": "dark", "sizes": [1, 2.5, None]}
        assert store.setting("engine") == "é"


WRITER = """
import sys
from pathlib import Path
from app.files.store import PhotoKey, Store
from engine.vocabulary import Size
path, name = Path(sys.argv[1]), sys.argv[2]
with Store(path) as store:
    assert store.notice is None, store.notice
    for number in range(60):
        key = PhotoKey(Path(f"/photos/{name}-{number}.jpg"), 1, 1)
        store.save(key, f"{name} {number}", size=Size(1, 1), now_ns=number)
"""


def test_windows_side_by_side_lose_nothing(path):
    """Three processes make the file and write at once."""
    names = ("a", "b", "c")
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], stderr=subprocess.PIPE)
        for name in names
    ]
    for writer in writers:
        _, complaint = writer.communicate(timeout=60)
        assert writer.returncode == 0, complaint.decode()
    with Store(path) as store:
        for name in names:
            for number in range(60):
                key = PhotoKey(Path(f"/photos/{name}-{number}.jpg"), 1, 1)
                kept = store.load(key, size=Size(1, 1))
                assert kept == Kept(f"{name} {number}", changed=False)


def test_another_window_in_the_middle_of_a_write_is_named(path, photo, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with Store(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            store.save(PhotoKey.of(photo), "x", size=SIZE, now_ns=1)
        assert caught.value.code == "busy"
        other.execute("ROLLBACK")
        other.close()
        store.save(PhotoKey.of(photo), "x", size=SIZE, now_ns=1)
        assert store.load(PhotoKey.of(photo), size=SIZE) == Kept("x", changed=False)


@pytest.mark.parametrize("damage", ["text", "torn", "overwritten"])
def test_a_damaged_file_is_moved_aside(path, photo, damage):
    with Store(path) as store:
        for number in range(200):
            key = PhotoKey(Path(f"/p/{number}.jpg"), 1, 1)
            store.save(key, "crops" * 100, size=SIZE, now_ns=number)
    whole = path.read_bytes()
    broken = {
        "text": b"this is no database at all" * 50,
        "torn": whole[: len(whole) // 3],
        "overwritten": whole[:4096] + b"\xff" * (len(whole) - 4096),
    }[damage]
    path.write_bytes(broken)
    with Store(path) as store:
        assert store.notice is not None
        assert store.notice.code == "moved_aside"
        store.save(PhotoKey.of(photo), "new", size=SIZE, now_ns=1)
    asides = sorted(path.parent.glob("*damaged*"))
    assert [p.name for p in asides] == ["venus.damaged-1.sqlite3"]
    assert asides[0].name in store.notice.reason
    assert asides[0].read_bytes() == broken
    with Store(path) as store:
        assert store.notice is None
        assert store.load(PhotoKey.of(photo), size=SIZE) == Kept("new", changed=False)
    path.write_bytes(broken)
    Store(path).close()
    assert path.with_name("venus.damaged-2.sqlite3").exists()


def test_a_newer_versions_file_is_left_alone(path, photo):
    Store(path).close()
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    other.close()
    before = path.read_bytes()
    with Store(path) as store:
        assert store.notice is not None
        assert store.notice.code == "newer"
        store.save(PhotoKey.of(photo), "x", size=SIZE, now_ns=1)
        assert store.load(PhotoKey.of(photo), size=SIZE) == Kept("x", changed=False)
    assert path.read_bytes() == before


def test_where_nothing_can_be_written_it_works_in_memory(photo, kit):
    folder = Path(tempfile.mkdtemp())  # below tmp_path the other account could not even look
    path, seen = folder / "venus.sqlite3", folder / "IMG_1.jpg"
    try:
        seen.write_bytes(b"picture")
        with Store(path) as store:
            store.save(PhotoKey.of(seen), "kept", size=SIZE, now_ns=1)
        path.chmod(0o444)
        folder.chmod(0o555)
        with kit.as_nobody(), Store(path) as store:
            assert store.notice is not None
            assert store.notice.code == "in_memory"
            assert str(path) in store.notice.reason
            assert store.load(PhotoKey.of(seen), size=SIZE) == Kept("kept", changed=False)
            store.set_setting("theme", "light")
            assert store.setting("theme") == "light"
        with Store(path) as store:
            assert store.setting("theme") is None
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_where_the_folder_cannot_be_made_it_works_in_memory(tmp_path, photo):
    (tmp_path / "file").touch()
    with Store(tmp_path / "file" / "venus.sqlite3") as store:
        assert store.notice is not None
        assert store.notice.code == "in_memory"
        store.save(PhotoKey.of(photo), "x", size=SIZE, now_ns=1)
        assert store.load(PhotoKey.of(photo), size=SIZE) == Kept("x", changed=False)


def test_a_transaction_has_the_right_to_write_from_its_start(path):
    """Otherwise two first starts would both find version 0 and both make the tables."""
    Store(path).close()
    one, two = (sqlite3.connect(path, timeout=0, isolation_level=None) for _ in range(2))
    with database.writing(one), pytest.raises(sqlite3.OperationalError, match="locked"):
        two.execute("BEGIN IMMEDIATE")
    one.close()
    two.close()


def test_migrations_run_once_each_and_in_order(path, monkeypatch):
    with Store(path) as store:
        store.set_setting("theme", "dark")
    more = (*MIGRATIONS, ("ALTER TABLE settings ADD COLUMN note TEXT", "CREATE TABLE later (x)"))
    monkeypatch.setattr(database, "MIGRATIONS", more)
    with Store(path) as store:
        assert store.notice is None
        assert store.setting("theme") == "dark"
    with sqlite3.connect(path) as other:
        assert other.execute("PRAGMA user_version").fetchone() == (2,)
        assert other.execute("SELECT note FROM settings").fetchall() == [(None,)]
    other.close()


def test_a_migration_that_fails_changes_nothing(path, monkeypatch):
    Store(path).close()
    bad = (*MIGRATIONS, ("CREATE TABLE half (x)", "CREATE TABLE half (x)"))
    monkeypatch.setattr(database, "MIGRATIONS", bad)
    with sqlite3.connect(path, isolation_level=None) as other, pytest.raises(sqlite3.Error):
        database.migrate(other)
    assert other.execute("PRAGMA user_version").fetchone() == (1,)
    assert other.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall() == []
    other.close()


def test_the_default_place_is_the_users_own():
    assert default_path().name == "venus.sqlite3"
    assert default_path().parent.name == "venus"
