"""LLaVA's own layout: weights under their new names, the tower's folder, `tokenizer.model`."""

import itertools
import json
import shutil
import struct

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaTokenizer

from engine.dialogue.speaker import Turn
from engine.venus.families.building import load
from engine.venus.families.reading import open_tokenizer
from engine.venus.families.registry import recognise
from engine.venus.families.sentencepiece_file import merges, read_pieces
from engine.venus.qwen_vl.errors import CheckpointError

TOWER = "clip-vit-tiny"
MINE = {
    "language_model.lm_head.": "lm_head.",
    "language_model.model.": "model.",
    "multi_modal_projector.linear_1.": "model.mm_projector.0.",
    "multi_modal_projector.linear_2.": "model.mm_projector.2.",
}


def varint(number):
    made = b""
    while number > 127:
        made += bytes([number & 127 | 128])
        number >>= 7
    return made + bytes([number])


def message(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def model_file(pieces):
    """A `tokenizer.model` of (text, score, kind), and a field that a reader must pass over."""
    entries = [
        message(1, text.encode()) + b"\x15" + struct.pack("<f", score) + b"\x18" + varint(kind)
        for text, score, kind in pieces
    ]
    return b"".join(message(1, entry) for entry in entries) + message(2, b"\x08\x01\x22\x00")


def pieces_of(tokenizer):
    """The vocabulary of a made tokenizer as a sentencepiece model would score it."""
    kinds = {"<unk>": 2, "<s>": 3, "</s>": 3}
    made = []
    vocabulary = sorted(tokenizer._vocab.items(), key=lambda entry: entry[1])
    for text, place in vocabulary:
        kind = kinds.get(text, 6 if text.startswith("<0x") else 1)
        made.append((text, float(-place) if kind == 1 else 0.0, kind))
    return made


@pytest.fixture
def original(opened, tmp_path):
    """The tiny LLaVA as its own code would have saved it, its tower beside it."""
    tiny = opened("llava")
    folder, tower = tmp_path / "llava-v1.5-tiny", tmp_path / TOWER
    folder.mkdir()
    tower.mkdir()
    mine, eye = {}, {}
    for name, tensor in load_file(tiny.folder / "model.safetensors").items():
        if name.startswith("vision_tower."):
            bare = name.removeprefix("vision_tower.").removeprefix("vision_model.")
            eye["vision_model." + bare] = tensor
            continue
        old = next(each for each in MINE if name.startswith(each))
        mine[MINE[old] + name.removeprefix(old)] = tensor
    save_file(mine, folder / "model.safetensors", metadata={"format": "pt"})
    words = {"text_model.embeddings.token_embedding.weight": torch.zeros(2, 2)}
    save_file({**eye, **words}, tower / "model.safetensors", metadata={"format": "pt"})

    told = json.loads((tiny.folder / "config.json").read_text())
    eyes = {**told["vision_config"], "model_type": "clip_vision_model"}
    (tower / "config.json").write_text(json.dumps({"model_type": "clip", "vision_config": eyes}))
    config = {
        **told["text_config"],
        "model_type": "llava",
        "architectures": ["LlavaLlamaForCausalLM"],
        "image_aspect_ratio": "pad",
        "mm_projector_type": "mlp2x_gelu",
        "mm_use_im_start_end": False,
        "mm_vision_select_feature": "patch",
        "mm_vision_select_layer": -2,
        "mm_vision_tower": f"openai/{TOWER}",
        "torch_dtype": "float32",
    }
    (folder / "config.json").write_text(json.dumps(config))
    made = tiny.processor.words.tokenizer
    fresh = LlamaTokenizer.from_pretrained(tiny.folder)
    base = {text: place for text, place in fresh.get_vocab().items() if place < len(made) - 2}
    fresh._vocab = base
    (folder / "tokenizer.model").write_bytes(model_file(pieces_of(fresh)))
    (folder / "tokenizer_config.json").write_text(json.dumps({"legacy": False}))
    return folder


def edit(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))


def opened_original(folder, **how):
    family = recognise(folder)
    source = family.read(folder, **how)
    return family, source, load(family, source)


def test_the_weights_are_those_of_the_hubs_layout(original, opened):
    family, source, model = opened_original(original)
    assert family.name == "llava_original"
    assert any(TOWER in note for note in source.notes)
    wanted, found = opened("llava").model.state_dict(), model.state_dict()
    assert wanted.keys() == found.keys()
    assert all(torch.equal(wanted[name], found[name]) for name in wanted)


def test_a_tower_in_the_checkpoint_or_in_a_given_folder(original, tmp_path, opened):
    elsewhere = tmp_path / "elsewhere" / "eye"
    elsewhere.parent.mkdir()
    shutil.move(original.parent / TOWER, elsewhere)
    with pytest.raises(CheckpointError, match=f"openai/{TOWER}.*{TOWER}"):
        recognise(original).read(original)
    given = opened_original(original, base=elsewhere)[2].state_dict()

    mine = load_file(original / "model.safetensors")
    for name, tensor in load_file(elsewhere / "model.safetensors").items():
        if name.startswith("vision_model."):
            mine["model.vision_tower.vision_tower." + name] = tensor
    save_file(mine, original / "model.safetensors", metadata={"format": "pt"})
    shutil.copy(elsewhere / "config.json", original / "unused.json")
    edit(original, mm_vision_tower=str(elsewhere))
    carried = opened_original(original)
    assert any("checkpoint's own" in note for note in carried[1].notes)
    own = carried[2].state_dict()
    assert all(torch.equal(given[name], own[name]) for name in given)


