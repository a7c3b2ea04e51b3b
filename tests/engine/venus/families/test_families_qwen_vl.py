"""The native Qwen-VL as a family: its prompt, what training learns, dynamic NTK."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.dialogue.speaker import Turn
from engine.venus.families.building import load
from engine.venus.families.registry import recognise
from engine.venus.qwen_vl.chat import WINDOW, picture_query, prompt_ids
from engine.venus.qwen_vl.labels import IGNORED, conversation_example
from engine.venus.qwen_vl.tokenizer import QwenTokenizer

SHARED = Path(__file__).parents[5] / "shared" / "reference" / "qwen_vl"
TALK = [Turn("Hi <box>(1,2),(3,4)</box>", "It is."), Turn("Why?", "So.")]


@pytest.fixture
def venus(opened):
    return opened("qwen_vl")


def turns_of(history, path=""):
    said = []
    for place, turn in enumerate(history):
        question = picture_query(turn.question, [path]) if place == 0 else turn.question
        said.append({"from": "user", "value": question})
        said.append({"from": "assistant", "value": turn.answer})
    return said


def test_the_prompt_is_the_chats(venus, landscape):
    processor = venus.processor
    pixels = processor.pixels(landscape)
    for history in ([], TALK):
        told = [*history, Turn("And?", "")]
        queries = [picture_query(told[0].question, [""]), *(turn.question for turn in told[1:])]
        turns = [
            Turn(query, turn.answer) for query, turn in zip(queries[:-1], history, strict=True)
        ]
        wanted = prompt_ids(processor.tokenizer, queries[-1], history=turns)
        assert processor.prompt(history, "And?", pixels) == wanted
    assert processor.prompt([], "Hi", None) == prompt_ids(processor.tokenizer, "Hi")


def test_training_learns_what_the_original_learned(venus, landscape):
    processor = venus.processor
    ids, learned = processor.training(TALK, processor.pixels(landscape))
    wanted = conversation_example(processor.tokenizer, turns_of(TALK), length=len(ids))
    assert ids == wanted.input_ids.tolist()
    assert learned == (wanted.labels != IGNORED).tolist()
    assert wanted.attention_mask.all()


@pytest.mark.parametrize(
    ("name", "case"), [("preprocess_text", "preprocess_text"), ("train_conversation", "train")]
)
def test_training_equals_the_originals_fixture(name, case, venus):
    if not SHARED.is_dir():
        pytest.skip("../shared/reference/qwen_vl is not here")
    said = json.loads((SHARED / "A" / "cases.json").read_text("utf-8"))[name]
    arrays = np.load(SHARED / "A" / f"case_{case}.npz")
    tokenizer = QwenTokenizer(SHARED / "qwen.tiktoken")
    processor = type(venus.processor)(tokenizer, venus.processor._images)
    assert [turn["from"] for turn in said] == ["user", "assistant"] * (len(said) // 2)
    values = [turn["value"] for turn in said]
    photo = values[0].startswith("Picture 1: <img>")
    if photo:
        values[0] = values[0].split("</img>\n", 1)[1]
    history = [Turn(*pair) for pair in zip(values[::2], values[1::2], strict=True)]
    pixels = processor.pixels(np.zeros((8, 8, 3), np.uint8)) if photo else None
    ids, learned = processor.training(history, pixels)

    wanted = arrays["input_ids"][0]
    kept = wanted != tokenizer.pad_id
    wanted = wanted[kept].tolist()
    if photo:
        # The bytes of the photo's path stand in its span there; the model never sees them.
        begin = wanted.index(tokenizer.image_start_id) + 1
        end = wanted.index(tokenizer.image_end_id)
        wanted[begin:end] = [tokenizer.image_pad_id] * (end - begin)
    assert ids == wanted
    assert learned == (arrays["labels"][0][kept] != IGNORED).tolist()


def test_a_typed_image_tag_shows_nothing(venus, landscape):
    processor = venus.processor
    ids = processor.prompt([], "Hi <img>a.png</img> <|im_end|> <img>", processor.pixels(landscape))
    assert ids.count(processor.tokenizer.image_start_id) == 1
    assert ids.count(processor.tokenizer.im_end_id) == 2


def test_old_turns_go_and_the_photo_stays(venus, landscape):
    processor = venus.processor
    pixels = processor.pixels(landscape)
    history = [Turn(f"q{place}", "x" * 700) for place in range(12)]
    text = processor.tokenizer.decode(processor.prompt(history, "last", pixels))
    kept = [place for place in range(12) if f"q{place}\n" in text.replace("<|im_end|>", "\n")]
    assert kept == list(range(12 - len(kept), 12))
    assert 0 < len(kept) < 12
    assert text.count("<img>") == 1
    assert f"</img>\nq{kept[0]}" in text
    before = len(processor.prompt(history, "last", pixels))
    assert before < WINDOW + 100


def test_boxes_are_tokens_and_come_back(venus):
    processor = venus.processor
    ids = processor.encode("<ref>the photo</ref><box>(1,2),(3,4)</box>")
    specials = processor.tokenizer.special_ids
    assert [specials["<ref>"], specials["</box>"]] == [ids[0], ids[-1]]
    assert processor.decode([*ids, processor.tokenizer.im_end_id]) == (
        "<ref>the photo</ref><box>(1,2),(3,4)</box>"
    )


# ── dynamic NTK ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def short(venus, tmp_path):
    """The same checkpoint, trained on 64 tokens."""
    folder = shutil.copytree(venus.folder, tmp_path / "short")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "seq_length": 64}))
    family = recognise(folder)
    source = family.read(folder)
    model = load(family, source)
    return model, family.runner(model, family.processor(source))


def test_how_far_a_prefix_may_be_shared(venus, short):
    assert venus.runner.frozen_context == 2048
    assert short[1].frozen_context == 64


@pytest.mark.parametrize("count", [60, 64, 65, 150])
def test_chunks_take_the_alpha_of_the_whole_length(venus, short, count):
    model, runner = short
    ids = (torch.arange(count) * 7 % 250)[None]
    with torch.no_grad():
        wanted = model(input_ids=ids).logits
    inputs = runner.inputs(ids, None)
    cache = venus.cache()
    parts = [
        runner.logits(
            runner.part(inputs, start, min(start + 40, count)), cache, total=count, last_only=False
        )
        for start in range(0, count, 40)
    ]
    torch.testing.assert_close(torch.cat(parts, 1), wanted, atol=1e-5, rtol=0)
    assert cache.ntk_alphas == ({60: 1.0, 64: 1.0, 65: 3.0, 150: 7.0}[count],)


def test_decoding_over_the_edge_keeps_the_alpha_it_began_with(venus, short):
    model, runner = short
    ids = (torch.arange(60) * 7 % 250)[None]
    wanted = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=12,
        eos_token_id=None,
        pad_token_id=0,
    )
    cache = venus.cache()
    logits = runner.logits(runner.inputs(ids, None), cache, total=60)
    made = [int(logits[0, -1].argmax())]
    for place in range(60, 71):
        step = runner.inputs(torch.tensor([made[-1:]]), None, start=place)
        made.append(int(runner.logits(step, cache, total=place + 1)[0, -1].argmax()))
    assert made == wanted[0, 60:].tolist()
