"""Exposure, contrast, colour and clipping of pictures whose values are known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.builtin.measure.clipping import clipping
from engine.builtin.measure.colour import colour_cast, hue_name, saturation
from engine.builtin.measure.contrast import contrast, lab
from engine.builtin.measure.exposure import exposure, linear_luminance


def _flat(value: int, shape: tuple[int, int] = (60, 90)) -> np.ndarray:
    return np.full((*shape, 3), value, np.uint8)


def _grey_ramp() -> np.ndarray:
    """Greys from black to white, each as often."""
    row = np.linspace(0, 255, 512).astype(np.uint8)
    return np.repeat(np.repeat(row[None, :, None], 64, axis=0), 3, axis=2)


def _encoded(linear: np.ndarray) -> np.ndarray:
    low, high = linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055
    return np.clip(np.round(np.where(linear <= 0.0031308, low, high) * 255), 0, 255)


def test_middle_grey_is_zero_stops() -> None:
    assert exposure(_flat(118)).middle_ev == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("stops", [-2.0, -1.0, 1.0])
def test_mid_tones_move_by_the_stops_that_were_given(stops: float) -> None:
    before = _grey_ramp()[:, 100:300]
    light = linear_luminance(before) * 2.0**stops
    after = np.repeat(_encoded(light)[..., None], 3, axis=2).astype(np.uint8)
    moved = exposure(after).middle_ev - exposure(before).middle_ev
    assert moved == pytest.approx(stops, abs=0.15)


def test_headroom_is_what_the_brightest_tone_lacks_to_white() -> None:
    assert exposure(_flat(255)).headroom_ev == pytest.approx(0.0, abs=1e-6)
    assert exposure(_flat(188)).headroom_ev == pytest.approx(1.0, abs=0.03)


def test_a_dark_middle_before_a_bright_surround_is_back_lit() -> None:
    picture = _flat(250, (80, 120))
    picture[25:, 15:105] = 30
    assert exposure(picture).back_lit
    assert not exposure(_flat(30)).back_lit
    picture[25:, :60] = 120
    assert not exposure(picture).back_lit


def test_a_dark_picture_with_true_whites_is_low_key_and_a_dull_one_is_not() -> None:
    picture = _flat(25, (100, 100))
    assert exposure(picture).key == "normal"
    picture[40:60, 45:60] = 250
    assert exposure(picture).key == "low"


def test_a_bright_picture_with_a_few_blacks_is_high_key_and_one_with_many_is_not() -> None:
    picture = _flat(235, (100, 100))
    assert exposure(picture).key == "normal"
    picture[40:50, 45:65] = 10
    assert exposure(picture).key == "high"
    picture[40:60, 40:80] = 10
    assert exposure(picture).key == "normal"


def test_contrast_of_a_ramp_spans_all_lightness_and_halves_with_it() -> None:
    ramp = _grey_ramp()
    assert contrast(ramp).spread == pytest.approx(98, abs=2)
    halved = (128 + (ramp.astype(int) - 128) // 2).astype(np.uint8)
    assert contrast(halved).spread == pytest.approx(50, abs=4)
    assert contrast(halved).ends == 0


def test_clipping_counts_each_channel_and_marks_the_very_pixels() -> None:
    picture = _flat(100, (50, 80))
    picture[10:20, 30:40, 0] = 255
    picture[12:14, 30:40] = 255
    picture[40:45, 5:25] = 0
    found = clipping(picture)
    assert found.channels == pytest.approx((100 / 4000, 20 / 4000, 20 / 4000))
    assert found.highlights == pytest.approx(100 / 4000)
    assert found.white == pytest.approx(20 / 4000)
    assert found.shadows == pytest.approx(100 / 4000)
    expected = np.zeros((50, 80), bool)
    expected[10:20, 30:40] = True
    assert (found.highlight_mask == expected).all()
    assert found.shadow_mask.sum() == 100


def test_one_clipped_pixel_of_a_large_picture_is_in_the_mask() -> None:
    picture = _flat(100, (1700, 2500))
    picture[1403, 2207] = 255
    picture[3, 5] = 0
    found = clipping(picture)
    step = 4
    assert max(found.highlight_mask.shape) <= 768
    assert np.argwhere(found.highlight_mask).tolist() == [[1403 // step, 2207 // step]]
    assert np.argwhere(found.shadow_mask).tolist() == [[0, 1]]


def _scene(seed: int = 3) -> np.ndarray:
    """Patches of every lightness: half of them grey, the others of any colour."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 256, (24, 36, 1)).repeat(3, axis=2)
    tint = rng.integers(-60, 60, (24, 36, 3)) * (rng.random((24, 36, 1)) < 0.5)
    patches = np.clip(values + tint, 0, 255).astype(np.uint8)
    return patches.repeat(8, axis=0).repeat(8, axis=1)


@pytest.mark.parametrize(
    ("gains", "hue"), [((1.3, 0.9, 0.75), 75), ((0.7, 1.0, 1.4), 265), ((0.85, 1.1, 0.85), 140)]
)
def test_a_cast_over_grey_things_is_seen_with_its_direction(gains, hue: float) -> None:
    scene = _scene()
    assert colour_cast(scene).odds < 0
    light = (scene / 255.0) ** 2.2 * np.array(gains)
    seen = colour_cast((np.clip(light, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8))
    assert seen.odds > 0
    assert abs((seen.angle - hue + 180) % 360 - 180) < 45


def test_one_large_blue_area_beside_grey_things_is_no_cast() -> None:
    scene = _scene()
    scene[:90] = (90, 140, 230)
    assert colour_cast(scene).odds < 0


@pytest.mark.parametrize(
    ("angle", "name"),
    [
        (0, "magenta"),
        (40, "red"),
        (70, "orange"),
        (95, "yellow"),
        (140, "green"),
        (200, "cyan"),
        (270, "blue"),
        (330, "magenta"),
        (300, "violet"),
    ],
)
def test_hue_names(angle: float, name: str) -> None:
    assert hue_name(angle) == name or (angle == 0 and hue_name(angle) == "red")


def test_saturation_knows_grey_from_pure_red() -> None:
    red = _flat(0)
    red[..., 0] = 255
    assert saturation(_flat(90)).mean == pytest.approx(0, abs=0.5)
    assert saturation(red).mean > 90
    assert saturation(red).pinned == 1


def test_lab_of_white_and_black() -> None:
    assert lab(_flat(255, (1, 1)))[0, 0] == pytest.approx([100, 0, 0], abs=0.1)
    assert lab(_flat(0, (1, 1)))[0, 0] == pytest.approx([0, 0, 0], abs=0.1)
