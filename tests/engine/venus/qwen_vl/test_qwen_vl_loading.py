"""Checkpoint folders as they come: whole, in shards, old, mangled, half there."""

import json
import pickle
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.loading import load_model, open_checkpoint, save_checkpoint
from engine.venus.qwen_vl.model import QwenVLForCausalLM
from engine.venus.qwen_vl.tokenizer import QwenTokenizer

INDEX = "model.safetensors.index.json"
BIN_INDEX = "pytorch_model.bin.index.json"


@pytest.fixture
def weights(amini: Path) -> dict[str, torch.Tensor]:
    return load_file(amini / "model.safetensors")


@pytest.fixture
def bare(amini: Path, tmp_path: Path, ranks_file: Path) -> Path:
    """A release's folder without its weights."""
    folder = tmp_path / "release"
    folder.mkdir()
    for name in ("config.json", "generation_config.json", "tokenizer_config.json"):
        shutil.copy(amini / name, folder)
    shutil.copy(ranks_file, folder)
    return folder


@pytest.fixture
def whole(bare: Path, weights: dict[str, torch.Tensor]) -> Path:
    save_file(weights, bare / "model.safetensors")
    return bare


def shards(weights: dict, count: int) -> list[dict]:
    names = sorted(weights)
    return [{name: weights[name] for name in names[place::count]} for place in range(count)]


def write_shards(folder: Path, weights: dict, count: int, *, kind: str, index: bool = True) -> None:
    stem = "model" if kind == "safetensors" else "pytorch_model"
    named = {}
    for place, part in enumerate(shards(weights, count), start=1):
        file = folder / f"{stem}-{place:05d}-of-{count:05d}.{kind}"
        if kind == "safetensors":
            save_file(part, file)
        else:
            torch.save(part, file)
        named |= dict.fromkeys(part, file.name)
    if index:
        table = {"metadata": {}, "weight_map": named}
        (folder / f"{stem}.{kind}.index.json").write_text(json.dumps(table))


def edit(file: Path, **changes) -> None:
    config = json.loads(file.read_text()) | changes
    file.write_text(json.dumps(config))


def assert_holds(folder: Path, weights: dict) -> QwenVLForCausalLM:
    """The model in the folder has exactly these weights."""
    model = load_model(open_checkpoint(folder))
    state = model.state_dict()
    assert set(state) == set(weights)
    assert all(torch.equal(state[name], weights[name].float()) for name in weights)
    return model


class Trap:
    """What a hostile file would run when it is unpickled."""

    def __init__(self, touched: Path) -> None:
        self.touched = touched

    def __reduce__(self):
        return (Path.touch, (self.touched,))


# ── the forms that weights come in ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("kind", ["safetensors", "bin"])
def test_any_number_of_shards(bare, weights, kind, index, count):
    write_shards(bare, weights, count, kind=kind, index=index)
    assert_holds(bare, weights)


@pytest.mark.parametrize("zipped", [True, False])
def test_single_bin_files_old_and_new(bare, weights, zipped):
    torch.save(weights, bare / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    assert_holds(bare, weights)


def test_old_bin_shards(bare, weights):
    write_shards(bare, weights, 2, kind="bin")
    for file in bare.glob("*.bin"):
        torch.save(torch.load(file), file, _use_new_zipfile_serialization=False)
    assert_holds(bare, weights)


def test_safetensors_go_before_bin(whole, weights):
    torch.save({"nothing": torch.zeros(1)}, whole / "pytorch_model.bin")
    assert_holds(whole, weights)


def test_the_dtype_is_the_one_asked_for(whole):
    model = load_model(open_checkpoint(whole), dtype=torch.bfloat16)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}
    assert not model.training
    assert not any(parameter.is_meta for parameter in model.parameters())


def test_each_tensor_can_be_placed_by_the_caller(whole):
    asked = []

    def place(name, tensor):
        asked.append(name)
        return tensor.to(torch.float32 if "visual" in name else torch.bfloat16)

    state = load_model(open_checkpoint(whole), convert=place).state_dict()
    assert sorted(asked) == sorted(state)
    assert state["transformer.visual.proj"].dtype == torch.float32
    assert state["lm_head.weight"].dtype == torch.bfloat16


