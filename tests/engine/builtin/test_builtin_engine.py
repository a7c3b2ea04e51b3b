"""The built-in engine from end to end, on generated photos written to disk."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import generated_scenes
import numpy as np
import pytest

from engine.builtin.conversation import Conversation
from engine.builtin.engine import BuiltinEngine
from engine.contract import Answered, Loaded, Opened
from engine.geometry import fits
from engine.photo import PhotoError, PhotoFile
from engine.stop import never
from engine.vocabulary import (
    CRITIQUE_TASKS,
    WHOLE,
    Aspect,
    Box,
    Crop,
    Failed,
    Finding,
    FindingKind,
    Finished,
    Part,
    Purpose,
    Question,
    Score,
    Task,
    Text,
)
from engine.wire import event_from_json, event_to_json

CRITIQUE = tuple(Question(id=10 + n, task=task) for n, task in enumerate(CRITIQUE_TASKS))


def opened(path: Path) -> tuple[BuiltinEngine, Conversation]:
    engine = BuiltinEngine()
    assert any(isinstance(step, Loaded) for step in engine.load(never))
    (step,) = engine.open(path, never)
    assert isinstance(step, Opened)
    return engine, step.conversation


def asked(path: Path, questions: Sequence[Question]) -> list[Answered]:
    engine, conversation = opened(path)
    try:
        return list(engine.ask(conversation, questions, never))
    finally:
        engine.close(conversation)


def timeless(answers: Sequence[Answered]) -> list[Answered]:
    return [
        replace(each, event=replace(each.event, seconds=0))
        if isinstance(each.event, Finished)
        else each
        for each in answers
    ]


def text(answers: Sequence[Answered], question: int, part: Part = Part.BODY) -> str:
    return "".join(
        each.event.text
        for each in answers
        if each.question == question and isinstance(each.event, Text) and each.event.part is part
    )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    picture = generated_scenes.striking(1, size=(840, 630))
    return generated_scenes.save(tmp_path / "photo.png", picture)


def tilted(degrees: float) -> generated_scenes.Picture:
    """A pier over water, leaning clockwise by so many degrees."""
    picture = np.full((900, 1200, 3), 190, np.uint8)
    picture[450:] = (60, 90, 110)
    for row in (500, 560, 640, 740):
        picture[row : row + 8] = 220
    matrix = cv2.getRotationMatrix2D((600, 450), -degrees, 1.5)
    leaning = cv2.warpAffine(picture, matrix, (1200, 900), borderMode=cv2.BORDER_REPLICATE)
    grain = np.random.default_rng(0).normal(0, 2, leaning.shape)
    return np.clip(leaning + grain, 0, 255).astype(np.uint8)


def test_every_part_of_a_critique_comes_and_each_question_ends_once(photo: Path) -> None:
    answers = asked(photo, CRITIQUE)
    for question in CRITIQUE:
        own = [each.event for each in answers if each.question == question.id]
        assert isinstance(own[-1], Finished)
        assert sum(isinstance(event, Finished | Failed) for event in own) == 1
    assert len(re.findall(r"[.](?:\s|$)", text(answers, 10))) == 2
    assert text(answers, 11)
    assert 1 <= len(text(answers, 12, Part.TAKING).split("\n")) <= 3
    assert text(answers, 12, Part.AFTERWARDS)
    crops = [each.event for each in answers if isinstance(each.event, Crop)]
    assert 1 <= len(crops) <= 5
    assert len({each.rationale for each in crops}) == len(crops)
    assert all(each.score is not None and 0 < each.score <= 1 for each in crops)


def test_every_event_survives_the_wire(photo: Path) -> None:
    for each in asked(photo, CRITIQUE):
        back = event_to_json(event_from_json(event_to_json(each.event)))
        assert back == event_to_json(each.event)


def test_the_first_sentence_comes_before_any_full_size_measurement(photo: Path) -> None:
    engine, conversation = opened(photo)
    answers = engine.ask(conversation, CRITIQUE, never)
    first = next(answers)
    assert isinstance(first.event, Text)
    assert not {"focus", "noise", "clipping", "tilt"} & set(vars(conversation.measured))
    rest = list(answers)
    assert "focus" in vars(conversation.measured)
    assert rest
    engine.close(conversation)


def test_a_question_why_is_answered_without_measuring(photo: Path) -> None:
    engine, conversation = opened(photo)
    question = Question(id=5, task=Task.WHY, crop=Crop(Box(0.1, 0.1, 0.7, 0.8), 4.0))
    answers = list(engine.ask(conversation, (question,), never))
    assert text(answers, 5)
    assert text(answers, 5, Part.FOR)
    assert text(answers, 5, Part.AGAINST)
    assert "focus" not in vars(conversation.measured)
    engine.close(conversation)


def test_the_same_photo_gives_the_same_answers(photo: Path) -> None:
    assert timeless(asked(photo, CRITIQUE)) == timeless(asked(photo, CRITIQUE))


def test_eight_orientations_give_one_critique(tmp_path: Path) -> None:
    picture = generated_scenes.striking(2, size=(450, 300))
    first = None
    for orientation in range(1, 9):
        path = tmp_path / f"{orientation}.png"
        generated_scenes.save(path, picture, orientation=orientation)
        answers = timeless(asked(path, CRITIQUE))
        first = first or answers
        assert answers == first


@pytest.mark.parametrize("calls", [0, 1, 3, 6, 12])
def test_nothing_comes_after_stop(photo: Path, calls: int) -> None:
    engine, conversation = opened(photo)
    count = 0

    def stop() -> bool:
        nonlocal count
        count += 1
        return count > calls

    before = list(engine.ask(conversation, CRITIQUE, stop))
    assert len(before) == min(calls, 2) or calls > 6
    assert len(before) <= calls
    # The conversation is whole: the next question is answered.
    after = list(engine.ask(conversation, CRITIQUE, never))
    assert sum(isinstance(each.event, Finished) for each in after) == len(CRITIQUE)
    engine.close(conversation)


def test_an_impossible_crop_fails_in_words_and_the_others_are_answered(photo: Path) -> None:
    wish = Question(id=1, task=Task.CROP, keep=Box(0, 0.4, 1, 0.6), aspect=Aspect(1, 4))
    answers = asked(photo, (wish, Question(id=2, task=Task.IMPRESSION)))
    (failed,) = [each.event for each in answers if each.question == 1]
    assert isinstance(failed, Failed)
    assert failed.code == "no_such_crop"
    assert failed.remedy
    assert isinstance(answers[-1].event, Finished)
    assert text(answers, 2)


def test_scores_come_in_the_order_of_the_crops(photo: Path) -> None:
    crops = (Crop(Box(0.0, 0.0, 0.1, 0.1)), Crop(WHOLE), Crop(Box(0.1, 0.1, 0.9, 0.9), 2.0))
    answers = asked(photo, (Question(id=3, task=Task.SCORE, crops=crops),))
    score = answers[0].event
    assert isinstance(score, Score)
    assert len(score.values) == 3
    assert score.values[0] < 0.1 < score.values[1]


def test_a_proposals_score_is_what_the_question_score_says(tmp_path: Path) -> None:
    path = generated_scenes.save(tmp_path / "pier.png", tilted(4.0))
    engine, conversation = opened(path)
    proposed = engine.ask(conversation, (Question(id=1, task=Task.CROP),), never)
    crops = tuple(each.event for each in proposed if isinstance(each.event, Crop))
    assert any(each.angle for each in crops)
    scored = engine.ask(conversation, (Question(id=2, task=Task.SCORE, crops=crops),), never)
    score = next(scored).event
    assert isinstance(score, Score)
    assert score.values == tuple(each.score for each in crops)
    engine.close(conversation)


def test_crops_obey_count_and_aspect(photo: Path) -> None:
    for count in (1, 2):
        answers = asked(photo, (Question(id=3, task=Task.CROP, count=count),))
        assert sum(isinstance(each.event, Crop) for each in answers) <= count
    answers = asked(photo, (Question(id=3, task=Task.CROP, aspect=Aspect(1, 1)),))
    for each in answers:
        if isinstance(each.event, Crop):
            box = each.event.box
            assert round(box.width * 840) == round(box.height * 630)


def test_a_horizon_is_known_to_the_crops(tmp_path: Path) -> None:
    for level, expected in ((True, 291 / 600), (False, None)):
        picture = np.full((600, 900, 3), 200, np.uint8)
        if level:
            picture[291:] = (40, 60, 80)
        cv2.circle(picture, (620, 420), 40, (230, 40, 40), -1)
        path = generated_scenes.save(tmp_path / f"sea-{level}.png", picture)
        engine, conversation = opened(path)
        assert conversation.hints.horizon == pytest.approx(expected, abs=0.01)
        engine.close(conversation)


def test_a_requested_ratio_needs_no_measurement(photo: Path) -> None:
    engine, conversation = opened(photo)
    question = Question(id=1, task=Task.CROP, aspect=Aspect(1, 1))
    answers = list(engine.ask(conversation, (question,), never))
    assert any(isinstance(each.event, Crop) for each in answers)
    assert "focus" not in vars(conversation.measured)
    engine.close(conversation)


@pytest.mark.parametrize("lean", [-5.0, 4.0])
def test_a_tilted_photo_gets_a_straightened_crop(tmp_path: Path, lean: float) -> None:
    path = generated_scenes.save(tmp_path / "pier.png", tilted(lean))
    engine, conversation = opened(path)
    answers = list(engine.ask(conversation, CRITIQUE, never))
    found = [
        each.event
        for each in answers
        if isinstance(each.event, Finding) and each.event.kind is FindingKind.TILTED_HORIZON
    ]
    assert found
    assert found[0].measurement.value == pytest.approx(lean, abs=0.7)
    crops = [each.event for each in answers if isinstance(each.event, Crop)]
    (straight,) = [each for each in crops if each.purpose is Purpose.STRAIGHTENED]
    assert straight.angle == pytest.approx(-found[0].measurement.value)
    assert fits(straight.box, straight.angle, conversation.size)
    words = "anticlockwise" if lean > 0 else " clockwise"
    assert words in straight.rationale
    engine.close(conversation)


def test_questions_in_words_are_answered_or_honestly_not(photo: Path) -> None:
    questions = (
        Question(id=1, task=Task.ASK, words="Is it sharp?"),
        Question(id=2, task=Task.ASK, words="Who is the woman on the left?"),
    )
    answers = asked(photo, questions)
    assert "edge" in text(answers, 1).lower()
    assert "cannot tell" in text(answers, 2)
    assert "load a Venus model" in text(answers, 2)


def test_no_thread_outlives_close(photo: Path) -> None:
    engine, conversation = opened(photo)
    engine.close(conversation)
    assert not [each for each in threading.enumerate() if each.name.startswith("full-size")]


def test_a_damaged_photo_is_refused_and_leaves_no_thread(tmp_path: Path) -> None:
    whole = generated_scenes.save(tmp_path / "a.jpg", generated_scenes.striking(1))
    data = whole.read_bytes()
    damaged = tmp_path / "damaged.jpg"
    damaged.write_bytes(data[: len(data) // 2])
    engine = BuiltinEngine()
    with pytest.raises(PhotoError, match=r"damaged\.jpg"):
        list(engine.open(damaged, never))
    assert not [each for each in threading.enumerate() if each.name.startswith("full-size")]


def test_damage_found_only_at_full_size_fails_each_open_question_in_words(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(self: PhotoFile, *, stop: object = None) -> np.ndarray:
        raise PhotoError(photo, "damaged", "The file is damaged.", "Copy it again.")

    monkeypatch.setattr(PhotoFile, "native_rgb", damaged)
    questions = (*CRITIQUE, Question(id=1, task=Task.WHY, crop=Crop(WHOLE)))
    answers = asked(photo, questions)
    last = {each.question: each.event for each in answers}
    assert isinstance(last[1], Finished)
    for question in CRITIQUE:
        assert last[question.id] == Failed("damaged", "The file is damaged.", "Copy it again.")
    assert text(answers, 10)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3000, 20), (3, 4000), (4000, 2)])
def test_tiny_and_long_photos_are_answered(tmp_path: Path, shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    path = generated_scenes.save(tmp_path / "odd.png", picture)
    questions = (*CRITIQUE, Question(id=1, task=Task.ASK, words="light, noise, sharp, tilt, crop?"))
    answers = asked(path, questions)
    assert not any(isinstance(each.event, Failed) for each in answers)
    assert any(isinstance(each.event, Crop) for each in answers)
