"""Telling checkpoints from other folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checkpoint_files import checkpoint, safetensors, write

from engine.checkpoints.recognise import known_entry, recognise
from engine.contract import EngineError


def folder_with(tmp_path: Path, config: object, name: str = "config.json") -> Path:
    weights = safetensors(["a"], size=100)
    return write(
        tmp_path / "model", {name: json.dumps(config).encode(), "model.safetensors": weights}
    )


def code_of(folder: Path) -> str:
    with pytest.raises(EngineError) as caught:
        recognise(folder)
    return caught.value.code


@pytest.mark.parametrize(
    ("config", "family"),
    [
        ({"model_type": "qwen", "visual": {"layers": 48}}, "qwen_vl"),
        ({"model_type": "qwen"}, ""),  # the text model of the same name
        ({"model_type": "llava"}, "llava"),
        ({"model_type": "llava_llama"}, "llava"),
        ({"model_type": "internvl"}, "internvl"),
        ({"model_type": "qwen2_5_vl"}, "qwen2_5_vl"),
        ({"model_type": "qwen3_vl"}, "qwen3_vl"),
        ({"model_type": "minicpmv"}, "minicpm_v"),
        ({"model_type": "something_new"}, ""),
        ({}, ""),
    ],
)
def test_families_by_their_configuration(tmp_path: Path, config: dict, family: str) -> None:
    found = recognise(folder_with(tmp_path, config))
    assert found.family == family
    assert found.model_type == config.get("model_type", "")
    assert not found.is_adapter


def test_quantised_weights_are_known(tmp_path: Path) -> None:
    config = {"model_type": "llava", "quantization_config": {"quant_method": "bitsandbytes"}}
    assert recognise(folder_with(tmp_path, config)).quantised == "bitsandbytes"


def test_an_adapter_has_the_family_of_its_base_folder(tmp_path: Path) -> None:
    base = write(tmp_path / "base", checkpoint())
    config = json.dumps({"base_model_name_or_path": str(base)}).encode()
    folder = write(
        tmp_path / "lora",
        {"adapter_config.json": config, "adapter_model.safetensors": safetensors(["a"], size=64)},
    )
    found = recognise(folder)
    assert found.is_adapter
    assert (found.family, found.base) == ("qwen_vl", str(base))


def test_an_adapter_has_the_family_of_its_base_in_the_catalogue(tmp_path: Path) -> None:
    config = {"base_model_name_or_path": "llava-hf/llava-1.5-7b-hf"}
    assert recognise(folder_with(tmp_path, config, "adapter_config.json")).family == "llava"


def test_an_adapter_of_nothing_is_refused(tmp_path: Path) -> None:
    assert code_of(folder_with(tmp_path, {}, "adapter_config.json")) == "bad_config"


def test_what_is_plainly_no_checkpoint_is_refused(tmp_path: Path) -> None:
    assert code_of(tmp_path / "nowhere") == "no_folder"
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"\xff\xd8")
    assert code_of(file) == "no_folder"
    assert code_of(tmp_path) == "no_checkpoint"
    assert code_of(write(tmp_path / "bare", {"config.json": b"{}"})) == "no_checkpoint"
    assert code_of(write(tmp_path / "bad", {"config.json": b"{"})) == "bad_config"
    assert code_of(write(tmp_path / "list", {"config.json": b"[]"})) == "bad_config"


def test_the_folder_that_was_meant_is_named(tmp_path: Path) -> None:
    inside = write(
        tmp_path / "models--popo28--Venus-Q-Stage2" / "snapshots" / "c0ffee", checkpoint()
    )
    with pytest.raises(EngineError) as caught:
        recognise(inside.parent.parent)
    assert str(inside) in caught.value.remedy


@pytest.mark.parametrize(
    "place",
    ["Venus-Q-Stage2", "venus-q-stage2", "models--popo28--Venus-Q-Stage2/snapshots/c0ffee"],
)
def test_copies_of_the_catalogues_are_known_by_their_folders(place: str) -> None:
    entry = known_entry(Path("/data") / place)
    assert entry is not None
    assert entry.name == "venus-q-stage2"


def test_other_folders_are_unknown() -> None:
    assert known_entry(Path("/data/my-model")) is None
