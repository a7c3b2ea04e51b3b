"""What the analysis says agrees with the impression before it, and does not say it again."""

from __future__ import annotations

from dataclasses import replace

import generated_scenes
import pytest

from engine.builtin.critique import analysis
from engine.builtin.crops.facts import crop_facts
from engine.builtin.crops.scene import scene
from engine.builtin.look import Look, depth, look
from engine.builtin.measured import Measured
from engine.builtin.observe import Observation
from engine.builtin.opening import colour_leads, main_point, opening
from engine.builtin.pictures import Pictures
from engine.builtin.reading import Reading
from engine.builtin.remarks import colours
from engine.builtin.wording import wording
from engine.vocabulary import EVERYWHERE, WHOLE, Crop, Size, StrengthKind

SAY = wording("en")


def reading_of(seed: int, *seen: Observation) -> Reading:
    """A generated photo with these observations."""
    picture = generated_scenes.striking(seed, size=(800, 600))
    measured = Measured(Pictures.from_array(picture))
    view = scene(picture, Size(800, 600))
    return Reading(
        scene=view,
        look=look(measured),
        crop=crop_facts(view, Crop(WHOLE)),
        seen=seen,
        exposure=measured.exposure,
        contrast=measured.contrast,
        depth=depth(measured.focus),
    )


@pytest.mark.parametrize("seed", range(1, 7))
@pytest.mark.parametrize("chroma", [20.0, 60.0])
def test_no_colour_that_leads_is_denied_its_lead(seed: int, chroma: float) -> None:
    reading = reading_of(seed)
    many = replace(reading, look=Look(0.0, 20.0, chroma, (), 0.0))
    (said,) = colours(many, SAY)
    leads = "it is colour that leads" in opening(reading.scene, reading.look, SAY)
    leads = leads or "a strong mix of colour draws" in opening(reading.scene, reading.look, SAY)
    assert colour_leads(reading.scene) is leads
    assert ("none of them takes the lead" in said.sentence) is not leads


@pytest.mark.parametrize(
    ("hues", "words"),
    [
        (("blue", "green"), "neighbours"),
        (("magenta", "red"), "neighbours"),
        (("earth", "yellow"), "neighbours"),
        (("yellow", "blue"), "far apart"),
        (("earth", "blue"), "far apart"),
    ],
)
def test_two_hues_are_placed_on_the_colour_wheel(hues: tuple[str, str], words: str) -> None:
    reading = replace(reading_of(1), look=Look(0.0, 20.0, 20.0, hues, 0.0))
    (said,) = colours(reading, SAY)
    assert words in said.sentence


def test_a_balance_that_the_impression_praised_is_not_praised_again() -> None:
    balance = Observation(StrengthKind.BALANCED, 0.6, EVERYWHERE, 70.0, "%", {})
    alone = reading_of(1, balance)
    assert "balance" in main_point(alone, SAY)
    assert not any("balanced" in sentence for sentence in analysis(alone, SAY))
    thing = Observation(
        StrengthKind.STRONG_SUBJECT, 0.6, EVERYWHERE, 1.0, "", {"place": "left", "area": 5.0}
    )
    after = reading_of(1, thing, balance)
    assert "balance" not in main_point(after, SAY)
    assert any("balanced" in sentence for sentence in analysis(after, SAY))
