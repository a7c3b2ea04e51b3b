"""What is said about a photo's composition: each kind where it was drawn, and silence elsewhere."""

from __future__ import annotations

import cv2
import generated_scenes
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.builtin.composition.compose import compose
from engine.builtin.crops.scene import scene
from engine.builtin.measure.colour import HUES
from engine.builtin.measure.skyline import skyline
from engine.builtin.observe import WORTH_MENTIONING, Observation
from engine.builtin.place import PLACES
from engine.geometry import iou
from engine.vocabulary import Box, FindingKind, Size, StrengthKind

Picture = NDArray[np.uint8]
WIDTH, HEIGHT = 480, 320


def said(picture: Picture) -> dict[str, Observation]:
    """The observations about a picture, by kind."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    size = Size(picture.shape[1], picture.shape[0])
    return {str(o.kind): o for o in compose(scene(picture, size), skyline(grey))}


def wall(colour: tuple[int, int, int] = (120, 130, 125)) -> Picture:
    noise = np.random.default_rng(7).normal(0, 2, (HEIGHT, WIDTH, 3))
    return np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)


def disc(centre: tuple[float, float]) -> Picture:
    picture = wall((60, 90, 70))
    at = round(centre[0] * WIDTH), round(centre[1] * HEIGHT)
    cv2.circle(picture, at, 40, (240, 60, 40), -1, cv2.LINE_AA)
    return picture


def enlarged(picture: Picture, width: int, height: int) -> Picture:
    return np.asarray(cv2.resize(picture, (width, height)), np.uint8)


def leaves(seed: int = 1, low: int = 0, high: int = 255) -> Picture:
    rng = np.random.default_rng(seed)
    return enlarged(rng.integers(low, high, (100, 150, 3), np.uint8), WIDTH, HEIGHT)


def test_a_bare_wall_is_not_praised_for_what_it_lacks() -> None:
    found = said(wall())
    assert not {"strong_subject", "rule_of_thirds"} & set(found)


def test_one_clear_thing_is_a_strong_subject_on_its_third() -> None:
    found = said(disc((1 / 3, 0.5)))
    strong = found[StrengthKind.STRONG_SUBJECT]
    drawn = Box(1 / 3 - 40 / WIDTH, 0.5 - 40 / HEIGHT, 1 / 3 + 40 / WIDTH, 0.5 + 40 / HEIGHT)
    assert iou(strong.where.boxes[0], drawn) > 0.7
    assert strong.facts["area"] == pytest.approx(100 * np.pi * 40**2 / WIDTH / HEIGHT, rel=0.2)
    assert strong.facts["place"] in {name for row in PLACES for name in row}
    third = found[StrengthKind.RULE_OF_THIRDS]
    assert (third.facts["by"], third.facts["axis"], third.facts["third"]) == ("area", "across", 1)
    assert third.value < 2


def test_a_thing_in_the_middle_is_on_no_third() -> None:
    found = said(disc((0.5, 0.5)))
    assert StrengthKind.STRONG_SUBJECT in found
    assert StrengthKind.RULE_OF_THIRDS not in found


@pytest.mark.parametrize(("height", "third"), [(1 / 3, 1), (2 / 3, 2)])
def test_a_horizon_on_a_third(height: float, third: int) -> None:
    picture = wall((200, 215, 235))
    row = round(height * HEIGHT)
    picture[row:] = leaves(3, 30, 120)[row:]
    seen = said(picture)[StrengthKind.RULE_OF_THIRDS]
    assert (seen.facts["by"], seen.facts["axis"], seen.facts["third"]) == ("horizon", "down", third)
    assert seen.where.line is not None
    assert (seen.where.line.y1 + seen.where.line.y2) / 2 == pytest.approx(height, abs=0.02)


def test_a_horizon_in_the_middle_is_on_no_third() -> None:
    picture = wall((200, 215, 235))
    picture[HEIGHT // 2 :] = leaves(3, 30, 120)[HEIGHT // 2 :]
    assert StrengthKind.RULE_OF_THIRDS not in said(picture)


@pytest.mark.parametrize("side", ["left", "right"])
def test_half_a_photo_of_nothing_is_empty(side: str) -> None:
    picture = wall((190, 200, 210))
    part = np.s_[:, WIDTH // 2 :] if side == "left" else np.s_[:, : WIDTH // 2]
    picture[part] = leaves()[part]
    seen = said(picture)[FindingKind.EMPTY_SPACE]
    assert seen.facts["side"] == side
    box = seen.where.boxes[0]
    assert seen.value == pytest.approx(100 * box.area, abs=0.1)
    assert (box.left == 0) == (side == "left")


def test_a_mirror_image_is_balanced_and_the_same_half_twice_is_not() -> None:
    small = np.random.default_rng(4).integers(0, 255, (8, 6, 3), np.uint8)
    half = enlarged(small, WIDTH // 2, HEIGHT)
    seen = said(np.concatenate([half, half[:, ::-1]], axis=1))[StrengthKind.BALANCED]
    assert seen.facts["axis"] == pytest.approx(50, abs=1)
    assert seen.value > 95
    assert StrengthKind.BALANCED not in said(np.concatenate([half, half], axis=1))


def test_dark_on_both_sides_of_an_opening_is_a_frame_and_not_empty() -> None:
    picture = wall((20, 20, 20))
    picture[60:260, 190:290] = leaves(2, 150)[60:260, 190:290]
    assert FindingKind.EMPTY_SPACE not in said(picture)
    moved = np.roll(picture, 150, axis=1)
    assert said(moved)[FindingKind.EMPTY_SPACE].facts["side"] == "left"


def test_like_masses_on_both_sides_are_balanced() -> None:
    picture = wall((150, 160, 170))
    cv2.rectangle(picture, (60, 150), (150, 290), (40, 50, 60), -1)
    cv2.circle(picture, (375, 215), 62, (60, 50, 40), -1)
    seen = said(picture)
    assert StrengthKind.BALANCED in seen
    picture[:, 300:] = wall((150, 160, 170))[:, 300:]
    assert StrengthKind.BALANCED not in said(picture)


def test_colours_that_go_together() -> None:
    picture = wall((60, 110, 190))
    picture[220:] = (205, 140, 70)
    seen = said(picture)[StrengthKind.COLOUR_HARMONY]
    assert seen.facts["scheme"] == "opposites"
    assert {seen.facts["hue"], seen.facts["second"]} <= set(HUES)
    one = said(wall((60, 110, 190)))[StrengthKind.COLOUR_HARMONY]
    assert (one.facts["scheme"], one.facts["hue"]) == ("one", "blue")
    grey = said(wall((128, 128, 128)))
    assert StrengthKind.COLOUR_HARMONY not in grey
    bands = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for i in range(6):
        shade = cv2.cvtColor(np.full((1, 1, 3), (i * 30, 200, 200), np.uint8), cv2.COLOR_HSV2RGB)
        bands[:, i * 80 : (i + 1) * 80] = shade
    assert StrengthKind.COLOUR_HARMONY not in said(bands)


@pytest.mark.parametrize("seed", range(12))
def test_everything_said_is_well_formed(seed: int) -> None:
    picture = generated_scenes.striking(seed)
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    seen = compose(scene(picture, Size(picture.shape[1], picture.shape[0])), skyline(grey))
    kinds = [o.kind for o in seen]
    assert len(set(kinds)) == len(kinds)
    assert kinds == sorted(kinds, key=lambda kind: isinstance(kind, StrengthKind))
    for o in seen:
        assert WORTH_MENTIONING <= o.severity <= 1
        assert o.where.boxes or o.where.line
        assert all(0 <= edge <= 1 for box in o.where.boxes for edge in box)
        assert all(np.isfinite(v) for v in (o.value, *o.facts.values()) if isinstance(v, float))


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2, 300), (400, 3), (17, 17)])
def test_tiny_and_narrow_pictures_are_survived(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(5)
    said(rng.integers(0, 255, (size[1], size[0], 3), np.uint8))
