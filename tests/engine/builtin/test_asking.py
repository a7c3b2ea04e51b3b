"""The photographer's own words: which topics they name, and what is answered."""

from __future__ import annotations

import generated_scenes
import pytest

from engine.builtin.asking import Topic, answer, pixels_per_inch, topics
from engine.builtin.crops.facts import crop_facts
from engine.builtin.crops.scene import scene
from engine.builtin.look import depth, look
from engine.builtin.measured import Measured
from engine.builtin.observe import observe
from engine.builtin.pictures import Pictures
from engine.builtin.reading import Reading, consistent
from engine.builtin.wording import wording
from engine.vocabulary import WHOLE, Crop, Size


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Is the light too hard?", [Topic.LIGHT]),
        ("Is it underexposed or just dark?", [Topic.LIGHT]),
        ("Why is it so blurry?", [Topic.SHARPNESS]),
        ("is my horizon level", [Topic.TILT]),
        ("How should I crop this?", [Topic.CROP]),
        ("Too much grain at this ISO?", [Topic.NOISE]),
        ("Is the colour right? And the white balance?", [Topic.COLOUR]),
        ("What should I do first?", [Topic.FIRST]),
        ("Is it sharp enough to print at A3?", [Topic.PRINT, Topic.SHARPNESS]),
        ("Ist das Bild scharf genug?", [Topic.SHARPNESS]),
        ("Steht der Horizont schief?", [Topic.TILT]),
        ("曝光怎么样？", [Topic.LIGHT]),
        ("Who is the woman in red?", []),
        ("Where was this taken?", []),
        ("Will my editor love it?", []),
    ],
)
def test_topics_are_recognised(words: str, expected: list[Topic]) -> None:
    assert topics(words) == expected


def answered(words: str, *, seed: int = 1) -> str:
    picture = generated_scenes.striking(seed, size=(800, 600))
    measured = Measured(Pictures.from_array(picture))
    view = scene(picture, Size(800, 600))
    seen_first = look(measured)
    reading = Reading(
        scene=view,
        look=seen_first,
        crop=crop_facts(view, Crop(WHOLE)),
        seen=consistent(observe(measured), seen_first),
        exposure=measured.exposure,
        contrast=measured.contrast,
        depth=depth(measured.focus),
    )
    sentences = answer(
        words,
        measured=measured,
        reading=reading,
        crop_words="Takes nothing.",
        say=wording("en"),
    )
    return " ".join(sentences)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("light?", "stop"),
        ("sharp?", "edge"),
        ("horizon?", "lines"),
        ("noise?", "%"),
        ("colour?", "colour"),
        ("print at A4?", "pixels per inch"),
        ("what should I do first?", "."),
    ],
)
def test_a_known_topic_is_answered_from_what_was_measured(words: str, named: str) -> None:
    said = answered(words)
    assert "cannot tell" not in said
    assert named in said
    assert said.endswith(".")


def test_different_photos_get_different_figures() -> None:
    assert answered("noise? light?", seed=1) != answered("noise? light?", seed=2)


def test_what_is_not_measured_is_not_answered() -> None:
    said = answered("Is she smiling?")
    assert "cannot tell" in said
    assert "Venus model" in said


def test_a_question_about_the_crop_gets_its_reason() -> None:
    assert answered("How should I crop?") == "Takes nothing."


def test_a_print_counts_pixels_on_either_side_of_the_paper() -> None:
    assert pixels_per_inch(Size(4961, 3508), "a3") == pytest.approx(300, rel=0.01)
    assert pixels_per_inch(Size(3508, 4961), "a3") == pytest.approx(300, rel=0.01)
    assert pixels_per_inch(Size(4961, 3508), "a4") == pytest.approx(424, rel=0.01)
    assert "less than the 240" in answered("good for a print at A2?")
