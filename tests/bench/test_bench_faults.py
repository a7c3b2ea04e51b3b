"""The parts of the benches that decide what counts as right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench import inject
from bench.cases import UNTOUCHED, Case, cases, held_out, photos
from bench.evidence import distance, overlap, pixels_of, turned
from bench.faults import outcome, report
from bench.fit_cast import conditional_logit
from engine.builtin.observe import Observation
from engine.builtin.place import as_mask
from engine.vocabulary import EVERYWHERE, FindingKind, Line

DARK = Case("exposure", -1.0, False, "underexposed", -1.0, UNTOUCHED.make)


def _seen(kind: FindingKind, severity: float, value: float = 1.0, **facts: float) -> Observation:
    return Observation(kind, severity, EVERYWHERE, value, "", facts)


def test_a_fault_is_found_among_the_first_two_grave_findings_only() -> None:
    dark = _seen(FindingKind.UNDEREXPOSED, 0.5, -1.2)
    others = [_seen(FindingKind.NOISE, 0.9), _seen(FindingKind.SOFT_FOCUS, 0.8)]
    path = Path("a.jpg")
    assert outcome(path, DARK, [others[0], dark]).found
    assert not outcome(path, DARK, [*others, dark]).found
    assert not outcome(path, DARK, [_seen(FindingKind.UNDEREXPOSED, 0.29, -1.2)]).found


def test_the_other_sign_is_wrong() -> None:
    path = Path("a.jpg")
    assert outcome(path, DARK, [_seen(FindingKind.OVEREXPOSED, 0.5)]).wrong_sign
    tilt = Case("tilt", 2.5, False, "tilted_horizon", 2.4, UNTOUCHED.make)
    right = outcome(path, tilt, [_seen(FindingKind.TILTED_HORIZON, 0.5, 2.0)])
    assert right.error == pytest.approx(0.4)
    assert not right.wrong_sign
    assert outcome(path, tilt, [_seen(FindingKind.TILTED_HORIZON, 0.5, -2.0)]).wrong_sign
    cast = Case("cast", 8.0, False, "colour_cast", 350.0, UNTOUCHED.make)
    assert outcome(path, cast, [_seen(FindingKind.COLOUR_CAST, 0.5, angle=20.0)]).error == 30
    assert outcome(path, cast, [_seen(FindingKind.COLOUR_CAST, 0.5, angle=170.0)]).wrong_sign


def test_the_table_counts_the_halves_and_the_unseen_strengths_apart() -> None:
    found = outcome(Path("a.jpg"), DARK, [_seen(FindingKind.UNDEREXPOSED, 0.5, -1.2)])
    untouched = outcome(Path("a.jpg"), UNTOUCHED, [])
    row = next(line for line in report([found, untouched]).splitlines() if "exposure " in line)
    assert row.split()[1:5] == (["-", "1.000"] if found.held else ["1.000", "-"]) + ["-", "-"]


def test_as_many_photos_of_either_half(tmp_path: Path) -> None:
    for i in range(60):
        (tmp_path / f"{i}.jpg").touch()
    chosen = photos(tmp_path, 20)
    assert sum(held_out(p) for p in chosen) == 10
    assert len(set(chosen)) == 20


def test_tilts_go_only_where_the_photo_s_own_is_known_unless_told() -> None:
    assert not any(c.fault == "tilt" for c in cases(Path("unknown.jpg")))
    assert any(c.fault == "tilt" for c in cases(Path("unknown.jpg"), assume_level=True))


def test_a_mask_is_compared_cell_by_cell_and_pixel_by_pixel() -> None:
    rgb = np.full((8, 12, 3), 90, np.uint8)
    rgb[:4, :6] = 255
    exact = np.zeros((4, 6), bool)
    exact[:2, :3] = True
    mask = as_mask(exact)
    assert (pixels_of(mask) == exact).all()
    right = overlap(FindingKind.CLIPPED_HIGHLIGHTS, mask, rgb)
    assert (right.iou, right.pixel_for_pixel) == (1.0, 1.0)
    rgb[7, 11] = 255
    missed = overlap(FindingKind.CLIPPED_HIGHLIGHTS, mask, rgb)
    assert missed.iou == pytest.approx(6 / 7)
    assert missed.pixel_for_pixel == pytest.approx(24 / 25)


def test_a_turned_line_lies_where_its_picture_lies() -> None:
    rgb = np.zeros((400, 600, 3), np.uint8)
    rgb[239:242] = 255
    tilted = inject.tilted(rgb, 4.0)
    line = turned(Line(0.1, 0.6, 0.9, 0.6), 600, 400, 4.0)
    height, width = tilted.shape[:2]
    for x, y in ((line.x1, line.y1), (line.x2, line.y2)):
        column = tilted[:, round(x * width), 0].astype(float)
        assert np.average(np.arange(height), weights=column) / height == pytest.approx(y, abs=0.01)


def test_distance_is_the_larger_one_at_the_labelled_ends_in_percent() -> None:
    assert distance(Line(0, 0.5, 1, 0.5), Line(0.2, 0.51, 0.8, 0.53)) == pytest.approx(3.0)


def test_the_conditional_logit_gives_back_the_weights_that_chose() -> None:
    rng = np.random.default_rng(2)
    fits = rng.normal(size=(4000, 12, 3)) * (1.0, 5.0, 0.2)
    truth = np.array([1.5, -0.2, 4.0])
    scores = fits @ truth + rng.gumbel(size=(4000, 12))
    chances = np.eye(12)[scores.argmax(axis=1)]
    assert conditional_logit(fits, chances, np.ones(4000)) == pytest.approx(truth, rel=0.1)
