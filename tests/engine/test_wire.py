"""The vocabulary's JSON: there and back, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.vocabulary import (
    Aspect,
    Box,
    Crop,
    Event,
    Failed,
    Finding,
    FindingKind,
    Finished,
    Line,
    Mask,
    Measurement,
    Origin,
    Part,
    Purpose,
    Question,
    Score,
    Strength,
    StrengthKind,
    Task,
    Text,
    Where,
)
from engine.wire import WireError, event_from_json, event_to_json, from_json, to_json

MEASUREMENT = Measurement(-1.5, "EV", "1.5 stops")
EVENTS: list[Event] = [
    Text("Größe 大", Part.FOR),
    Finding(
        FindingKind.TILTED_HORIZON, 0.4, Where(line=Line(0, 0.5, 1, 0.6)), MEASUREMENT, "a", "b"
    ),
    Finding(
        FindingKind.CLIPPED_HIGHLIGHTS, 1.0, Where(mask=Mask(2, 2, (1, 2, 1))), MEASUREMENT, "", ""
    ),
    Strength(StrengthKind.SHARP, Where(boxes=(Box(0, 0, 0.5, 1), Box(0.5, 0, 1, 1))), MEASUREMENT),
    Crop(Box(0.1, 0.2, 0.8, 0.9), -2.5, Origin.PHOTOGRAPHER, Purpose.OWN, "why", 0.75),
    Score((0.5, 0.25)),
    Failed("code", "reason", "remedy"),
    Finished(seconds=0.25, tokens=3),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_there_and_back(event: Event) -> None:
    line = json.dumps(event_to_json(event))
    assert event_from_json(json.loads(line)) == event


def test_questions_there_and_back() -> None:
    question = Question(
        id=7,
        task=Task.CROP,
        language="de",
        crop=Crop(Box(0, 0, 1, 1)),
        crops=(Crop(Box(0, 0, 0.5, 0.5)),),
        aspect=Aspect(4, 5),
        keep=Box(0.2, 0.2, 0.4, 0.4),
        count=3,
        tighter=0.5,
        words="wide",
    )
    assert from_json(Question, json.loads(json.dumps(to_json(question)))) == question


def test_where_has_exactly_one_key() -> None:
    assert to_json(Where(boxes=(Box(0, 0, 1, 1),))) == {"boxes": [[0, 0, 1, 1]]}
    assert list(to_json(Where(line=Line(0, 0, 1, 1)))) == ["line"]
    assert list(to_json(Where(mask=Mask(1, 1, (0, 1))))) == ["mask"]


@pytest.mark.parametrize(
    "data",
    [
        {"id": 1},
        {"id": "1", "task": "ask"},
        {"id": True, "task": "ask"},
        {"id": 1, "task": "dance"},
        {"id": 1, "task": "ask", "extra": 0},
        {"id": 1, "task": "why", "crop": {"box": [0, 0, 1]}},
        {"id": 1, "task": "why", "crop": {"box": [0, 0, 0, 1]}},
        {"id": 1, "task": "why", "crop": {"box": [0, 0, float("nan"), 1]}},
        {"id": 1, "task": "crop", "aspect": "3/2"},
        {"id": 1, "task": "crop", "aspect": "0:2"},
        [],
    ],
)
def test_what_is_no_question_is_refused(data: Any) -> None:
    with pytest.raises(WireError, match="Question"):
        from_json(Question, data)


def test_an_event_without_a_type_is_refused() -> None:
    with pytest.raises(WireError):
        event_from_json({"text": "hello"})
