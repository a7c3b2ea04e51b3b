"""Sharpness, noise, tilt and level edges of pictures made with known amounts of each."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.builtin.measure.focus import focus
from engine.builtin.measure.noise import noise
from engine.builtin.measure.skyline import skyline
from engine.builtin.measure.tilt import tilt


def _shapes(width: int = 768, height: int = 512, seed: int = 5) -> np.ndarray:
    """Hard-edged grey discs and boxes at every angle, drawn four times as large and reduced."""
    rng = np.random.default_rng(seed)
    picture = np.full((height * 4, width * 4), 120, np.uint8)
    for _ in range(260):
        x, y = int(rng.integers(0, width * 4)), int(rng.integers(0, height * 4))
        grey, size = int(rng.integers(20, 236)), int(rng.integers(40, 220))
        if rng.random() < 0.5:
            cv2.circle(picture, (x, y), size, grey, -1)
        else:
            box = cv2.boxPoints(((x, y), (size * 2, size), float(rng.integers(0, 180))))
            cv2.fillPoly(picture, [np.asarray(box).astype(np.int32)], grey)
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize("percent", [0.15, 0.25, 0.35])
def test_blur_is_measured_in_percent_of_the_long_side(percent: float) -> None:
    sharp = _shapes()
    assert focus(sharp).blur < 0.08
    blurred = cv2.GaussianBlur(sharp, (0, 0), 768 * percent / 100)
    assert focus(np.asarray(blurred)).blur_worst == pytest.approx(percent, rel=0.35)


@pytest.mark.parametrize("direction", [0, 45, 90, 120])
def test_motion_is_told_by_its_direction(direction: float) -> None:
    kernel = np.zeros((15, 15), np.float32)
    for t in np.linspace(-7, 7, 200):
        x, y = t * np.cos(np.radians(direction)), t * np.sin(np.radians(direction))
        kernel[round(7 + y), round(7 + x)] = 1
    smeared = focus(np.asarray(cv2.filter2D(_shapes(), -1, kernel / kernel.sum())))
    assert abs((smeared.direction - direction + 90) % 180 - 90) <= 16
    assert smeared.uneven > 0.9
    assert focus(np.asarray(cv2.GaussianBlur(_shapes(), (0, 0), 2.5))).uneven < 0.5


def test_the_map_tells_the_sharp_half_from_the_soft_one() -> None:
    picture = _shapes()
    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), 4))
    picture[:, 384:] = soft[:, 384:]
    found = focus(picture).map
    assert np.nanmedian(found[:, :7]) < 0.5 * np.nanmedian(found[:, 9:])


def test_a_picture_of_nothing_has_no_sharpness_to_judge() -> None:
    assert focus(np.full((200, 300), 90, np.uint8)).judged == 0


@pytest.mark.parametrize("percent", [1.0, 4.0, 9.0])
def test_noise_is_measured_on_smooth_tones(percent: float) -> None:
    ramp = np.repeat(np.linspace(60, 200, 900)[None, :], 600, axis=0)
    grain = np.random.default_rng(1).standard_normal(ramp.shape) * 2.55 * percent
    found = noise(np.clip(ramp + grain + 0.5, 0, 255).astype(np.uint8))
    assert found.floor == pytest.approx(percent, rel=0.25)
    assert found.coarse < 0.75 * found.floor


def test_edges_are_not_noise() -> None:
    assert noise(_shapes()).floor < 0.3


def test_noise_is_found_in_the_tones_that_have_it() -> None:
    picture = np.full((400, 800), 45.0)
    picture[:, 400:] = 200
    picture[:, 400:] += np.random.default_rng(2).standard_normal((400, 400)) * 12
    by_tone = dict(noise(np.clip(picture, 0, 255).astype(np.uint8)).by_tone)
    assert by_tone[45.0] < 0.2
    assert by_tone[203.0] > 3


def _street(degrees: float, spread: float = 0.0) -> np.ndarray:
    """Uprights and levels turned clockwise by `degrees`; uprights lean together by `spread`."""
    picture = np.full((512, 768), 90, np.uint8)
    turn = cv2.getRotationMatrix2D((384, 256), -degrees, 1)

    def line(x1: float, y1: float, x2: float, y2: float, grey: int) -> None:
        ends = turn @ np.array([[x1, x2], [y1, y2], [1, 1]])
        (a, c), (b, d) = ends
        at = [(round(v * 16), round(w * 16)) for v, w in ((a, b), (c, d))]
        cv2.line(picture, at[0], at[1], grey, 5, cv2.LINE_AA, 4)

    for i, x in enumerate(range(110, 680, 60)):
        pull = spread * (x - 384) / 384 * 50
        line(x - pull, 110, x + pull, 400, 40 if i % 2 else 220)
    if spread == 0:
        for y in (90, 420):
            line(90, y, 680, y, 200)
    return picture


@pytest.mark.parametrize("degrees", [-6.0, -2.5, 0.0, 1.7, 4.0])
def test_tilt_is_positive_clockwise_and_right_to_a_third_of_a_degree(degrees: float) -> None:
    found = tilt(_street(degrees))
    assert found.angle == pytest.approx(degrees, abs=0.35)
    assert found.line is not None


def test_converging_uprights_are_no_tilt() -> None:
    found = tilt(_street(0.0, spread=0.4))
    assert abs(found.angle) < 1.0
    assert abs(found.converging) > 3


def test_the_line_is_the_whole_horizon_not_the_longest_piece_beside_it() -> None:
    picture = np.full((512, 768), 90, np.uint8)
    for x in range(20, 740, 120):
        cv2.line(picture, (x, 180), (x + 90, 180), 220, 5)
    cv2.line(picture, (200, 400), (400, 400), 220, 5)
    line = tilt(picture).line
    assert line is not None
    assert (line.y1, line.y2) == pytest.approx((180 / 512, 180 / 512), abs=0.01)
    assert line.x2 - line.x1 > 0.8


def test_no_lines_no_tilt() -> None:
    assert tilt(np.full((300, 400), 128, np.uint8)).line is None


@pytest.mark.parametrize("degrees", [-4.0, 0.0, 3.0])
def test_the_sea_is_found_at_its_height_and_angle(degrees: float) -> None:
    y, x = np.mgrid[0:512, 0:768].astype(np.float64)
    below = y > 200 + (x - 384) * np.tan(np.radians(degrees))
    rng = np.random.default_rng(4)
    picture = np.where(below, 100, 150) + rng.normal(0, 4, below.shape)
    found = skyline(picture.astype(np.uint8))
    assert found.best > 0.6
    assert found.angle == pytest.approx(degrees, abs=0.3)
    assert (found.line.y1 + found.line.y2) / 2 == pytest.approx(200 / 512, abs=0.01)
