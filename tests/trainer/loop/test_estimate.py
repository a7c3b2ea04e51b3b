"""The memory of a run before it begins, on the released Qwen-VL's own sizes."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import tiny_training as tiny
import torch
from tiny_checkpoints import make

from engine.venus.families.qwen_vl import QwenVL
from engine.venus.families.registry import recognise
from engine.venus.qwen_vl.configuration import QwenVLConfig
from trainer.loop.estimate import (
    GB,
    GIB,
    TooLargeError,
    Undertaking,
    estimate,
    require_fits,
    smallest_card,
    undertaking,
)
from trainer.loop.learning import let_learn
from trainer.loop.loading import load_for
from trainer.recipe import Batch, Method, Part, Recipe, read

PHOTO = 258
"""Tokens of a photo in Qwen-VL, its tags included."""


@cache
def planned(name: str, *, ranks: int = 1) -> Undertaking:
    """A recipe for the released Qwen-VL; whole stages on several cards are sharded."""
    recipe = read(name)
    sharded = recipe.method is Method.FULL and ranks > 1
    return undertaking(
        recipe, QwenVL(), QwenVLConfig(), photo_tokens=PHOTO, ranks=ranks, sharded=sharded
    )


@pytest.fixture(scope="module")
def stage_2() -> Undertaking:
    return planned("paper-2", ranks=8)


def test_venus_q_takes_19_gb_a_card_on_eight_before_activations(stage_2: Undertaking) -> None:
    found = estimate(stage_2)
    assert found.learnt / GB == pytest.approx(19.3, abs=0.05)
    assert found.frozen < 0.01 * GB


def test_eight_cards_of_24_gb_are_refused_and_40_is_the_floor(stage_2: Undertaking) -> None:
    with pytest.raises(TooLargeError) as refused:
        require_fits(stage_2, 24 * GIB)
    told = str(refused.value)
    assert "8 cards of 40 GB" in told and "25.8 GB" in told and "19.3 GB for what learns" in told
    assert "qlora-2" in told
    with pytest.raises(TooLargeError):
        require_fits(stage_2, 32 * GIB)
    assert require_fits(stage_2, 40 * GIB).total < 40 * GIB
    assert smallest_card(stage_2) == 40


def test_zero_takes_more_than_fsdp(stage_2: Undertaking) -> None:
    """It keeps weights twice in fp32, and gathers them in fp32."""
    by_zero = estimate(replace(stage_2, by_zero=True))
    assert by_zero.learnt / estimate(stage_2).learnt == pytest.approx(20 / 16)
    assert smallest_card(replace(stage_2, by_zero=True)) == 48


def test_everything_on_one_card_is_out_of_reach(stage_2: Undertaking) -> None:
    alone = replace(stage_2, ranks=1, sharded=False)
    assert estimate(alone).learnt > 16 * 9.6 * GB
    assert smallest_card(alone) is None
    with pytest.raises(TooLargeError, match="the recipe qlora-2"):
        require_fits(alone, 80 * GIB)


def test_qlora_fits_one_card_of_24_gb() -> None:
    found = require_fits(planned("qlora-2"), 24 * GIB)
    # A quarter of bf16 for the language model, the rest wide.
    assert 9 * GB < found.frozen < 10 * GB


def test_stage_1_as_released_wants_a_smaller_batch_on_a_smaller_card() -> None:
    wanted = planned("release-1", ranks=8)
    c_attn, c_proj, w1 = 4096 + 3 * 4096, 4096 + 4096, 4096 + 11008
    assert wanted.learnt == 32 * 64 * (c_attn + c_proj + 2 * w1)
    with pytest.raises(TooLargeError, match=r"per_device = \d and accumulation = \d+"):
        require_fits(wanted, 40 * GIB)


def test_without_checkpointing_activations_weigh_many_times_as_much(stage_2: Undertaking) -> None:
    wide = replace(stage_2, recipe=replace(stage_2.recipe, checkpointing=False))
    assert estimate(wide).kept > 5 * estimate(stage_2).kept


def test_a_frozen_tower_keeps_nothing_for_the_way_back(stage_2: Undertaking) -> None:
    blind = replace(stage_2, recipe=replace(stage_2.recipe, parts=tiny.LANGUAGE))
    assert estimate(blind).kept < estimate(stage_2).kept


def test_more_cards_of_the_same_size_are_offered_where_they_help(stage_2: Undertaking) -> None:
    roomy = replace(stage_2.recipe, batch=Batch(devices=8, per_device=1, accumulation=16))
    with pytest.raises(TooLargeError, match="16 cards of this size"):
        require_fits(replace(stage_2, recipe=roomy), 26 * GIB)


@pytest.mark.parametrize("family_name", ["qwen_vl", "llava", "qwen3_vl"])
@pytest.mark.parametrize(
    "recipe",
    [
        tiny.recipe(),
        tiny.recipe(parts=tiny.LANGUAGE),
        tiny.recipe(method=Method.LORA, parts=(Part.LANGUAGE,)),
    ],
    ids=["everything", "language", "lora"],
)
def test_weights_take_what_was_foretold(tmp_path: Path, family_name: str, recipe: Recipe) -> None:
    """What learns in fp32, what is frozen in bf16: counted on the loaded model."""
    folder = make(family_name, tmp_path)
    family = recognise(folder)
    source = family.read(folder)
    wanted = undertaking(recipe, family, source.config, photo_tokens=16, ranks=1, sharded=False)
    found = load_for(recipe, folder, "cpu", frozen=torch.bfloat16)
    learner, _ = let_learn(found.model, found.parts, recipe)
    learns = [each for each in learner.parameters() if each.requires_grad]
    assert sum(each.numel() for each in learns) == wanted.learnt
    frozen = [each for each in learner.parameters() if not each.requires_grad]
    assert sum(each.nbytes for each in frozen) == estimate(wanted).frozen
