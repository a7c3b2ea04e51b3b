"""Figures against bars, spreads over seeds, and what counts as right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.vocabulary import Box
from trainer.demo.legs import ABLATIONS, STAGE_2
from trainer.demo.measuring import Answer, Figures, Share, figures, yardsticks
from trainer.demo.path import Walked
from trainer.demo.results import bars, spreads
from trainer.demo.scenes import Kind, Purpose, good_crop, scenes
from trainer.demo.words import FAULTS, fault_sentence

UNSEEN = scenes(Purpose.UNSEEN, 12)
PERFECT = [
    Answer(each, "Fair.", f"A house. {fault_sentence(each)}", "", good_crop(each))
    for each in UNSEEN
]


def test_all_right_is_one() -> None:
    found = figures(PERFECT)
    assert (found.crop, found.fault, found.false_alarms) == (1, 1, 0)
    assert all(bar.met for bar in bars(found))


def test_no_box_has_no_overlap_and_no_fault_named_is_wrong() -> None:
    found = figures([replace(each, box=None, analysis="") for each in PERFECT])
    assert (found.crop, found.fault, found.false_alarms) == (0, 0, 1)
    assert not any(bar.met for bar in bars(found))


def test_the_other_direction_of_a_fault_is_wrong() -> None:
    dark = [each for each in PERFECT if each.scene.kind is Kind.BRIGHTNESS]
    swapped = {FAULTS["dark"]: FAULTS["bright"], FAULTS["bright"]: FAULTS["dark"]}
    wrong = [replace(each, analysis=swapped[fault_sentence(each.scene)]) for each in dark]
    assert not any(each.right for each in wrong)


def test_kinds_weigh_alike() -> None:
    often = [*PERFECT, *(replace(each, analysis="") for each in PERFECT[:1] for _ in range(50))]
    found = figures(often)
    assert found.fault == pytest.approx(1 - 50 / 52 / len(Kind))


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({"crop": 0.79}, "crop"),
        ({"fault": 0.84}, "fault"),
        ({"false_alarms": 0.16}, "false alarms"),
        ({"kinds": (Share(Kind.TILT, 0.69),)}, "tilt"),
    ],
)
def test_each_bar_can_be_missed(changed: dict[str, object], missed: str) -> None:
    good = Figures(crop=0.8, fault=0.85, kinds=(Share(Kind.TILT, 0.7),), false_alarms=0.15)
    assert all(bar.met for bar in bars(good))
    found = [bar for bar in bars(replace(good, **changed)) if not bar.met]
    assert len(found) == 1
    assert missed in found[0].words


def test_yardsticks_are_below_the_bars() -> None:
    marks = yardsticks(scenes(Purpose.UNSEEN, 120), scenes(Purpose.TAUGHT, 120))
    assert marks.full_frame <= 0.55
    assert max(marks.chance, marks.mean_box) < 0.65


def test_a_box_is_measured_against_the_rule_and_not_against_the_grid() -> None:
    answer = replace(PERFECT[0], box=Box(0, 0, 1, 1))
    assert answer.overlap == pytest.approx(good_crop(answer.scene).area)


def test_spreads_are_over_seeds() -> None:
    def walked(leg: str, crop: float) -> Walked:
        return Walked(
            leg=leg,
            figures=replace(figures(PERFECT), crop=crop),
            told=(),
            training_seconds=1,
            training_cpu_seconds=1,
            measuring_seconds=1,
            measuring_cpu_seconds=1,
        )

    names = [STAGE_2.name, *(leg.name for leg in ABLATIONS)]
    found = spreads([[walked(name, 0.8) for name in names], [walked(name, 0.9) for name in names]])
    crop = next(each for each in found if each.leg == STAGE_2.name and each.name == "crop")
    assert crop.values == (0.8, 0.9)
    assert crop.mean == pytest.approx(0.85)
    assert crop.spread == pytest.approx(0.0707, abs=1e-3)
    assert {each.leg for each in found} == set(names)
