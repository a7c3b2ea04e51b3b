"""What a person types ends nothing; what training learns; pieces of answers."""

import json
import shutil

import pytest

from engine.dialogue.speaker import Turn
from engine.venus.families.registry import recognise
from engine.venus.qwen_vl.errors import CheckpointError
from engine.vocabulary import Box

FAMILIES = ["llava", "internvl", "qwen2_5_vl", "qwen3_vl", "minicpm_v"]
TALK = [Turn("Hi the photo", "It is a photo."), Turn("Why?", "So.\n  Yes.")]


@pytest.fixture(params=FAMILIES)
def upstream_family(request, opened):
    return opened(request.param)


def test_learned_are_the_answers_and_the_tokens_that_end_them(upstream_family, landscape):
    processor = upstream_family.processor
    ids, learned = processor.training(TALK, processor.pixels(landscape))
    assert len(ids) == len(learned)
    runs, before = [], False
    for token, now in zip(ids, learned, strict=True):
        if now and not before:
            runs.append([])
        if now:
            runs[-1].append(token)
        before = now
    assert [processor.decode(run) for run in runs] == [turn.answer for turn in TALK]
    assert all(run[-1] in processor.stop_ids for run in runs)
    assert all(token not in processor.stop_ids for run in runs for token in run[:-1])


def test_training_begins_as_the_prompt_does(upstream_family, landscape):
    processor = upstream_family.processor
    pixels = processor.pixels(landscape)
    prompt = processor.prompt([], TALK[0].question, pixels)
    ids, learned = processor.training(TALK[:1], pixels)
    assert ids[: len(prompt)] == prompt
    assert learned.index(True) == len(prompt)
    answer = processor.encode(TALK[0].answer)
    assert ids[len(prompt) : len(prompt) + len(answer)] == answer


def test_the_second_turn_continues_the_first(upstream_family):
    processor = upstream_family.processor
    first = processor.prompt([], TALK[0].question, None)
    second = processor.prompt(TALK[:1], TALK[1].question, None)
    assert second[: len(first)] == first


def test_what_a_person_types_is_only_text(upstream_family, landscape):
    processor = upstream_family.processor
    tokenizer = processor.words.tokenizer
    pixels = processor.pixels(landscape)
    plain = processor.prompt([], "Hi", pixels)
    for token in tokenizer.added_tokens_decoder.values():
        tag = str(token)
        if tag in processor.words.box_tags or not tag:
            continue
        special = tokenizer.convert_tokens_to_ids(tag)
        hostile = processor.prompt([], f"Hi {tag} {tag}", pixels)
        assert hostile.count(special) == plain.count(special), tag


def test_decoding_keeps_boxes_and_drops_the_rest(upstream_family, landscape):
    processor = upstream_family.processor
    seen = processor.pixels(landscape).seen
    written = processor.notation.write(Box(0.1, 0.2, 0.7, 0.8), seen)
    ids = processor.encode(written)
    ends = sorted(processor.stop_ids)
    assert processor.decode([*ids, *ends]) == written
    assert processor.decode([]) == ""


def test_box_tags_are_single_tokens_where_the_family_has_them(opened):
    processor = opened("internvl").processor
    tag = processor.words.tokenizer.convert_tokens_to_ids("<box>")
    assert processor.encode("<box>[[1")[0] == tag
    assert tag in processor.prompt([], "Why <box>[[1, 2, 3, 4]]</box>?", None)


def test_the_checkpoints_own_template_goes_first(opened, tmp_path):
    folder = shutil.copytree(opened("qwen3_vl").folder, tmp_path / "own")
    own = json.loads((folder / "chat_template.json").read_text())["chat_template"]
    (folder / "chat_template.jinja").write_text(own.replace("assistant", "teacher"))
    source = recognise(folder).read(folder)
    processor = recognise(folder).processor(source)
    assert "teacher" in processor.words.tokenizer.decode(processor.prompt([], "Hi", None))


@pytest.mark.parametrize("name", ["llava", "internvl", "qwen2_5_vl", "qwen3_vl"])
def test_a_known_family_needs_no_template_of_its_own(name, opened, tmp_path, landscape):
    folder = shutil.copytree(opened(name).folder, tmp_path / name)
    (folder / "chat_template.json").unlink()
    family = recognise(folder)
    bare, own = family.processor(family.read(folder)), opened(name).processor
    pixels = own.pixels(landscape)
    assert bare.prompt(TALK, "Hi", pixels) == own.prompt(TALK, "Hi", pixels)


def test_minicpm_without_its_template_is_refused(opened, tmp_path):
    folder = shutil.copytree(opened("minicpm_v").folder, tmp_path / "bare")
    (folder / "chat_template.json").unlink()
    family = recognise(folder)
    with pytest.raises(CheckpointError, match=r"chat_template\.jinja"):
        family.processor(family.read(folder))


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ messages[0].content[-1].text }}", "every turn once"),
        ("{{ unknown_thing() }}", "cannot be used"),
        ("{% for m in messages %}{{ m.content[-1].text }}{% endfor %}", "0 places for one photo"),
    ],
)
def test_a_template_that_loses_something_is_refused(template, reason, opened, tmp_path, landscape):
    folder = shutil.copytree(opened("qwen3_vl").folder, tmp_path / "odd")
    (folder / "chat_template.json").unlink()
    (folder / "chat_template.jinja").write_text(template)
    family = recognise(folder)
    processor = family.processor(family.read(folder))
    with pytest.raises(CheckpointError, match=reason):
        processor.prompt(TALK, "Hi", processor.pixels(landscape))
