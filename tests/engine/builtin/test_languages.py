"""German and Chinese: every sentence there, whole critiques without a word of English."""

from __future__ import annotations

import re
from functools import cache

import cv2
import generated_scenes
import numpy as np
import pytest

from engine.builtin.answers import answers
from engine.builtin.conversation import Conversation
from engine.builtin.conversation import open_conversation as opened
from engine.builtin.wording import LANGUAGES, wording
from engine.vocabulary import (
    CRITIQUE_TASKS,
    Box,
    Crop,
    Finding,
    Question,
    Strength,
    Task,
    Text,
)

ASKED = "light, sharp, horizon, noise, colour, crop, print at A3?"
FAULTS = ("none", "dark", "bright", "blurred", "blue", "flat", "noisy", "even")
ENGLISH = re.compile(r"\b(the|of|and|with|at|it|its|is|to|from|left|right|stops?|frame)\b", re.I)
FOREIGN = {"ISO", "EV", "K", "ΔE", "RAW", "A3", "Venus"}


def damaged(fault: str) -> np.ndarray:
    """A picture with one fault, so that the sentences about it are said."""
    picture = generated_scenes.striking(FAULTS.index(fault), size=(480, 360))
    noise = np.random.default_rng(0).normal(0, 22, picture.shape)
    match fault:
        case "dark":
            changed = picture * 0.2
        case "bright":
            changed = picture * 1.9
        case "blurred":
            changed = cv2.GaussianBlur(picture, (0, 0), 4)
        case "blue":
            changed = picture * np.array([0.75, 0.9, 1.2])
        case "flat":
            changed = 110 + (picture.astype(float) - 110) * 0.2
        case "noisy":
            changed = picture + noise
        case "even":
            changed = np.full_like(picture, 120)
        case _:
            changed = picture
    return np.clip(changed, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Conversation]:
    folder = tmp_path_factory.mktemp("photos")
    found = {}
    for fault in FAULTS:
        path = generated_scenes.save(folder / f"{fault}.png", damaged(fault))
        found[fault] = opened(path)
    return found


def everything(conversation: Conversation, language: str) -> list[str]:
    """All that the engine says about one photo, each piece of text by itself."""
    questions = [
        *(Question(id=1, task=task, language=language) for task in CRITIQUE_TASKS),
        Question(id=1, task=Task.WHY, language=language, crop=Crop(Box(0.1, 0.1, 0.6, 0.7), 3.0)),
        Question(id=1, task=Task.ASK, language=language, words=ASKED),
        Question(id=1, task=Task.ASK, language=language, words="Who is she?"),
    ]
    said = []
    for question in questions:
        for event in answers(conversation, question):
            match event:
                case Text():
                    said.append(event.text)
                case Finding():
                    said += [event.measurement.text, event.taking, event.afterwards]
                case Strength():
                    said.append(event.measurement.text)
                case Crop():
                    said.append(event.rationale)
    return said


@cache
def code_of(language: str) -> str:
    return {"de": "de", "zh_CN": "zh-Hans"}[language]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_whole_critique_has_no_english_left_over(
    conversations: dict[str, Conversation], language: str, fault: str
) -> None:
    for text in everything(conversations[fault], code_of(language)):
        if language == "zh_CN":
            words = set(re.findall(r"[A-Za-zΔ]+\d?", text))
            assert words <= FOREIGN, text
        else:
            assert not ENGLISH.search(text), text


@pytest.mark.parametrize("fault", FAULTS)
def test_german_writes_a_decimal_comma(conversations: dict[str, Conversation], fault: str) -> None:
    said = everything(conversations[fault], "de-AT")
    assert not re.search(r"\d\.\d", " ".join(said))
    assert re.search(r"\d,\d", " ".join(said))


@pytest.mark.parametrize("fault", FAULTS)
def test_chinese_sentences_stand_without_a_space(
    conversations: dict[str, Conversation], fault: str
) -> None:
    for text in everything(conversations[fault], "zh"):
        assert not re.search(r"[。，：] ", text)
        assert not re.search(r"[,.!?](\s|$)", text)


def test_the_faults_are_really_spoken_of(conversations: dict[str, Conversation]) -> None:
    heads = {"".join(everything(conversations[fault], "en")[:2]) for fault in FAULTS}
    assert len(heads) == len(FAULTS)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("de", "0,7 Blenden"),
        ("de_CH", "0,7 Blenden"),
        ("zh", "2/3档"),
        ("zh-Hans", "2/3档"),
        ("zh_CN", "2/3档"),
        ("fr", "two thirds of a stop"),
    ],
)
def test_languages_are_found_by_any_of_their_codes(code: str, said: str) -> None:
    assert wording(code)("two thirds of a stop") == said