# ── keys that do not match ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("kind", ["safetensors", "bin"])
def test_every_missing_and_left_over_key_is_named(bare, weights, kind, index, count):
    lost = ["transformer.h.1.mlp.w2.weight", "transformer.visual.attn_pool.pos_embed"]
    for name in lost:
        del weights[name]
    weights |= {"transformer.h.2.mlp.w2.weight": torch.zeros(1), "score": torch.zeros(1)}
    write_shards(bare, weights, count, kind=kind, index=index)
    with pytest.raises(CheckpointError) as caught:
        load_model(open_checkpoint(bare))
    for name in (*lost, "transformer.h.2.mlp.w2.weight", "score"):
        assert name in str(caught.value)
    assert "lm_head" not in str(caught.value)


def test_a_key_that_only_the_index_has_is_missing(bare, weights):
    write_shards(bare, weights, 2, kind="safetensors")
    file = bare / "model-00001-of-00002.safetensors"
    part = load_file(file)
    lost = sorted(part)[0]
    del part[lost]
    save_file(part, file)
    with pytest.raises(CheckpointError, match=f"missing: {lost}"):
        load_model(open_checkpoint(bare))


def test_every_wrong_shape_is_named(bare, weights):
    weights["lm_head.weight"] = torch.zeros(7, 128)
    weights["transformer.ln_f.weight"] = torch.zeros(3)
    save_file(weights, bare / "model.safetensors")
    with pytest.raises(CheckpointError) as caught:
        load_model(open_checkpoint(bare))
    assert "lm_head.weight is (7, 128), not (2048, 128)" in str(caught.value)
    assert "transformer.ln_f.weight is (3,), not (128,)" in str(caught.value)


def test_a_key_in_two_shards_is_refused_without_an_index(bare, weights):
    write_shards(bare, weights, 2, kind="safetensors", index=False)
    file = bare / "model-00002-of-00002.safetensors"
    save_file(load_file(file) | {"lm_head.weight": weights["lm_head.weight"]}, file)
    both = load_file(bare / "model-00001-of-00002.safetensors")
    save_file(
        both | {"lm_head.weight": weights["lm_head.weight"]},
        bare / "model-00001-of-00002.safetensors",
    )
    with pytest.raises(CheckpointError, match=r"lm_head\.weight stands in both"):
        load_model(open_checkpoint(bare))


def test_the_index_says_which_of_two_counts(bare, weights):
    write_shards(bare, weights, 2, kind="safetensors")
    named = json.loads((bare / INDEX).read_text())["weight_map"]
    file = next(f for f in bare.glob("*.safetensors") if f.name != named["lm_head.weight"])
    save_file(load_file(file) | {"lm_head.weight": torch.zeros(2048, 128)}, file)
    assert_holds(bare, weights)


def test_tables_that_are_worked_out_anew_are_passed_over(bare, weights):
    extra = {
        "transformer.rotary_emb.inv_freq": torch.zeros(16),
        "transformer.h.0.attn.logn_tensor": torch.zeros(4),
    }
    save_file(weights | extra, bare / "model.safetensors")
    assert_holds(bare, weights)


# ── files that are missing, cut off or hostile ───────────────────────────────────────────────────


def test_no_folder_and_no_weights(bare, tmp_path):
    with pytest.raises(CheckpointError, match="no folder"):
        open_checkpoint(tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match="no weights"):
        open_checkpoint(bare)


