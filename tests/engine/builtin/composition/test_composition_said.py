"""What is observed of the composition reaches the critique, in words."""

from __future__ import annotations

from pathlib import Path

import cv2
import generated_scenes
import numpy as np

from engine.builtin.engine import BuiltinEngine
from engine.contract import Opened
from engine.stop import never
from engine.vocabulary import CRITIQUE_TASKS, Finding, FindingKind, Question, Strength, StrengthKind


def test_the_critique_names_the_empty_side_and_the_strong_subject(tmp_path: Path) -> None:
    picture = np.full((400, 600, 3), (60, 90, 70), np.uint8)
    cv2.circle(picture, (470, 210), 50, (240, 60, 40), -1, cv2.LINE_AA)
    path = generated_scenes.save(tmp_path / "disc.png", picture)
    engine = BuiltinEngine()
    *_, opened = engine.open(path, never)
    assert isinstance(opened, Opened)
    questions = [Question(id=i, task=task) for i, task in enumerate(CRITIQUE_TASKS)]
    events = [each.event for each in engine.ask(opened.conversation, questions, never)]
    engine.close(opened.conversation)
    findings = {each.kind: each for each in events if isinstance(each, Finding)}
    strengths = {each.kind: each for each in events if isinstance(each, Strength)}
    empty = findings[FindingKind.EMPTY_SPACE]
    assert empty.where.boxes[0].left == 0
    assert empty.measurement.text and empty.taking and empty.afterwards
    strong = strengths[StrengthKind.STRONG_SUBJECT]
    x, y = strong.where.boxes[0].centre
    assert abs(x - 470 / 600) < 0.03
    assert abs(y - 210 / 400) < 0.03
    assert strong.measurement.text
