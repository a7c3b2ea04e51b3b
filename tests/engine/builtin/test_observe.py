"""What is observed on made pictures: the right kind, its sign, its place, in order of weight."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.builtin.measured import Measured
from engine.builtin.observe import WORTH_MENTIONING, Observation, observe
from engine.builtin.pictures import Pictures
from engine.builtin.place import MOST_RUNS, as_mask, boxes_of, place_of
from engine.builtin.verdicts import severity_of
from engine.vocabulary import Box, FindingKind, StrengthKind


def _landscape() -> np.ndarray:
    """Sky, hills of grey boxes and a meadow with fine texture: nothing wrong with it."""
    rng = np.random.default_rng(8)
    picture = np.zeros((480, 720, 3), np.uint8)
    picture[:200] = (165, 190, 225)
    picture[200:] = (95, 110, 70)
    for _ in range(160):
        x, y = int(rng.integers(0, 700)), int(rng.integers(150, 460))
        grey = int(rng.integers(0, 256))
        corner = (x + int(rng.integers(8, 50)), y + int(rng.integers(8, 50)))
        cv2.rectangle(picture, (x, y), corner, (grey, grey, grey), -1)
    return picture


def _observed(picture: np.ndarray) -> tuple[Observation, ...]:
    return observe(Measured(Pictures.from_array(picture)))


def _kinds(picture: np.ndarray) -> list[str]:
    """The findings worth mentioning, gravest first."""
    return [
        str(o.kind)
        for o in _observed(picture)
        if isinstance(o.kind, FindingKind) and o.severity >= WORTH_MENTIONING
    ]


def _in_light(picture: np.ndarray, factor: float) -> np.ndarray:
    light = (picture / 255.0) ** 2.2 * factor
    return (np.clip(light, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)


def test_nothing_is_wrong_with_a_plain_sharp_picture() -> None:
    assert not {"soft_focus", "noise", "underexposed", "low_contrast"} & set(_kinds(_landscape()))


def test_two_stops_less_light_is_underexposed_with_a_negative_value() -> None:
    dark = _in_light(_landscape(), 0.25)
    assert "underexposed" in _kinds(dark)[:2]
    assert next(o for o in _observed(dark) if o.kind == FindingKind.UNDEREXPOSED).value < -1


def test_two_stops_more_light_is_overexposed_with_a_positive_value() -> None:
    bright = _in_light(_landscape(), 4.0)
    assert "overexposed" in _kinds(bright)[:2]
    assert next(o for o in _observed(bright) if o.kind == FindingKind.OVEREXPOSED).value > 0.5


def test_a_blurred_picture_is_soft_and_not_sharp() -> None:
    soft = np.asarray(cv2.GaussianBlur(_landscape(), (0, 0), 720 * 0.005))
    assert "soft_focus" in _kinds(soft)[:2]
    assert StrengthKind.SHARP not in [o.kind for o in _observed(soft)]
    assert StrengthKind.SHARP in [o.kind for o in _observed(_landscape())]


def test_grain_is_noise() -> None:
    grain = np.random.default_rng(0).normal(0, 15, _landscape().shape)
    noisy = np.clip(_landscape() + grain, 0, 255).astype(np.uint8)
    assert "noise" in _kinds(noisy)[:2]


def test_a_quarter_of_the_contrast_is_low_contrast() -> None:
    flat = (110 + (_landscape().astype(float) - 110) / 4).astype(np.uint8)
    assert "low_contrast" in _kinds(flat)[:2]


@pytest.mark.parametrize("degrees", [-5.0, 5.0])
def test_a_turned_picture_leans_the_way_it_was_turned(degrees: float) -> None:
    turn = cv2.getRotationMatrix2D((360, 240), -degrees, 1)
    turned = cv2.warpAffine(_landscape(), turn, (720, 480), borderMode=cv2.BORDER_REFLECT)
    inside = np.asarray(turned)[40:440, 60:660]
    assert "tilted_horizon" in _kinds(inside)[:2]
    tilt = next(o for o in _observed(inside) if o.kind == FindingKind.TILTED_HORIZON)
    assert tilt.value == pytest.approx(degrees, abs=0.7)
    assert tilt.where.line is not None


def test_observations_come_gravest_first_and_faults_before_strengths() -> None:
    found = _observed(_in_light(_landscape(), 4.0))
    faults = [o.severity for o in found if isinstance(o.kind, FindingKind)]
    assert faults == sorted(faults, reverse=True)
    assert all(isinstance(o.kind, StrengthKind) for o in found[len(faults) :])


def test_severity_rises_and_is_three_tenths_at_the_zero() -> None:
    values = [severity_of(m) for m in (-400.0, -1.0, -0.1, 0.0, 0.1, 1.0, 400.0)]
    assert values == sorted(values)
    assert severity_of(0.0) == pytest.approx(WORTH_MENTIONING)
    assert 0 <= values[0] < 0.01
    assert values[-1] <= 1


def test_a_mask_s_runs_give_back_its_pixels() -> None:
    flags = np.random.default_rng(3).random((7, 9)) < 0.4
    flags[0, 0] = True
    mask = as_mask(flags)
    assert mask.runs[0] == 0
    values = [i % 2 == 1 for i, run in enumerate(mask.runs) for _ in range(run)]
    assert values == flags.ravel().tolist()


def test_places_and_boxes_of_flags() -> None:
    flags = np.zeros((60, 90), bool)
    flags[2:12, 70:88] = True
    assert place_of(flags) == "top_right"
    assert boxes_of(flags) == (Box(70 / 90, 2 / 60, 88 / 90, 12 / 60),)
    assert place_of(np.ones((10, 10), bool)) == "everywhere"


def test_a_mask_of_many_runs_is_coarser_but_loses_no_pixel() -> None:
    flags = np.random.default_rng(5).random((301, 517)) < 0.01
    mask = as_mask(flags)
    assert flags.sum() > MOST_RUNS
    assert 100 < len(mask.runs) <= MOST_RUNS
    assert sum(mask.runs) == mask.width * mask.height
    values = np.repeat(np.arange(len(mask.runs)) % 2 == 1, mask.runs)
    found = values.reshape(mask.height, mask.width)
    rows, columns = np.nonzero(flags)
    true = np.zeros_like(found)
    true[rows * mask.height // 301, columns * mask.width // 517] = True
    assert (found == true).all()


def test_no_photo_is_well_exposed_and_too_dark_or_bright_at_once() -> None:
    faults = {FindingKind.UNDEREXPOSED, FindingKind.OVEREXPOSED}
    well = 0
    for ev in np.linspace(-2.5, 2.5, 41):
        kinds = {o.kind for o in _observed(_in_light(_landscape(), 2.0 ** float(ev)))}
        assert len(kinds & {StrengthKind.WELL_EXPOSED, *faults}) <= 1
        well += StrengthKind.WELL_EXPOSED in kinds
    assert 2 < well < 30


@pytest.mark.parametrize("sigma", np.linspace(0.3, 3.0, 28).tolist())
def test_no_photo_is_soft_and_sharp_at_once(sigma: float) -> None:
    picture = np.asarray(cv2.GaussianBlur(_landscape(), (0, 0), sigma))
    kinds = {o.kind for o in _observed(picture)}
    assert len(kinds & {FindingKind.SOFT_FOCUS, StrengthKind.SHARP}) == 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("grey", [0, 90, 255, None])
@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (1, 400), (400, 1), (3, 3), (60, 90)])
def test_tiny_and_empty_pictures_are_measured_without_a_warning(shape, grey) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)
    picture = noise if grey is None else np.full((*shape, 3), grey, np.uint8)
    for seen in _observed(picture):
        assert np.isfinite(seen.value)
        assert 0 <= seen.severity <= 1
    kinds = {str(o.kind) for o in _observed(picture)}
    if grey is not None:
        assert not {"noise", "tilted_horizon", "soft_focus", "sharp", "well_exposed"} & kinds
