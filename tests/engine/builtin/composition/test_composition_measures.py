"""Each measurement of composition names what was drawn, and is silent where nothing was."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.builtin.composition.barrier import barriers, lab_copy
from engine.builtin.composition.figure import figure
from engine.builtin.composition.harmony import harmony
from engine.builtin.composition.mirror import mirror
from engine.builtin.composition.quiet import emptiest, texture
from engine.builtin.composition.thirds import horizon, nearest_third
from engine.builtin.crops.saliency import maps
from engine.builtin.measure.skyline import skyline
from engine.geometry import iou
from engine.vocabulary import Box

Picture = NDArray[np.uint8]


def flat(colour: tuple[int, int, int] = (120, 130, 125), *, width: int = 480) -> Picture:
    return np.full((width * 2 // 3, width, 3), colour, np.uint8)


def grained(picture: Picture, sigma: float = 2.0, seed: int = 0) -> Picture:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def enlarged(picture: Picture, width: int, height: int) -> Picture:
    return np.asarray(cv2.resize(picture, (width, height)), np.uint8)


def with_disc(centre: tuple[float, float], radius: float = 0.08) -> Picture:
    picture = flat()
    height, width = picture.shape[:2]
    at = round(centre[0] * width), round(centre[1] * height)
    cv2.circle(picture, at, round(radius * width), (220, 40, 30), -1, cv2.LINE_AA)
    return grained(picture)


def grey(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


# ── what is set off ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("centre", [(0.5, 0.5), (0.25, 0.4), (0.7, 0.68)])
def test_the_figure_is_the_disc(centre: tuple[float, float]) -> None:
    found = figure(lab_copy(with_disc(centre)))
    assert found is not None
    assert found.centre == pytest.approx(centre, abs=0.02)
    drawn = Box(centre[0] - 0.08, centre[1] - 0.12, centre[0] + 0.08, centre[1] + 0.12)
    assert iou(found.box, drawn) > 0.7
    assert found.area == pytest.approx(np.pi * 0.08**2 * 1.5, rel=0.2)


def test_an_even_photo_has_no_figure() -> None:
    assert figure(lab_copy(grained(flat()))) is None


def test_what_joins_the_border_is_no_figure() -> None:
    picture = flat()
    picture[200:] = (40, 60, 30)
    assert figure(lab_copy(grained(picture))) is None


def test_a_barrier_is_the_least_range_of_colours_on_the_way_in() -> None:
    lab = np.zeros((9, 9, 3), np.float32)
    lab[2:7, 2:7] = (50, 0, 0)
    lab[3:6, 3:6] = (80, 0, 0)
    lab[4, :] = (20, 0, 0)
    starts = np.zeros((9, 9), np.bool_)
    starts[[0, -1]] = True
    starts[:, [0, -1]] = True
    cost = barriers(lab, starts)
    assert cost[2, 2] == 30  # up from the trench: 50 − 20
    assert cost[2, 8] == 0
    assert cost[3, 3] == 60  # through the trench of 20, up to 80: 80 − 20
    assert cost[4, 4] == 0  # along the trench, which reaches the border
    assert cost[0, 0] == 0


def test_places_before_the_first_start_are_reached_from_it_alone() -> None:
    lab = np.zeros((7, 7, 3), np.float32)
    lab[:2] = (90, 0, 0)
    starts = np.zeros((7, 7), np.bool_)
    starts[3:5, 3:5] = True
    cost = barriers(lab, starts)
    assert (cost[:2] == 90).all()
    assert (cost[2:] == 0).all()


# ── mirror, colours ──────────────────────────────────────────────────────────────────────────────


def test_a_mirrored_picture_is_symmetrical_and_a_shifted_one_is_not() -> None:
    rng = np.random.default_rng(4)
    half = enlarged(rng.integers(0, 255, (8, 6, 3), np.uint8), 240, 320)
    whole = np.concatenate([half, half[:, ::-1]], axis=1)
    found = mirror(whole)
    assert found.axis == pytest.approx(0.5, abs=0.01)
    assert found.light > 0.95
    assert found.edges > 0.9
    twice = np.concatenate([half, half], axis=1)
    assert mirror(twice).light < 0.5


def test_level_layers_are_no_symmetry() -> None:
    picture = flat()
    picture[:100] = (200, 210, 230)
    picture[220:] = (60, 80, 40)
    assert mirror(grained(picture)).light < 0.5


def test_one_hue_two_hues_and_many() -> None:
    one = harmony(grained(flat((200, 120, 60))))
    assert one.near > 0.95
    two = flat((200, 120, 60))
    two[:, 300:] = (40, 90, 160)
    both = harmony(grained(two))
    assert both.pair > 0.95
    assert both.near < 0.9
    assert both.apart > 130
    many = np.zeros((60, 360, 3), np.uint8)
    many[:] = cv2.cvtColor(
        np.stack([np.arange(360) / 2, np.full(360, 200), np.full(360, 200)], axis=1)[None].astype(
            np.uint8
        ),
        cv2.COLOR_HSV2RGB,
    )
    assert harmony(many).pair < 0.7
    assert harmony(many).spread > both.spread > one.spread


# ── quiet, thirds ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_the_empty_side_is_named(side: str) -> None:
    rng = np.random.default_rng(2)
    picture = flat((190, 200, 210))
    height, width = picture.shape[:2]
    detail = enlarged(rng.integers(0, 255, (40, 60, 3), np.uint8), width, height)
    part = {
        "left": np.s_[:, width // 2 :],
        "right": np.s_[:, : width // 2],
        "top": np.s_[height // 2 :],
        "bottom": np.s_[: height // 2],
    }[side]
    picture[part] = detail[part]
    found = emptiest(texture(picture), maps(picture).contrast)
    assert found is not None
    assert found.side == side
    assert found.depth == pytest.approx(0.45, abs=0.08)


def test_a_tower_makes_use_of_the_sky() -> None:
    rng = np.random.default_rng(2)
    picture = flat((190, 200, 210))
    picture[180:] = enlarged(rng.integers(0, 255, (20, 60, 3), np.uint8), 480, 140)
    assert emptiest(texture(picture), maps(picture).contrast) is not None
    picture[20:180, 220:260] = (40, 30, 30)
    found = emptiest(texture(picture), maps(picture).contrast)
    assert found is None or found.depth < 0.2


def test_leaves_have_texture_and_a_wall_has_none() -> None:
    rng = np.random.default_rng(1)
    leaves = enlarged(rng.integers(0, 255, (80, 120, 3), np.uint8), 480, 320)
    assert texture(leaves).min() > 8 > 4 > texture(grained(flat())).max()


def test_a_horizon_has_calm_light_sky_above_it() -> None:
    rng = np.random.default_rng(3)
    picture = flat((200, 215, 235))
    leaves = enlarged(rng.integers(30, 120, (40, 80, 3), np.uint8), 480, 214)
    picture[106:] = leaves
    found = horizon(picture, texture(picture), skyline(grey(picture)))
    assert found is not None
    assert (found.y1 + found.y2) / 2 == pytest.approx(1 / 3, abs=0.02)
    upside_down = np.ascontiguousarray(picture[::-1])
    assert horizon(upside_down, texture(upside_down), skyline(grey(upside_down))) is None


def test_the_nearest_third() -> None:
    assert nearest_third(0.30).number == 1
    assert nearest_third(0.30).away == pytest.approx(1 / 30)
    assert nearest_third(0.7).number == 2
    assert nearest_third(0.5).away == pytest.approx(1 / 6)
