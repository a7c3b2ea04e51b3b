"""Models without weights, their parts, and loading by name."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.venus.families.building import load
from engine.venus.families.registry import recognise
from engine.venus.families.upstream import renamed
from engine.venus.qwen_vl.errors import CheckpointError


def test_loading_equals_the_models_own_way(checkpoint):
    upstream = checkpoint.upstream()
    ours, theirs = checkpoint.model.state_dict(), upstream.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    tables = dict(checkpoint.model.named_buffers())
    for name, table in upstream.named_buffers():
        assert torch.equal(tables[name], table), name


def test_only_what_is_never_saved_is_filled(checkpoint):
    model = checkpoint.family.build(checkpoint.source.config)
    saved = model.state_dict()
    assert all(tensor.is_meta for tensor in saved.values())
    assert not model.training
    for name, table in model.named_buffers():
        assert table.is_meta is (name in saved), name


def test_every_weight_lies_in_one_part(checkpoint):
    parts = checkpoint.family.parts(checkpoint.source.config)
    modules = dict(checkpoint.model.named_modules())
    named = [parts.language, parts.vision, parts.connector, parts.embeddings, parts.head]
    assert all(named)
    flat = [name for names in named for name in names]
    assert set(flat) <= set(modules)
    assert len(set(flat)) == len(flat)
    for name, _ in checkpoint.model.named_parameters():
        assert any(name.startswith(part + ".") for part in flat), name


def test_the_cache_is_switched_on(checkpoint):
    assert checkpoint.source.config.get_text_config().use_cache is True


@pytest.fixture
def copied(checkpoint, tmp_path):
    return shutil.copytree(checkpoint.folder, tmp_path / "copied")


def weights_of(folder):
    file = folder / "model.safetensors"
    return file, load_file(file)


def loaded(folder):
    family = recognise(folder)
    return load(family, family.read(folder))


@pytest.mark.parametrize(
    ("family", "name", "now"),
    [
        ("llava", "language_model.model.norm.weight", "model.language_model.norm.weight"),
        ("llava", "language_model.lm_head.weight", "lm_head.weight"),
        (
            "llava",
            "vision_tower.vision_model.pre_layrnorm.bias",
            "model.vision_tower.pre_layrnorm.bias",
        ),
        (
            "llava",
            "model.vision_tower.vision_model.pre_layrnorm.bias",
            "model.vision_tower.pre_layrnorm.bias",
        ),
        (
            "internvl",
            "multi_modal_projector.layer_norm.bias",
            "model.multi_modal_projector.layer_norm.bias",
        ),
        ("qwen2_5_vl", "visual.merger.ln_q.weight", "model.visual.merger.ln_q.weight"),
        ("qwen2_5_vl", "model.norm.weight", "model.language_model.norm.weight"),
        ("qwen3_vl", "model.visual.pos_embed.weight", "model.visual.pos_embed.weight"),
    ],
)
def test_names_of_the_hubs_checkpoints_old_and_new(family, name, now, opened):
    checkpoint = opened(family)
    known = set(checkpoint.model.state_dict())
    assert now in known
    assert renamed(name, checkpoint.family.rules, known) == now
    assert renamed(now, checkpoint.family.rules, known) == now


def test_missing_and_left_over_weights_are_named(copied):
    file, weights = weights_of(copied)
    lost = next(name for name in sorted(weights) if "layers.0" in name or ".h.0." in name)
    weights["strange.weight"] = weights.pop(lost).clone()
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"missing: .*\.0\..*left over: .*strange\.weight"):
        loaded(copied)


def test_a_weight_of_another_shape_is_named(copied):
    file, weights = weights_of(copied)
    name = next(name for name in sorted(weights) if "layers.0" in name or ".h.0." in name)
    weights[name] = weights[name][..., :-1].clone()
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match="of another shape"):
        loaded(copied)


def test_what_old_copies_carry_is_passed_over(copied):
    file, weights = weights_of(copied)
    for name in ("rotary_emb.inv_freq", "model.vision_tower.embeddings.position_ids"):
        weights[name] = torch.zeros(2)
    if recognise(copied).name == "qwen_vl":
        del weights["model.vision_tower.embeddings.position_ids"]
        weights["transformer.rotary_emb.inv_freq"] = weights.pop("rotary_emb.inv_freq")
    else:
        weights["model.rotary_emb.inv_freq"] = weights.pop("rotary_emb.inv_freq")
    save_file(weights, file, metadata={"format": "pt"})
    (copied / "training_args.bin").write_bytes(b"never opened")
    family = recognise(copied)
    assert any("training_args.bin" in note for note in family.read(copied).notes)
    loaded(copied)


def test_an_adapter_is_merged_by_todays_and_by_yesterdays_names(opened, tmp_path):
    tiny = opened("llava")
    target = "model.language_model.layers.0.self_attn.q_proj"
    before = tiny.model.get_submodule(target).weight
    narrow, wide = torch.randn(4, 64), torch.randn(64, 4)
    config = {"peft_type": "LORA", "r": 4, "lora_alpha": 8}
    for number, name in enumerate((target, "language_model.model.layers.0.self_attn.q_proj")):
        folder = tmp_path / str(number)
        folder.mkdir()
        recorded = {**config, "base_model_name_or_path": str(tiny.folder)}
        (folder / "adapter_config.json").write_text(json.dumps(recorded))
        pair = {f"base_model.model.{name}.lora_A.weight": narrow}
        pair[f"base_model.model.{name}.lora_B.weight"] = wide
        save_file(pair, folder / "adapter_model.safetensors")
        family = recognise(folder)
        source = family.read(folder)
        assert source.folders == (folder, tiny.folder)
        merged = load(family, source).get_submodule(target).weight
        torch.testing.assert_close(merged, before + 2 * wide @ narrow)
        assert family.processor(source).stop_ids == tiny.processor.stop_ids


def test_a_model_without_generation_settings_says_so(copied):
    (copied / "generation_config.json").unlink()
    notes = recognise(copied).read(copied).notes
    assert any("generation_config.json is missing" in note for note in notes)


@pytest.mark.parametrize("name", ["llava", "internvl", "qwen2_5_vl", "qwen3_vl", "minicpm_v"])
@pytest.mark.parametrize("file", ["preprocessor_config.json", "tokenizer.json"])
def test_a_missing_file_is_named_with_the_way_out(name, file, opened, tmp_path):
    folder = shutil.copytree(opened(name).folder, tmp_path / name)
    (folder / file).unlink()
    family = recognise(folder)
    with pytest.raises(CheckpointError, match=file.split("_")[0].split(".")[0]):
        family.processor(family.read(folder))