@pytest.mark.parametrize("index", [True, False])
def test_a_missing_shard_is_said_before_anything_is_read(bare, weights, index):
    write_shards(bare, weights, 3, kind="safetensors", index=index)
    (bare / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(CheckpointError, match="model-00002-of-00003" if index else "2 of 00003"):
        open_checkpoint(bare)


@pytest.mark.parametrize("text", ["{}", "[]", "no json", '{"weight_map": 3}'])
def test_an_index_that_is_none(bare, text):
    (bare / INDEX).write_text(text)
    with pytest.raises(CheckpointError, match="index"):
        open_checkpoint(bare)


def test_an_index_cannot_lead_out_of_its_folder(bare, weights, tmp_path):
    save_file(weights, tmp_path / "elsewhere.safetensors")
    table = {"weight_map": dict.fromkeys(weights, "../elsewhere.safetensors")}
    (bare / INDEX).write_text(json.dumps(table))
    with pytest.raises(CheckpointError, match="out of its folder"):
        open_checkpoint(bare)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.999])
def test_a_file_that_is_cut_off(bare, weights, name, kept):
    file = bare / name
    if file.suffix == ".bin":
        torch.save(weights, file)
    else:
        save_file(weights, file)
    data = file.read_bytes()
    file.write_bytes(data[: int(kept * len(data)) if kept < 1 else kept])
    with pytest.raises(CheckpointError, match=name):
        load_model(open_checkpoint(bare))


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_pointer_of_git_lfs_is_known(bare, name):
    (bare / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    with pytest.raises(CheckpointError, match="git lfs pull"):
        load_model(open_checkpoint(bare))


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_bin_file_is_never_run(bare, weights, tmp_path, zipped):
    touched = tmp_path / "touched"
    torch.save(
        weights | {"trap": Trap(touched)},
        bare / "pytorch_model.bin",
        _use_new_zipfile_serialization=zipped,
    )
    with pytest.raises(CheckpointError, match="more than tensors"):
        load_model(open_checkpoint(bare))
    assert not touched.exists()


@pytest.mark.parametrize(("value", "said"), [([1], "list"), ({"epoch": 3}, "epoch")])
def test_a_bin_file_without_named_tensors(bare, value, said):
    torch.save(value, bare / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match=said):
        load_model(open_checkpoint(bare))


def test_what_training_left_is_ignored_by_name(whole, weights, tmp_path):
    touched = tmp_path / "touched"
    (whole / "training_args.bin").write_bytes(pickle.dumps(Trap(touched)))
    (whole / "optimizer.pt").write_bytes(b"anything")
    (whole / "modeling_qwen.py").write_text("raise SystemExit")
    notes = " ".join(open_checkpoint(whole).notes)
    for name in ("training_args.bin", "optimizer.pt", "modeling_qwen.py"):
        assert name in notes
    assert_holds(whole, weights)
    assert not touched.exists()


# ── config, generation config, tokenizer ─────────────────────────────────────────────────────────


def test_the_cache_is_forced_on_and_said(whole):
    edit(whole / "config.json", use_cache=False, bf16=True)
    checkpoint = open_checkpoint(whole)
    assert checkpoint.config.use_cache
    assert any("cache" in note for note in checkpoint.notes)
    with torch.no_grad():
        out = load_model(checkpoint)(torch.tensor([[300, 301]]))
    assert out.past_key_values.get_seq_length() == 2


def test_code_of_the_config_is_not_run_and_said(whole):
    edit(whole / "config.json", auto_map={"AutoModel": "someone/else--modeling_qwen.Trap"})
    checkpoint = open_checkpoint(whole)
    assert any("not run" in note for note in checkpoint.notes)
    assert not hasattr(checkpoint.config, "auto_map")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"visual": None}, "no `visual`"),
        ({"model_type": "llama"}, "llama"),
        ({"rotary_pct": 0.5}, "rotary_pct"),
        ({"no_bias": False}, "no_bias"),
        ({"tie_word_embeddings": True}, "tie_word_embeddings"),
        ({"hidden_size": 64}, "output_dim"),
    ],
)
def test_another_model_is_refused(whole, changes, said):
    edit(whole / "config.json", **changes)
    with pytest.raises(CheckpointError, match=said):
        open_checkpoint(whole)


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_config_that_is_none(whole, text):
    (whole / "config.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        open_checkpoint(whole)


def test_no_config(whole):
    (whole / "config.json").unlink()
    with pytest.raises(CheckpointError, match=r"no config\.json"):
        open_checkpoint(whole)


def test_a_missing_generation_config_is_filled_and_said(whole):
    plain = open_checkpoint(whole)
    (whole / "generation_config.json").unlink()
    filled = open_checkpoint(whole)
    assert any("generation_config" in note for note in filled.notes)
    assert not any("generation_config" in note for note in plain.notes)
    for name in ("do_sample", "top_p", "top_k", "max_new_tokens", "eos_token_id", "pad_token_id"):
        assert getattr(filled.generation_config, name) == getattr(plain.generation_config, name)
    assert filled.generation_config.top_p == 0.3


def test_a_generation_config_keeps_what_it_says(whole):
    edit(whole / "generation_config.json", top_p=0.8)
    assert load_model(open_checkpoint(whole)).generation_config.top_p == 0.8


def test_missing_tokenizer_files_are_filled_or_said(whole, ranks_file):
    (whole / "tokenizer_config.json").unlink()
    assert any("tokenizer_config" in note for note in open_checkpoint(whole).notes)
    (whole / "qwen.tiktoken").rename(whole.parent / "qwen.tiktoken")
    beside = open_checkpoint(whole)
    assert any("beside" in note for note in beside.notes)
    assert beside.tokenizer().encode("Hi")
    (whole.parent / "qwen.tiktoken").unlink()
    without = open_checkpoint(whole)
    assert any("copied" in note for note in without.notes)
    with pytest.raises(CheckpointError, match=r"qwen\.tiktoken"):
        without.tokenizer()
    load_model(without)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def test_what_is_saved_is_read_again(whole, weights, tmp_path):
    checkpoint = open_checkpoint(whole)
    model = load_model(checkpoint, dtype=torch.float16)
    save_checkpoint(model, tmp_path / "saved", tokenizer=checkpoint.tokenizer())
    again = open_checkpoint(tmp_path / "saved")
    assert again.notes == ()
    saved = load_file(tmp_path / "saved" / "model.safetensors")
    assert all(torch.equal(saved[name], weights[name]) for name in weights)
    assert_holds(tmp_path / "saved", weights)
    assert again.config.vision == checkpoint.config.vision
    assert again.generation_config.top_p == 0.3
    ranks = (whole / "qwen.tiktoken").read_bytes()
    assert (tmp_path / "saved" / "qwen.tiktoken").read_bytes() == ranks
    assert isinstance(again.tokenizer(), QwenTokenizer)
    config = json.loads((tmp_path / "saved" / "config.json").read_text())
    assert (config["model_type"], config["visual"]["n_queries"]) == ("qwen", 16)


@pytest.mark.parametrize("kind", ["safetensors", "bin"])
@pytest.mark.parametrize("index", [True, False])
def test_a_model_can_be_saved_over_the_files_it_was_loaded_from(bare, weights, kind, index):
    write_shards(bare, weights, 3, kind=kind, index=index)
    checkpoint = open_checkpoint(bare)
    # In the dtype of the files, so that the weights are still mapped from them.
    model = load_model(checkpoint, dtype=torch.float16)
    save_checkpoint(model, bare, tokenizer=checkpoint.tokenizer())
    assert_holds(bare, weights)
    assert len(open_checkpoint(bare).tokenizer()) > 256
    left = {file.name for file in bare.iterdir()}
    jsons = {"config.json", "generation_config.json", "tokenizer_config.json"}
    assert left == {"model.safetensors", "qwen.tiktoken", *jsons}
    assert all(torch.equal(t, weights[n]) for n, t in model.state_dict().items())


def test_transformers_reads_what_we_saved(whole, weights, tmp_path):
    save_checkpoint(load_model(open_checkpoint(whole)), tmp_path / "saved")
    again = QwenVLForCausalLM.from_pretrained(tmp_path / "saved", dtype=torch.float32)
    assert all(torch.equal(t, weights[n].float()) for n, t in again.state_dict().items())
