"""What the demo says about scenes, and the tokens that it is said in."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.dialogue.speaker import Turn
from engine.geometry import iou
from engine.venus.families.qwen_vl import QwenVLProcessor
from engine.vocabulary import Size
from trainer.data.sample import PLACE, Verdict, written
from trainer.demo.model import SIDE, make_checkpoint, open_model
from trainer.demo.scenes import Kind, Purpose, scenes
from trainer.demo.words import (
    FAULTS,
    PLAN,
    crop_samples,
    fault_sentence,
    guidance_samples,
    named_fault,
    seeing_samples,
)

TAUGHT = scenes(Purpose.TAUGHT, 60)


def test_the_base_neither_judges_nor_advises() -> None:
    said = " ".join(each.exchanges[0].answer for each in seeing_samples(scenes(Purpose.BASE, 60)))
    assert not any(sentence in said for sentence in FAULTS.values())


def test_a_caption_says_where_its_subject_is() -> None:
    for scene, sample in zip(TAUGHT, seeing_samples(TAUGHT), strict=True):
        (caption,) = sample.exchanges
        what, place = caption.answer.split(", ")[:2]
        across, down = place.split()
        assert scene.subject in what
        assert ("small" in what) == (scene.size < 0.16 + 0.2 / 3)
        # The outer two of five equal parts of 0.2 to 0.8.
        assert (across in {"left", "leftmost"}) == (scene.centre[0] < 0.44)
        assert (across in {"right", "rightmost"}) == (scene.centre[0] >= 0.56)
        assert (down in {"top", "high"}) == (scene.centre[1] < 0.44)
        assert (down in {"low", "bottom"}) == (scene.centre[1] >= 0.56)


def test_a_caption_says_on_which_side_a_sign_is() -> None:
    signs = 0
    for scene, sample in zip(TAUGHT, seeing_samples(TAUGHT), strict=True):
        sign = sample.exchanges[0].answer.split(", ")[2]
        if scene.distraction is None:
            assert sign == "no sign"
            continue
        signs += 1
        left, top, right, bottom = scene.distraction
        edges = {"left": left, "upper": top, "right": 1 - right, "lower": 1 - bottom}
        assert edges[sign.removeprefix("sign ")] == pytest.approx(0, abs=0.05)
    assert signs


def test_one_caption_in_four_has_its_subjects_box() -> None:
    captions = [each.exchanges[0] for each in seeing_samples(TAUGHT)]
    boxed = [number for number, each in enumerate(captions) if each.box is not None]
    assert boxed == list(range(0, len(TAUGHT), 4))
    for number, caption in enumerate(captions):
        assert (PLACE in caption.answer) == (number in boxed)
        if caption.box is not None:
            assert iou(caption.box, TAUGHT[number].subject_box) > 0.8


def test_stage_1_asks_for_score_analysis_and_guidance_in_turns() -> None:
    for each in guidance_samples(TAUGHT):
        questions = [turn.question for turn in each.exchanges]
        assert questions == [PLAN.impression.words, PLAN.analysis.words, PLAN.guidance.words]


def test_an_analysis_names_the_scenes_own_fault() -> None:
    for scene, sample in zip(TAUGHT, guidance_samples(TAUGHT), strict=True):
        assert named_fault(sample.exchanges[1].answer) == fault_sentence(scene)
        faultless = sample.exchanges[0].answer == "Good."
        assert faultless == (scene.kind is Kind.NONE)


def test_every_fault_has_a_remedy_of_its_own() -> None:
    remedies: dict[str, set[str]] = {}
    for scene, sample in zip(TAUGHT, guidance_samples(TAUGHT), strict=True):
        remedies.setdefault(fault_sentence(scene), set()).add(sample.exchanges[2].answer)
    assert len(remedies) == len(FAULTS)
    assert all(len(each) == 1 for each in remedies.values())
    assert len(set.union(*remedies.values())) == len(FAULTS)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("A house, sea. It is soft.", "It is soft."),
        ("It is soft. It is too dark.", None),
        ("A house.", None),
    ],
)
def test_what_counts_as_naming_a_fault(answer: str, found: str | None) -> None:
    assert named_fault(answer) == found


def test_stage_2_begins_with_a_good_box_and_asks_about_bad_ones_later() -> None:
    samples = crop_samples(TAUGHT, seed=0, bad_crops=True)
    assert len(samples) == len(TAUGHT)
    for each in samples:
        first, *later = each.exchanges
        assert (first.answer, first.verdict) == (PLACE, Verdict.GOOD)
        assert any(turn.verdict is Verdict.BAD for turn in later)
        assert all(PLACE not in turn.answer for turn in later)


def test_without_bad_crops_no_question_is_about_one() -> None:
    verdicts = {
        turn.verdict
        for each in crop_samples(TAUGHT, seed=0, bad_crops=False)
        for turn in each.exchanges
    }
    assert verdicts == {Verdict.GOOD}


@pytest.fixture(scope="module")
def processor(tmp_path_factory: pytest.TempPathFactory) -> QwenVLProcessor:
    folder: Path = tmp_path_factory.mktemp("demo-model")
    make_checkpoint(folder, seed=0)
    found = open_model(folder)[1]
    assert isinstance(found, QwenVLProcessor)
    return found


def test_every_word_of_the_demo_is_one_token(processor: QwenVLProcessor) -> None:
    seen = Size(SIDE, SIDE)
    samples = [
        *seeing_samples(TAUGHT),
        *guidance_samples(TAUGHT),
        *crop_samples(TAUGHT, seed=0, bad_crops=True),
    ]
    for sample in samples:
        for turn in written(sample, lambda box: processor.notation.write(box, seen)):
            for text in (turn.question, turn.answer):
                words = [processor.decode([token]) for token in processor.encode(text)]
                assert "".join(words) == text
                letters = [word for word in words if word.strip().isalpha()]
                assert len(letters) == sum(part.isalpha() for part in _parts(text))


def _parts(text: str) -> list[str]:
    """The runs of letters in a text, tags of boxes left out."""
    plain = text.replace("<box>", " ").replace("</box>", " ")
    return "".join(letter if letter.isalpha() else " " for letter in plain).split()


def test_a_conversation_of_stage_1_is_short(processor: QwenVLProcessor) -> None:
    sample = guidance_samples(TAUGHT)[0]
    turns = [Turn(each.question, each.answer) for each in sample.exchanges]
    assert len(processor.training(turns, None)[0]) < 120
