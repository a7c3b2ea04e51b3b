"""The demo's whole path with a handful of steps: the same code as the long one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from engine.stop import never
from engine.venus.families.registry import recognise
from trainer.demo.legs import (
    ABLATIONS,
    AGAIN,
    ASKED,
    BASE,
    PATH,
    STAGE_1,
    STAGE_2,
    Amount,
    recipe_of,
    samples_of,
)
from trainer.demo.model import open_model
from trainer.demo.path import CHECKPOINT, Asked, DemoError, Event, Took, Walked, curve, walk
from trainer.demo.threads import on_threads
from trainer.demo.words import LOOK
from trainer.loop.learning import part_of
from trainer.recipe import Part

TINY = Amount(base=3, stage_1=2, stage_2=2, unseen=6)
ONE_LEG = Amount(base=4, stage_1=1, stage_2=1, unseen=6)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    with on_threads(1):
        yield


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "out"


@pytest.fixture(scope="module")
def events(out: Path) -> list[Event]:
    return list(walk(PATH, out, TINY, seed=0, stop=never))


def test_every_leg_is_trained_and_measured_in_turn(events: list[Event]) -> None:
    told = [each.leg if isinstance(each, Walked) else each.leg.name for each in events]
    assert list(dict.fromkeys(told)) == [leg.name for leg in PATH]
    steps = [each.step.step for each in events if isinstance(each, Took)]
    assert steps == [1, 2, 3, 1, 2, 1, 2]
    assert [each.done for each in events if isinstance(each, Asked)] == [1, 2, 3, 4, 5, 6] * 3


def test_the_legs_leave_checkpoints_that_follow_one_another(events: list[Event], out: Path) -> None:
    base, first, second = (
        open_model(out / leg.name / CHECKPOINT)[0].state_dict() for leg in (BASE, STAGE_1, STAGE_2)
    )
    parts = recognise(out / "base" / CHECKPOINT).parts(open_model(out / "begin")[0].config)
    eye = {name for name in base if part_of(name, parts) in (Part.VISION, Part.CONNECTOR)}
    moved_first = {name for name in base if not torch.equal(base[name], first[name])}
    moved_second = {name for name in base if not torch.equal(first[name], second[name])}
    assert moved_first == set(base) - eye
    assert eye & moved_second


def test_figures_lie_between_nothing_and_all(events: list[Event]) -> None:
    for each in (event for event in events if isinstance(event, Walked)):
        assert 0 <= each.figures.crop <= 1
        assert 0 <= each.figures.fault <= 1
        assert len(each.figures.kinds) == 6


def test_curves_are_kept(events: list[Event], out: Path) -> None:
    lines = curve(out, BASE)
    assert [line["step"] for line in lines] == [1, 2, 3]
    assert lines[0]["seconds"] < lines[2]["seconds"]


def test_what_was_walked_is_only_told_again(events: list[Event], out: Path) -> None:
    again = list(walk(PATH, out, TINY, seed=0, stop=never))
    assert again == [each for each in events if isinstance(each, Walked)]


def test_a_folder_of_another_run_is_refused(events: list[Event], out: Path) -> None:
    with pytest.raises(DemoError, match="another seed or length"):
        next(walk(PATH, out, TINY, seed=1, stop=never))


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DemoError, match="give another folder"):
        next(walk(PATH, tmp_path, TINY, seed=0, stop=never))


def test_a_leg_that_was_stopped_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    for _ in walk((BASE,), whole, ONE_LEG, seed=0, stop=never):
        pass
    first = list(_until_steps(parted, 2))
    assert not any(isinstance(each, Walked) for each in first)
    assert not (parted / "base" / CHECKPOINT).exists()
    rest = list(walk((BASE,), parted, ONE_LEG, seed=0, stop=never))
    assert isinstance(rest[-1], Walked)
    assert [line["step"] for line in curve(parted, BASE)] == [1, 2, 3, 4]
    one, other = (
        open_model(each / "base" / CHECKPOINT)[0].state_dict() for each in (whole, parted)
    )
    assert all(torch.equal(one[name], other[name]) for name in one)


def _until_steps(out: Path, count: int) -> list[Event]:
    """Walk until so many steps were taken, then ask to stop."""
    found: list[Event] = []
    stop: Callable[[], bool] = lambda: sum(isinstance(each, Took) for each in found) >= count  # noqa: E731
    for each in walk((BASE,), out, ONE_LEG, seed=0, stop=stop):
        found.append(each)
    return found


def test_stage_2_repeats_a_part_of_what_came_before_in_every_way_to_it() -> None:
    for leg in (STAGE_2, *ABLATIONS):
        recipe = recipe_of(leg, seed=0)
        samples = samples_of(recipe, 10, seed=0)
        tasks = Counter(each.task for each in samples)
        assert tasks["guidance"] == round(AGAIN * len(samples))
        assert set(tasks) == {"guidance", "crop"}
        asked = [each for each in samples if each.exchanges[-1].question == LOOK]
        assert len(asked) == round(ASKED * AGAIN * len(samples))
        assert all(len(each.exchanges) == 4 for each in asked)


def test_what_is_run_in_a_folder_can_be_read_there(events: list[Event], out: Path) -> None:
    assert json.loads((out / "run.json").read_text("utf-8"))["unseen"] == TINY.unseen
