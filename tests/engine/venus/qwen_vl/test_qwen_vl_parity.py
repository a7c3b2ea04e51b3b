"""Our numbers are the original's, in both formats of fixtures; and a mistake is seen."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.venus.qwen_vl.fixture import hashed_matrix, read_fixture
from engine.venus.qwen_vl.parity import differences, main
from engine.venus.qwen_vl.parity_cases import Difference


@pytest.fixture
def copy(amini: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(amini, tmp_path / "copy"))


def test_every_number_of_the_whole_fixture(amini, capsys):
    assert main([str(amini)]) == 0
    said = capsys.readouterr().out
    for what in ("features", "hidden states", "logits while decoding", "loss", "gradient norms"):
        assert what in said
    for case in (amini / "case_batch_left_pad.npz", amini / "case_crossing_in_decode.npz"):
        assert case.stem.removeprefix("case_") in said


def test_every_number_of_the_core_fixture(shared_reference, capsys):
    assert main([str(shared_reference / "A")]) == 0
    said = capsys.readouterr().out
    assert "two_images_history" in said
    assert "0 beyond their limit" in said


def as_core(folder: Path) -> dict:
    """Turn a whole fixture into a core: its two matrices come from the hash."""
    weights = load_file(folder / "model.safetensors")
    del weights["transformer.wte.weight"], weights["lm_head.weight"]
    save_file(weights, folder / "weights_core.safetensors")
    (folder / "model.safetensors").unlink()
    return json.loads((folder / "weights_meta.json").read_text())


def test_a_core_gets_its_matrices_from_the_hash(copy, amini):
    meta = as_core(copy)
    made = read_fixture(copy).model.state_dict()
    whole = read_fixture(amini).model.state_dict()
    assert all(torch.equal(made[name], whole[name]) for name in whole)
    matrix = hashed_matrix(2048, 128, seed=meta["lm_seed"], std=meta["lm_std"])
    assert np.array_equal(matrix, whole["lm_head.weight"].numpy().astype(np.float16))


def test_a_core_with_another_hash_is_refused(copy, capsys):
    meta = as_core(copy)
    meta["wte_seed"] += 1
    (copy / "weights_meta.json").write_text(json.dumps(meta))
    assert main([str(copy)]) == 2
    assert "transformer.wte.weight" in capsys.readouterr().err


def test_no_fixture_is_said(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "no config.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("use_logn_attn", False),
        ("use_dynamic_ntk", False),
        ("layer_norm_epsilon", 1e-5),
        ("rotary_emb_base", 10001),
    ],
)
def test_a_wrong_setting_is_found(copy, capsys, setting, value):
    config = json.loads((copy / "config.json").read_text())
    config[setting] = value
    (copy / "config.json").write_text(json.dumps(config))
    assert main([str(copy)]) == 1
    assert "too large" in capsys.readouterr().out


@pytest.mark.parametrize("array", ["generated", "argmax_all", "loss", "grad_norms", "ntk_alpha"])
def test_each_kind_of_number_counts(copy, array):
    for file in copy.glob("case_*.npz"):
        arrays = dict(np.load(file))
        if array in arrays:
            arrays[array] = arrays[array] * 1.01 + 1
            np.savez(file, **arrays)
            break
    assert main([str(copy)]) == 1


def test_a_case_nobody_understands_fails(copy):
    np.savez(copy / "case_strange.npz", something=np.zeros(3))
    failed = [one for one in differences(read_fixture(copy)) if not one.passed]
    assert [one.case for one in failed] == ["strange"]


def test_arrays_nobody_understands_are_named(copy, capsys):
    file = copy / "case_text20.npz"
    np.savez(file, **dict(np.load(file)), something=np.zeros(3))
    assert main([str(copy)]) == 0
    assert "not compared: array something" in capsys.readouterr().out


def test_no_number_is_no_success():
    assert not Difference("case", "logits", float("nan"), 3e-5).passed
    assert Difference("case", "logits", 2.9e-5, 3e-5).passed
