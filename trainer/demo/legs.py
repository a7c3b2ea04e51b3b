"""The demo's legs: which checkpoint each one begins from, what it is taught and by which recipe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from trainer.data.sample import Sample
from trainer.demo.scenes import Purpose, scenes
from trainer.demo.words import asked_samples, crop_samples, guidance_samples, seeing_samples
from trainer.recipe import Recipe, read

AGAIN: Final = 0.2
"""The share of Stage 2's samples that are Stage 1's questions about new scenes. Without any, so
small a model forgets all that Stage 1 taught it: measured, every fault named before and 3 % after.
"""
ASKED: Final = 0.25
"""The share of these that go on with a plain question."""
BEGIN: Final = "begin"
"""The random model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much is done: optimiser steps of each recipe, and scenes to measure on."""

    base: int
    stage_1: int
    stage_2: int
    unseen: int

    def steps(self, stage: int) -> int:
        return (self.base, self.stage_1, self.stage_2)[stage]


FULL: Final = Amount(base=1400, stage_1=400, stage_2=900, unseen=240)
QUICK: Final = Amount(base=3, stage_1=2, stage_2=2, unseen=6)
"""The whole path with a handful of steps: it shows that everything runs, and teaches nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One training run. `begins` is the leg that it goes on from, or BEGIN."""

    name: str
    title: str
    recipe: str
    begins: str
    bad_crops: bool = True


BASE: Final = Leg(name="base", title="Base", recipe="base", begins=BEGIN)
STAGE_1: Final = Leg(name="stage-1", title="Stage 1", recipe="stage-1", begins="base")
STAGE_2: Final = Leg(name="stage-2", title="Stage 2", recipe="stage-2", begins="stage-1")
PATH: Final = (BASE, STAGE_1, STAGE_2)

WITHOUT_STAGE_1: Final = Leg(
    name="stage-2-without-stage-1",
    title="Stage 2 without Stage 1",
    recipe="stage-2",
    begins="base",
)
WITHOUT_BAD_CROPS: Final = Leg(
    name="stage-2-without-bad-crops",
    title="Stage 2 without bad crops",
    recipe="stage-2",
    begins="stage-1",
    bad_crops=False,
)
ABLATIONS: Final = (WITHOUT_STAGE_1, WITHOUT_BAD_CROPS)


def recipe_of(leg: Leg, *, seed: int) -> Recipe:
    """The leg's recipe. RecipeError if its table was broken."""
    found = read(str(Path(__file__).parent / f"{leg.recipe}.toml"))
    return replace(found, seed=seed, data=replace(found.data, bad_crops=leg.bad_crops))


def samples_of(recipe: Recipe, steps: int, *, seed: int) -> tuple[Sample, ...]:
    """As many samples as the steps take; every scene is new. Stage 2 repeats some."""
    count = steps * recipe.batch.total
    match recipe.stage:
        case 0:
            found = seeing_samples(scenes(Purpose.BASE, count, seed=seed))
        case 1:
            found = guidance_samples(scenes(Purpose.TAUGHT, count, seed=2 * seed))
        case _:
            shown = scenes(Purpose.TAUGHT, count, seed=2 * seed + 1)
            again, asked = round(count * AGAIN), round(count * AGAIN * ASKED)
            found = [
                *asked_samples(shown[:asked]),
                *guidance_samples(shown[asked:again]),
                *crop_samples(shown[again:], seed=seed, bad_crops=recipe.data.bad_crops),
            ]
    return tuple(found)
