"""The trainer's own loss gives the original's numbers, and a merged adapter its adapter's."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_training as tiny
import torch
from peft import PeftModel

from engine.venus.families.registry import recognise
from engine.venus.family import Processor
from engine.venus.qwen_vl.fixture import Fixture, read_fixture
from trainer.data.batches import Batch
from trainer.loop.arguments import arguments_of
from trainer.loop.learning import let_learn
from trainer.loop.loading import load_for
from trainer.loop.loss import negative_log_likelihood, weight
from trainer.recipe import Method, Normalisation, Part

AMINI = Path(__file__).parents[2] / "engine/venus/qwen_vl/fixtures/Amini"
CPU = torch.device("cpu")
LORA = tiny.recipe(method=Method.LORA, parts=(Part.LANGUAGE,))


@pytest.fixture(scope="module")
def amini() -> Fixture:
    return read_fixture(AMINI)


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("case", ["case_train_image", "case_train_text"])
def test_loss_and_gradient_norms_are_the_originals(
    amini: Fixture, case: str, checkpointing: bool
) -> None:
    wanted = amini.cases[case]
    model = read_fixture(AMINI).model
    recipe = tiny.recipe()
    parts = recognise(AMINI).parts(model.config)
    learner, _ = let_learn(model, parts, replace(recipe, checkpointing=checkpointing))
    learner.train()
    ids, labels = (torch.from_numpy(wanted[name]).long() for name in ("input_ids", "labels"))
    attention = torch.from_numpy(wanted.get("attention_mask", np.ones(ids.shape))).long()
    inputs = {"input_ids": ids, "attention_mask": attention}
    pixels = amini.pixels(wanted["input_ids"])
    if pixels is not None:
        inputs["pixel_values"] = pixels
    batch = Batch(("one",), ids, labels, attention, (), learnt=int((labels[:, 1:] != -100).sum()))
    share = weight(
        Normalisation.MICROBATCH_MEAN, batch, learnt=batch.learnt, accumulation=1, ranks=1
    )
    loss = negative_log_likelihood(learner, inputs, labels) * share
    loss.backward()
    assert float(loss) == pytest.approx(float(wanted["loss"]), abs=1e-5)
    found = dict(learner.named_parameters())
    norms = dict(zip(wanted["grad_names"].tolist(), wanted["grad_norms"].tolist(), strict=True))
    assert norms.keys() == {name for name, each in found.items() if each.requires_grad}
    for name, norm in norms.items():
        gradient = found[name].grad
        # The original summed in fp32: on wide matrices either sum may be the one that agrees.
        ours = [0.0] if gradient is None else [gradient.norm(), gradient.double().norm()]
        assert any(float(each) == pytest.approx(norm, rel=1e-5) for each in ours), name


def test_a_merged_adapter_answers_as_the_adapter_did(tmp_path: Path) -> None:
    """On the released targets, in fp32."""
    job = tiny.job(tmp_path, LORA)
    assert isinstance(job.model, PeftModel)
    move_adapters(job.model)
    found = load_for(LORA, tmp_path / "checkpoint", CPU)
    _, processor = tiny.load(tmp_path / "checkpoint")
    inputs = arguments_of(found.family, found.source.config)(one_batch(tmp_path, processor), CPU)
    job.model.eval()
    with torch.no_grad():
        plain = found.model(**inputs).logits
        beside = job.model(**inputs).logits
        merged = job.model.merge_and_unload()(**inputs).logits
    assert (beside - plain).abs().max() > 1e-2
    assert torch.allclose(merged, beside, atol=1e-5, rtol=1e-5)


def test_the_engine_merges_a_saved_adapter_the_same_way(tmp_path: Path) -> None:
    job = tiny.job(tmp_path, LORA)
    assert isinstance(job.model, PeftModel)
    move_adapters(job.model)
    job.model.save_pretrained(tmp_path / "adapter")
    found = load_for(tiny.recipe(), tmp_path / "adapter", CPU, base=tmp_path / "checkpoint")
    _, processor = tiny.load(tmp_path / "checkpoint")
    inputs = arguments_of(found.family, found.source.config)(one_batch(tmp_path, processor), CPU)
    job.model.eval()
    with torch.no_grad():
        beside = job.model(**inputs).logits
        opened = found.model(**inputs).logits
    assert torch.allclose(opened, beside, atol=1e-5, rtol=1e-5)


def move_adapters(model: PeftModel) -> None:
    """As if trained: both halves of every adapter are far from zero."""
    generator = torch.Generator().manual_seed(1)
    for name, each in model.named_parameters():
        if ".lora_" in name:
            each.data = torch.randn(each.shape, generator=generator) * 0.1


def one_batch(folder: Path, processor: Processor) -> Batch:
    return tiny.batch(folder / "photos", processor, count=2)
