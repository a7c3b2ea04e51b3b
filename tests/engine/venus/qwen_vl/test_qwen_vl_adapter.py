"""LoRA adapters over a base: merged by hand's formula, or refused by name."""

import json
import re
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.loading import load_model, open_checkpoint

TARGETS = ("transformer.h.0.attn.c_attn", "transformer.h.1.mlp.w1", "transformer.h.1.mlp.c_proj")


@pytest.fixture
def adapter(amini, tmp_path):
    """Writes an adapter folder; returns the folder and the changes that it stands for."""
    base = load_file(amini / "model.safetensors")

    def write(*, extra=None, kind="safetensors", infix="", **config):
        folder = tmp_path / "adapter"
        folder.mkdir(exist_ok=True)
        random = torch.Generator().manual_seed(3)
        state, products = {}, {}
        for name in TARGETS:
            rows, columns = base[f"{name}.weight"].shape
            narrow = torch.randn(4, columns, generator=random)
            wide = torch.randn(rows, 4, generator=random)
            state[f"base_model.model.{name}.lora_A{infix}.weight"] = narrow
            state[f"base_model.model.{name}.lora_B{infix}.weight"] = wide
            products[f"{name}.weight"] = wide @ narrow
        state |= extra or {}
        if kind == "safetensors":
            save_file(state, folder / "adapter_model.safetensors")
        else:
            torch.save(state, folder / "adapter_model.bin")
        settings = {"peft_type": "LORA", "r": 4, "lora_alpha": 16} | config
        (folder / "adapter_config.json").write_text(json.dumps(settings))
        return folder, products

    return write


def assert_merged(folder, amini, changes, **opening):
    state = load_model(open_checkpoint(folder, **opening)).state_dict()
    for name, weight in load_file(amini / "model.safetensors").items():
        wanted = weight.float() + changes.get(name, 0)
        assert torch.allclose(state[name], wanted, rtol=2e-3, atol=2e-2), name
        assert (name in changes) != torch.equal(state[name], weight.float())


@pytest.mark.parametrize("kind", ["safetensors", "bin"])
@pytest.mark.parametrize("infix", ["", ".default"])
def test_an_adapter_is_merged_into_the_base_it_is_given(adapter, amini, kind, infix):
    folder, products = adapter(kind=kind, infix=infix, base_model_name_or_path="someone/base")
    changes = {name: 4.0 * product for name, product in products.items()}
    assert_merged(folder, amini, changes, base=amini)


def test_the_recorded_base_is_taken_if_it_is_here(adapter, amini):
    folder, products = adapter(base_model_name_or_path=str(amini))
    assert_merged(folder, amini, {name: 4.0 * product for name, product in products.items()})


def test_scales_of_their_own(adapter, amini):
    folder, products = adapter(use_rslora=True, alpha_pattern={"h.1.mlp.w1": 2})
    scales = dict.fromkeys(products, 8.0) | {"transformer.h.1.mlp.w1.weight": 1.0}
    changes = {name: scales[name] * product for name, product in products.items()}
    assert_merged(folder, amini, changes, base=amini)


def test_whole_modules_are_replaced(adapter, amini):
    head = torch.randn(2048, 128)
    norm = torch.randn(128)
    folder, products = adapter(
        extra={
            "base_model.model.lm_head.weight": head,
            "base_model.model.transformer.ln_f.modules_to_save.default.weight": norm,
        }
    )
    state = load_model(open_checkpoint(folder, base=amini)).state_dict()
    assert torch.equal(state["lm_head.weight"], head.half().float())
    assert torch.equal(state["transformer.ln_f.weight"], norm.half().float())
    assert len(products) == 3


def test_settings_come_from_the_adapter_first(adapter, amini, ranks_file):
    folder, _ = adapter()
    shutil.copy(ranks_file, folder)
    checkpoint = open_checkpoint(folder, base=amini)
    assert checkpoint.tokenizer_file == folder / "qwen.tiktoken"
    assert checkpoint.config.hidden_size == 128


@pytest.mark.parametrize("recorded", [None, "", "someone/base"])
def test_without_its_base_it_says_so(adapter, recorded):
    folder, _ = adapter(base_model_name_or_path=recorded)
    with pytest.raises(CheckpointError, match="give the base's folder"):
        open_checkpoint(folder)


@pytest.mark.parametrize(
    "config", [{"use_dora": True}, {"fan_in_fan_out": True}, {"peft_type": "IA3"}]
)
def test_other_kinds_are_refused(adapter, amini, config):
    folder, _ = adapter(**config)
    with pytest.raises(CheckpointError, match="cannot be merged"):
        open_checkpoint(folder, base=amini)


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("transformer.h.0.attn.c_proj.lora_A.weight", (4, 128), "cannot be merged"),
        ("transformer.h.0.attn.c_proj.lora_magnitude_vector", (4,), "cannot be merged"),
        ("transformer.h.9.ln_1.weight", (128,), "the model lacks: transformer.h.9.ln_1.weight"),
    ],
)
def test_what_does_not_fit_is_named(adapter, amini, name, shape, said):
    folder, _ = adapter(extra={f"base_model.model.{name}": torch.zeros(shape)})
    with pytest.raises(CheckpointError, match=re.escape(said)):
        load_model(open_checkpoint(folder, base=amini))


def test_a_pair_of_another_size_is_refused(adapter, amini):
    folder, _ = adapter(
        extra={
            "base_model.model.transformer.h.0.mlp.w1.lora_A.weight": torch.zeros(4, 64),
            "base_model.model.transformer.h.0.mlp.w1.lora_B.weight": torch.zeros(176, 4),
        }
    )
    with pytest.raises(CheckpointError, match="does not fit its base"):
        load_model(open_checkpoint(folder, base=amini))


def test_an_adapter_without_weights(adapter, amini):
    folder, _ = adapter()
    (folder / "adapter_model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="no adapter weights"):
        open_checkpoint(folder, base=amini)
