"""Which family a folder belongs to, and the reasons where it belongs to none."""

import json

import pytest

from engine.venus.families.registry import FAMILIES, family_named, family_of, recognise
from engine.venus.qwen_vl.errors import CheckpointError


def test_every_tiny_checkpoint_is_recognised_as_itself(checkpoint):
    assert checkpoint.family.name == checkpoint.name.removesuffix("_4_7")
    assert family_named(checkpoint.family.name) is checkpoint.family


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"model_type": "qwen", "visual": {}}, "qwen_vl"),
        ({"model_type": "llava", "vision_config": {}, "text_config": {}}, "llava"),
        ({"model_type": "llava", "mm_vision_tower": "openai/clip"}, "llava_original"),
        ({"model_type": "llava_llama", "mm_vision_tower": "openai/clip"}, "llava_original"),
        ({"model_type": "internvl"}, "internvl"),
        ({"model_type": "qwen2_5_vl"}, "qwen2_5_vl"),
        ({"model_type": "qwen3_vl"}, "qwen3_vl"),
        ({"model_type": "minicpmv4_6"}, "minicpm_v"),
    ],
)
def test_a_config_belongs_to_one_family(config, name):
    assert [family.name for family in FAMILIES if family.recognises(config)] == [name]
    assert family_of(config).name == name


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"model_type": "internvl_chat", "auto_map": {"a": "b"}}, r"-hf"),
        ({"model_type": "minicpmv", "version": 2.6, "auto_map": {"a": "b"}}, r"MiniCPM-V-4\.6"),
        ({"model_type": "qwen"}, "without eyes"),
        ({"model_type": "llava"}, "mm_vision_tower"),
        ({"model_type": "llava_llama"}, "mm_vision_tower"),
        ({"model_type": "bert"}, "'bert'.*Qwen-VL-Chat"),
        ({"model_type": "new", "auto_map": {"a": "b"}}, "code that came with it"),
        ({}, "''"),
    ],
)
def test_what_is_refused_has_its_reason_and_a_way_out(config, words, tmp_path):
    with pytest.raises(CheckpointError, match=words):
        family_of(config)
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=words) as error:
        recognise(tmp_path)
    assert str(tmp_path) in str(error.value)


def test_folders_that_are_no_checkpoints(tmp_path):
    with pytest.raises(CheckpointError, match="no folder"):
        recognise(tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match=r"no config\.json"):
        recognise(tmp_path)
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(CheckpointError, match="not settings"):
        recognise(tmp_path)


def test_a_checkpoint_that_was_quantised_elsewhere_is_refused(opened, tmp_path):
    config = json.loads((opened("llava").folder / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "gptq"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match="gptq"):
        recognise(tmp_path).read(tmp_path)


def test_a_llava_with_another_tower_is_refused(opened, tmp_path):
    config = json.loads((opened("llava").folder / "config.json").read_text())
    config["vision_config"] = {"model_type": "siglip_vision_model"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=r"siglip_vision_model.*only LLaVA-1\.5"):
        recognise(tmp_path).read(tmp_path)


def test_an_adapter_is_recognised_by_its_base(opened, tmp_path):
    base = opened("qwen3_vl").folder
    adapter = {"peft_type": "LORA", "base_model_name_or_path": "some/hub-name"}
    (tmp_path / "adapter_config.json").write_text(json.dumps(adapter))
    assert recognise(tmp_path, base=base).name == "qwen3_vl"
    with pytest.raises(CheckpointError, match="hub-name"):
        recognise(tmp_path)