def test_it_talks_as_its_own_code_does(original, landscape):
    family, source, model = opened_original(original)
    processor = family.processor(source)
    pixels = processor.pixels(landscape)
    turn = Turn("Hi the photo", "It is.")
    ids = processor.prompt([turn], "Why?", pixels)
    tokenizer = processor.words.tokenizer
    system = (
        "A chat between a curious human and an artificial intelligence assistant. The assistant"
        " gives helpful, detailed, and polite answers to the human's questions."
    )
    before = tokenizer(f"{system} USER: ")["input_ids"]
    after = tokenizer(
        "\nHi the photo ASSISTANT: It is.</s>USER: Why? ASSISTANT:", add_special_tokens=False
    )["input_ids"]
    assert ids == [*before, *[tokenizer.unk_token_id] * 16, *after]
    assert ids[0] == tokenizer.bos_token_id
    said, learned = processor.training([turn], pixels)
    kept = [token for token, one in zip(said, learned, strict=True) if one]
    assert kept[-1] == tokenizer.eos_token_id
    assert processor.decode(kept) == "It is."
    runner = family.runner(model, processor)
    encoded = runner.encode_image(pixels, lambda: False)
    inputs = runner.inputs(torch.tensor([ids]), encoded)
    assert int(inputs.image.sum()) == pixels.tokens == 16


def test_the_photo_is_padded_to_a_square(original, landscape):
    family = recognise(original)
    pixels = family.processor(family.read(original)).pixels(landscape)
    assert pixels.frame == pytest.approx((0, 1 / 6, 1, 5 / 6), abs=0.01)
    values = pixels.inputs["pixel_values"][0]
    # The bands above and below have the mean colour: zero after normalising, up to rounding.
    assert values[:, :8].abs().max() < 0.02
    assert values[:, 28].abs().max() > 0.5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mm_projector_type": "linear"}, "mm_projector_type = 'linear'"),
        ({"image_aspect_ratio": "anyres"}, "image_aspect_ratio = 'anyres'"),
        ({"mm_use_im_start_end": True}, "mm_use_im_start_end"),
        ({"quantization_config": {"quant_method": "awq"}}, "awq"),
    ],
)
def test_other_builds_are_refused(original, changes, words):
    edit(original, **changes)
    with pytest.raises(CheckpointError, match=words):
        recognise(original).read(original)


def test_a_tower_whose_class_token_is_kept(original):
    edit(original, mm_vision_select_feature="cls_patch")
    family, source, model = opened_original(original)
    processor = family.processor(source)
    pixels = processor.pixels(np.zeros((9, 9, 3), np.uint8))
    encoded = family.runner(model, processor).encode_image(pixels, lambda: False)
    assert pixels.tokens == len(encoded.features) == 17


def test_an_unmerged_lora_is_refused(original):
    (original / "non_lora_trainables.bin").write_bytes(b"")
    with pytest.raises(CheckpointError, match="merge_lora_weights"):
        recognise(original).read(original)


def test_a_base_that_is_no_tower_is_refused(original, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match="no folder of a vision tower"):
        recognise(original).read(original, base=tmp_path / "empty")


# ── tokenizer.model ──────────────────────────────────────────────────────────────────────────────


def best_first(text, pieces):
    """What sentencepiece does: merge the two neighbours that make the best piece, over and over."""
    scores = {piece.text: piece.score for piece in pieces if piece.kind == 1}
    parts = list("▁" + text.replace(" ", "▁"))
    while True:
        joined = ["".join(pair) for pair in itertools.pairwise(parts)]
        best = max((one for one in joined if one in scores), key=scores.get, default=None)
        if best is None:
            break
        place = joined.index(best)
        parts[place : place + 2] = [best]
    known = {piece.text: place for place, piece in enumerate(pieces)}
    ids = []
    for part in parts:
        spelled = [f"<0x{byte:02X}>" for byte in part.encode()]
        ids += [known[part]] if part in known else [known[byte] for byte in spelled]
    return ids


def test_texts_are_cut_as_sentencepiece_cuts_them(original):
    pieces = read_pieces(original / "tokenizer.model")
    assert [piece.text for piece in pieces[:3]] == ["<unk>", "<s>", "</s>"]
    tokenizer = open_tokenizer([original])
    for text in ("Hi the photo", "the  user\n\nphoto, é 你好 (1,2)", "system assistant Hi"):
        assert tokenizer(text)["input_ids"] == [1, *best_first(text, pieces)]


def test_pairs_are_merged_by_the_score_of_what_they_make(tmp_path):
    file = tmp_path / "tokenizer.model"
    texts = [("<unk>", 0.0, 2), ("a", -9.0, 1), ("b", -8.0, 1), ("ab", -2.0, 1), ("ba", -1.0, 1)]
    file.write_bytes(model_file([*texts, ("aba", -3.0, 1)]))
    assert merges(read_pieces(file)) == [("b", "a"), ("a", "b"), ("a", "ba"), ("ab", "a")]


@pytest.mark.parametrize("raw", [b"", b"not a model", b"\x0a\xff", b"\x0a\x03\x0a\x09a"])
def test_another_file_is_no_model(raw, tmp_path):
    file = tmp_path / "tokenizer.model"
    file.write_bytes(raw)
    with pytest.raises(CheckpointError, match=r"tokenizer\.model"):
        read_pieces(file)
