"""The demo's model: a Qwen-VL as any other, only small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.venus.families.registry import recognise
from trainer.demo.beginning import principal_components, sine_table
from trainer.demo.legs import STAGE_1, recipe_of
from trainer.demo.model import QUERIES, SIDE, make_checkpoint, open_model, save_model
from trainer.demo.scenes import Purpose, scenes
from trainer.demo.words import seeing_samples
from trainer.loop.learning import let_learn, part_of
from trainer.recipe import Part


@pytest.fixture(scope="module")
def begin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begin")
    make_checkpoint(folder, seed=3)
    return folder


def test_it_is_small_and_of_its_family(begin: Path) -> None:
    model, _ = open_model(begin)
    assert recognise(begin).name == "qwen_vl"
    assert 300_000 < sum(each.numel() for each in model.parameters()) < 800_000


def test_the_seed_makes_the_weights(begin: Path, tmp_path: Path) -> None:
    make_checkpoint(tmp_path / "same", seed=3)
    make_checkpoint(tmp_path / "other", seed=4)
    first, same, other = (
        open_model(folder)[0].state_dict()
        for folder in (begin, tmp_path / "same", tmp_path / "other")
    )
    assert all(torch.equal(each, same[name]) for name, each in first.items())
    assert not torch.equal(first["lm_head.weight"], other["lm_head.weight"])


def test_a_trained_model_comes_back_as_it_was(begin: Path, tmp_path: Path) -> None:
    model, processor = open_model(begin)
    with torch.no_grad():
        model.lm_head.weight.add_(1)
    save_model(model, tmp_path / "after", like=begin)
    again, its_processor = open_model(tmp_path / "after")
    assert torch.equal(again.lm_head.weight, model.lm_head.weight)
    text = seeing_samples(scenes(Purpose.BASE, 1))[0].exchanges[0].answer
    assert its_processor.encode(text) == processor.encode(text)


def test_stage_1_leaves_the_eye_alone(begin: Path) -> None:
    model, _ = open_model(begin)
    parts = recognise(begin).parts(model.config)
    _, learning = let_learn(model, parts, recipe_of(STAGE_1, seed=0))
    eye = {Part.VISION, Part.CONNECTOR}
    assert {part_of(name, parts) for name in learning.stays} == eye
    assert not any(part_of(name, parts) in eye for name in learning.learns)


def test_places_that_are_near_have_sines_that_are_alike() -> None:
    table = sine_table(QUERIES, 96, quickest=1.5)
    likeness = table @ table.T
    assert table.shape == (QUERIES, 96)
    # The first place, the one beside it, the one below it, and the far corner.
    assert likeness[0, 0] > likeness[0, 1] > likeness[0, 2] > likeness[0, QUERIES - 1]
    assert torch.allclose(likeness[0, 1], likeness[0, 4])


def test_principal_components_answer_with_a_variance_of_one_and_apart() -> None:
    generator = torch.Generator().manual_seed(0)
    # Two rows of colour over noise: few strong components, many weak ones.
    waves = torch.randn(40, 3, 8, 8, generator=generator)
    pictures = torch.nn.functional.interpolate(waves, scale_factor=4, mode="bilinear")
    pictures = pictures + 0.05 * torch.randn(pictures.shape, generator=generator)
    kernels = principal_components(pictures, 8, 6)
    said = torch.nn.functional.conv2d(pictures, kernels, stride=8).transpose(0, 1).flatten(1)
    covariance = torch.cov(said)
    assert torch.allclose(covariance.diagonal(), torch.ones(6), atol=0.02)
    assert torch.allclose(covariance, covariance.diagonal().diag(), atol=0.01)


def test_the_eye_begins_by_handing_each_place_on(begin: Path) -> None:
    model, processor = open_model(begin)
    picture = np.full((SIDE, SIDE, 3), 128, np.uint8)
    marked = picture.copy()
    marked[:16, 48:] = (220, 40, 30)  # the last patch of the first row
    plain, other = (
        model.transformer.visual(processor.pixels(each).inputs["pixel_values"])[0]
        for each in (picture, marked)
    )
    moved = (plain - other).norm(dim=1)
    assert int(moved.argmax()) == 3
    # Its neighbours hear a little of it, the others nothing.
    assert float(moved[[2, 3, 7]].sum()) > 0.95 * float(moved.sum())
