"""LoRA over 4-bit weights: gradients go through, adapters alone move, and merging is faithful."""

from dataclasses import replace
from pathlib import Path

import pytest
import tiny_training as tiny
import torch
from accelerate import Accelerator
from peft import PeftModel
from tiny_checkpoints import make

from engine.venus.quantise import holding
from trainer.loop.arguments import arguments_of
from trainer.loop.learning import let_learn
from trainer.loop.loading import Loaded, load_for
from trainer.loop.run import Job, Stepped, train
from trainer.recipe import Lora, Method, Part

nf4 = pytest.importorskip("engine.venus.quantise.nf4", reason="bitsandbytes is not here")

CPU = torch.device("cpu")
QLORA = replace(
    tiny.recipe(method=Method.QLORA, parts=(Part.LANGUAGE,), rate=1e-2, epochs=4),
    lora=Lora(rank=8, alpha=16, dropout=0.0),
)
FAMILIES = ("qwen_vl", "llava", "qwen3_vl")


def trained(folder: Path, family_name: str) -> tuple[Loaded, PeftModel, list[Stepped]]:
    make(family_name, folder / "checkpoint")
    found = load_for(QLORA, folder / "checkpoint", CPU)
    learner, _ = let_learn(found.model, found.parts, QLORA)
    assert isinstance(learner, PeftModel)
    job = Job(
        recipe=QLORA,
        model=learner,
        processor=found.processor,
        arguments=arguments_of(found.family, found.source.config),
        padding=0,
        samples=tiny.samples(folder / "photos", count=4),
        root=folder / "photos",
        out=folder / "run",
        measure=tiny.no_figures,
        accelerator=Accelerator(cpu=True),
    )
    before = {name: each.detach().clone() for name, each in learner.named_parameters()}
    steps = [each for each in train(job, stop=lambda: False) if isinstance(each, Stepped)]
    moved = {n for n, each in learner.named_parameters() if not torch.equal(before[n], each)}
    assert moved == {name for name in before if ".lora_" in name}
    return found, learner, steps


@pytest.mark.parametrize("family_name", FAMILIES)
def test_the_base_is_in_four_bits_and_the_loss_goes_down(tmp_path: Path, family_name: str) -> None:
    found, learner, steps = trained(tmp_path, family_name)
    narrow = [name for name, each in learner.named_modules() if isinstance(each, nf4.Nf4Linear)]
    parts = found.parts.language
    assert narrow and all(any(part in name for part in parts) for name in narrow)
    kinds = {type(each).__module__ for each in learner.modules() if hasattr(each, "lora_A")}
    assert kinds == {"peft.tuners.lora.bnb"}
    assert steps[-1].loss < 0.9 * steps[0].loss


def test_merged_into_the_full_base_it_answers_as_beside_it(tmp_path: Path) -> None:
    """The adapter learnt over rounded weights; merged, it stands in the weights as they were."""
    _, learner, _ = trained(tmp_path, "qwen_vl")
    learner.save_pretrained(tmp_path / "adapter")
    full = load_for(tiny.recipe(), tmp_path / "checkpoint", CPU)
    beside = PeftModel.from_pretrained(full.model, str(tmp_path / "adapter")).eval()
    merged = load_for(tiny.recipe(), tmp_path / "adapter", CPU, base=tmp_path / "checkpoint")
    batch = tiny.batch(tmp_path / "photos", full.processor, count=2)
    inputs = arguments_of(full.family, full.source.config)(batch, CPU)
    with torch.no_grad():
        wanted = beside(**inputs).logits
        found = merged.model(**inputs).logits
        with beside.disable_adapter():
            plain = beside(**inputs).logits
    assert (wanted - plain).abs().max() > 1e-2
    assert torch.allclose(found, wanted, atol=1e-4)


def test_a_matrix_held_in_pieces_gets_one_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As LLaVA-1.5 13B's are, whose matrices are too large to be held as one."""
    monkeypatch.setattr(holding, "LARGEST_MATRIX", 64 * 64 * 2)
    found, learner, steps = trained(tmp_path, "qwen_vl")
    split = [name for name, each in found.model.named_modules() if isinstance(each, nf4.Nf4Rows)]
    assert split
    adapted = {name for name, each in learner.named_modules() if hasattr(each, "lora_A")}
    assert len(adapted) == 2 * 4 and not any(".pieces." in name for name in adapted)
    assert steps[-1].loss < 0.9 * steps[0].loss
