import gc
import threading
import weakref

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from app.services import image_loader
from app.services.image_loader import ImageLoader, read
from app.services.picture import levels_of
from engine.vocabulary import Size


@pytest.fixture
def loader(qapp):
    loader = ImageLoader()
    yield loader
    loader.close()


@pytest.fixture
def taken(loader):
    results = []
    loader.loaded.connect(results.append)
    loader.failed.connect(results.append)
    return results


def saved(path, width, height, *, orientation=1):
    """A picture of smooth gradients: red grows to the right, green to the bottom."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    pixels = np.dstack((x, y, np.full_like(x, 60))).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(path, quality=90, exif=exif)
    return path


@pytest.fixture
def large(tmp_path):
    return saved(tmp_path / "large.jpg", 3000, 2000)


@pytest.fixture
def small(tmp_path):
    return saved(tmp_path / "small.jpg", 300, 200)


def rgb(image, x, y):
    colour = image.pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()


def test_a_preview_comes_first_and_the_whole_photo_then(qtbot, loader, taken, large):
    loader.load(large)
    qtbot.waitUntil(lambda: len(taken) == 2, timeout=20_000)
    preview, whole = taken
    assert (preview.complete, whole.complete) == (False, True)
    assert preview.size == whole.size == Size(3000, 2000)
    assert preview.levels[0].width() == image_loader.PREVIEW_SIDE
    assert [level.width() for level in whole.levels[:3]] == [3000, 1500, 750]
    assert {level.format() for level in whole.levels} == {QImage.Format.Format_RGB32}


def test_a_photo_arrives_upright_in_its_colours(qtbot, loader, taken, tmp_path):
    photo = saved(tmp_path / "turned.jpg", 300, 200, orientation=6)
    loader.load(photo)
    qtbot.waitUntil(lambda: bool(taken), timeout=20_000)
    image = taken[-1].levels[0]
    assert (image.width(), image.height()) == (200, 300)
    # Stored left-bottom is upright left-top after a quarter turn clockwise.
    red, green, blue = rgb(image, 3, 3)
    assert red < 12
    assert green > 243
    assert abs(blue - 60) < 12


def test_a_small_photo_comes_once(qtbot, loader, taken, small):
    loader.load(small)
    qtbot.waitUntil(lambda: bool(taken), timeout=20_000)
    loader.close()
    qtbot.wait(20)
    assert [picture.complete for picture in taken] == [True]


def test_a_newer_load_makes_the_older_one_stale(qtbot, loader, taken, large, small):
    loader.load(large)
    loader.load(small)
    qtbot.waitUntil(lambda: any(p.photo == small for p in taken), timeout=20_000)
    loader.close()
    qtbot.wait(20)
    assert {picture.photo for picture in taken} == {small}


def test_a_cancelled_load_tells_nothing(qtbot, loader, taken, large):
    loader.load(large)
    loader.cancel()
    loader.close()
    qtbot.wait(50)
    assert taken == []


def test_a_damaged_photo_is_a_value_with_a_way_out(qtbot, loader, taken, large):
    large.write_bytes(large.read_bytes()[:-5000])
    loader.load(large)
    qtbot.waitUntil(lambda: bool(taken), timeout=20_000)
    failure = taken[-1]
    assert failure.photo == large
    assert failure.code == "damaged"
    assert failure.reason
    assert failure.remedy


def test_a_neighbour_that_waits_is_there_at_once(qtbot, loader, taken, large, monkeypatch):
    with qtbot.waitSignal(loader._prefetched, timeout=20_000):
        loader.prefetch((large,))
    qtbot.waitUntil(lambda: large in loader._previews)
    previews = []
    monkeypatch.setattr(image_loader, "_preview", lambda source, stop: previews.append(source))
    loader.load(large)
    qtbot.waitUntil(lambda: len(taken) == 2, timeout=20_000)
    assert [picture.complete for picture in taken] == [False, True]
    assert previews == []


def test_only_a_few_neighbours_are_kept(qtbot, loader, large, tmp_path):
    photos = [tmp_path / f"{n}.jpg" for n in range(image_loader.KEPT_PREVIEWS + 2)]
    for photo in photos:
        photo.write_bytes(large.read_bytes())
    loader.prefetch(photos)
    qtbot.waitUntil(lambda: len(loader._previews) == image_loader.KEPT_PREVIEWS, timeout=20_000)
    loader.prefetch(photos[:1])
    assert list(loader._previews) == photos[:1]


def test_results_are_delivered_in_the_thread_of_the_window(qtbot, loader, small):
    threads = []
    loader.loaded.connect(lambda picture: threads.append(threading.current_thread()))
    with qtbot.waitSignal(loader.loaded, timeout=20_000):
        loader.load(small)
    assert threads == [threading.main_thread()]


def test_closing_leaves_no_thread_at_work(loader, large):
    loader.load(large)
    loader.prefetch((large,))
    loader.close()
    assert loader._photos.activeThreadCount() == 0
    assert loader._neighbours.activeThreadCount() == 0


def test_a_file_that_is_not_there_is_a_failure(tmp_path):
    (failure,) = read(tmp_path / "none.jpg", lambda: False, preview=True)
    assert failure.code == "missing"


def test_levels_are_means_and_keep_odd_sizes():
    pixels = np.zeros((701, 1001, 3), np.uint8)
    pixels[:, ::2] = 200  # a fine pattern must become its mean, not alias
    levels = levels_of(pixels)
    assert [(level.width(), level.height()) for level in levels] == [
        (1001, 701),
        (500, 350),
        (250, 175),
    ]
    assert abs(rgb(levels[1], 250, 100)[0] - 100) < 3
    assert abs(rgb(levels[2], 100, 100)[0] - 100) < 3


def test_the_pixels_live_as_long_as_any_copy_of_their_image():
    pixels = np.full((300, 400, 4), 77, np.uint8)
    life = weakref.ref(pixels)
    (image, _) = levels_of(pixels)
    del pixels
    copy = QImage(image)
    del image, _
    gc.collect()
    assert life() is not None
    assert rgb(copy, 399, 299) == (77, 77, 77)
    del copy
    gc.collect()
    assert life() is None
