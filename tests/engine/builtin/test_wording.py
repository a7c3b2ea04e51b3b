"""The languages' mechanism, and the sentences for every kind the engine may observe."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path

import pytest

from engine import builtin
from engine.builtin.critique import finding, strength
from engine.builtin.observe import Observation
from engine.builtin.wording import (
    LANGUAGES,
    TableTranslations,
    places,
    translations_for,
    wording,
)
from engine.builtin.wording.observations import words
from engine.builtin.wording.phrases import (
    about_stops,
    degrees,
    listed,
    part,
    pixels,
    place,
    slider,
    stops,
    thirds,
)
from engine.vocabulary import EVERYWHERE, FindingKind, StrengthKind

SAY = wording("en")
LIGHT = {"middle_ev": 0.4, "headroom_ev": 0.4, "range_ev": 5.0, "key": "normal", "back_lit": 0.0}
CLIPPED = {"red": 9.0, "green": 3.0, "blue": 1.0, "white": 1.0, "place": "top_left"}
SOFT = {"pattern": "defocus", "direction": 0.0, "direction_code": "rising", "blur_px": 7.3}
CAST = {"hue": "blue", "angle": 280.0, "confidence": 0.9}
SEEN = [
    Observation(FindingKind.UNDEREXPOSED, 0.8, EVERYWHERE, -1.4, "EV", LIGHT),
    Observation(FindingKind.UNDEREXPOSED, 0.8, EVERYWHERE, -1.4, "EV", {**LIGHT, "back_lit": 1.0}),
    Observation(FindingKind.UNDEREXPOSED, 0.8, EVERYWHERE, -1.4, "EV", {**LIGHT, "key": "low"}),
    Observation(FindingKind.OVEREXPOSED, 0.8, EVERYWHERE, 1.1, "EV", LIGHT),
    Observation(FindingKind.OVEREXPOSED, 0.8, EVERYWHERE, 1.1, "EV", {**LIGHT, "key": "high"}),
    Observation(FindingKind.OVEREXPOSED, 0.8, EVERYWHERE, 1.1, "EV", {**LIGHT, "middle_ev": -1.5}),
    Observation(FindingKind.UNDEREXPOSED, 0.8, EVERYWHERE, -1.4, "EV", {**LIGHT, "headroom_ev": 0}),
    Observation(FindingKind.CLIPPED_HIGHLIGHTS, 0.5, EVERYWHERE, 9.4, "%", CLIPPED),
    Observation(
        FindingKind.CLIPPED_HIGHLIGHTS, 0.5, EVERYWHERE, 9.4, "%", {**CLIPPED, "white": 8.0}
    ),
    Observation(FindingKind.CRUSHED_SHADOWS, 0.5, EVERYWHERE, 22.0, "%", {"place": "bottom"}),
    Observation(FindingKind.LOW_CONTRAST, 0.5, EVERYWHERE, 41.0, "L*", {"black": 30, "white": 71}),
    Observation(FindingKind.LOW_CONTRAST, 0.5, EVERYWHERE, 41.0, "L*", {"black": 57, "white": 98}),
    Observation(FindingKind.LOW_CONTRAST, 0.5, EVERYWHERE, 41.0, "L*", {"black": 2, "white": 43}),
    Observation(
        FindingKind.HARSH_CONTRAST,
        0.5,
        EVERYWHERE,
        99.0,
        "L*",
        {"dark_end": 20.0, "bright_end": 15.0},
    ),
    *(
        Observation(FindingKind.COLOUR_CAST, 0.5, EVERYWHERE, 9.1, "dE", {**CAST, "hue": hue})
        for hue in ("red", "orange", "yellow", "green", "cyan", "blue", "violet", "magenta")
    ),
    Observation(
        FindingKind.OVERSATURATED, 0.5, EVERYWHERE, 88.0, "C*", {"mean": 40.0, "pinned": 17.0}
    ),
    Observation(FindingKind.SOFT_FOCUS, 0.5, EVERYWHERE, 0.31, "%", SOFT),
    *(
        Observation(
            FindingKind.SOFT_FOCUS,
            0.5,
            EVERYWHERE,
            0.31,
            "%",
            {**SOFT, "pattern": "motion", "direction_code": way},
        )
        for way in ("horizontal", "falling", "vertical", "rising")
    ),
    *(
        Observation(FindingKind.NOISE, 0.5, EVERYWHERE, 4.4, "%", {"tone": tone})
        for tone in ("shadows", "midtones", "highlights")
    ),
    *(
        Observation(
            FindingKind.TILTED_HORIZON,
            0.5,
            EVERYWHERE,
            angle,
            "deg",
            {"by": by, "converging": converging},
        )
        for angle, by, converging in product((3.2, -2.1), ("level", "upright"), (0.2, 5.0))
    ),
    Observation(StrengthKind.WELL_EXPOSED, 0.5, EVERYWHERE, 0.2, "EV", {"range_ev": 6.0}),
    *(
        Observation(
            StrengthKind.SHARP,
            0.5,
            EVERYWHERE,
            0.05,
            "%",
            {"extent": extent, "place": "right", "blur_px": width},
        )
        for extent, width in product(("everywhere", "region"), (0.4, 2.2))
    ),
]


@pytest.mark.parametrize("seen", SEEN, ids=lambda seen: seen.kind)
def test_every_observation_has_its_words_and_numbers(seen: Observation) -> None:
    said = words(seen, SAY)
    assert said.short
    assert said.short[0].islower() or not said.short[0].isalpha()
    assert not said.short.endswith(".")
    sentences = [said.sentence, said.headline]
    if isinstance(seen.kind, FindingKind):
        value = finding(seen, SAY)
        assert value.measurement.value == seen.value
        assert value.measurement.text == said.short
        sentences += [value.taking, value.afterwards]
    else:
        assert strength(seen, SAY).measurement.text == said.short
        assert said.turned != said.sentence
        sentences.append(said.turned)
    for sentence in sentences:
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence[0].isdigit()
        assert "{" not in sentence


def test_a_tilt_is_mended_the_way_it_leans() -> None:
    facts = {"by": "level", "converging": 0.0}
    clockwise = words(
        Observation(FindingKind.TILTED_HORIZON, 0.5, EVERYWHERE, 3.0, "deg", facts), SAY
    )
    assert "leans 3° clockwise" in clockwise.short
    assert "Raise the left end" in clockwise.taking
    assert "3° anticlockwise" in clockwise.afterwards
    other = words(Observation(FindingKind.TILTED_HORIZON, 0.5, EVERYWHERE, -3.0, "deg", facts), SAY)
    assert "anticlockwise" in other.short
    assert "Raise the right end" in other.taking
    assert "3° clockwise" in other.afterwards


@pytest.mark.parametrize(("severity", "offered"), [(0.2, False), (0.4, True)])
@pytest.mark.parametrize("angle", [-3.0, 3.0])
def test_a_straightened_crop_is_promised_only_where_one_comes(
    severity: float, offered: bool, angle: float
) -> None:
    facts = {"by": "level", "converging": 0.0}
    seen = Observation(FindingKind.TILTED_HORIZON, severity, EVERYWHERE, angle, "deg", facts)
    assert ("straightened crop" in words(seen, SAY).afterwards) == offered


def test_stops_are_asked_for_in_the_direction_that_helps() -> None:
    dark = words(Observation(FindingKind.UNDEREXPOSED, 0.8, EVERYWHERE, -1.4, "EV", LIGHT), SAY)
    bright = words(Observation(FindingKind.OVEREXPOSED, 0.8, EVERYWHERE, 1.1, "EV", LIGHT), SAY)
    assert "+1.3" in dark.taking
    assert "Set Exposure to +1.3" in dark.afterwards
    assert "to −1," in bright.taking
    assert "Set Exposure to −1 " in bright.afterwards


def test_fault_and_virtue_are_not_mixed_up() -> None:
    with pytest.raises(TypeError):
        finding(SEEN[-1], SAY)
    with pytest.raises(TypeError):
        strength(SEEN[0], SAY)


# ── the mechanism ────────────────────────────────────────────────────────────────────────────────


def messages() -> set[str]:
    """Every sentence that the package says."""
    found = set()
    for file in Path(builtin.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(text)), *_]):
                    found.add(text)
                case ast.Call(func=ast.Name(id="say")):
                    raise AssertionError(f"{file}: {node.lineno} says what no table can know")
    return found


def test_all_sentences_are_found_and_whole() -> None:
    found = messages()
    assert len(found) > 120
    assert all(message == message.strip() and "  " not in message for message in found)


def test_every_table_has_every_sentence_with_the_same_places() -> None:
    for language in LANGUAGES:
        table = translations_for(language)
        for message in messages():
            assert places(table.gettext(message)) == places(message), message


def test_a_table_replaces_what_it_knows_and_leaves_the_rest() -> None:
    table = TableTranslations({"left": "links", "{first} and {last}": "{first} und {last}"})
    assert table.gettext("left") == "links"
    assert table.gettext("right") == "right"


@pytest.mark.parametrize("code", ["en", "en_GB", "xx", ""])
def test_an_unknown_language_is_answered_in_english(code: str) -> None:
    assert wording(code)("at the left") == "at the left"


def test_numbers_and_places_are_written_plainly() -> None:
    assert SAY.percent(0.345, digits=1) == "34.5%"
    assert SAY.percent(-0.0001) == "0%"
    assert SAY.number(-1.25, digits=2, sign=True) == "−1.25"
    assert SAY.number(0.5, sign=True) == "+0.5"
    assert SAY.number(-0.01, sign=True) == "+0.0"
    assert [thirds(SAY, value) for value in (0.05, 0.3, 0.7, 1.0, -1.4, 2.6)] == [
        "0.3",
        "0.3",
        "0.7",
        "1",
        "1.3",
        "2.7",
    ]
    assert thirds(SAY, -0.9, sign=True) == "−1"
    assert stops(SAY, -0.3) == "a third of a stop"
    assert stops(SAY, 1.05) == "one stop"
    assert stops(SAY, 2.6) == "2.7 stops"
    assert [about_stops(SAY, value) for value in (0.1, -1.4, 9)] == [
        "half a stop",
        "a stop and a half",
        "more than three stops",
    ]
    assert [part(SAY, value) for value in (0.004, 0.02, 0.1, 0.34, 0.5, 0.99)] == [
        "0.4%",
        "2%",
        "a tenth",
        "a third",
        "half",
        "nine tenths",
    ]
    assert [slider(SAY, value) for value in (3, -33, 200)] == ["+10", "−35", "+80"]
    assert [degrees(SAY, value) for value in (2.04, -2.06)] == ["2", "2.1"]
    assert listed(SAY, ["a"]) == "a"
    assert listed(SAY, ["a", "b", "c"]) == "a, b and c"
    assert place(SAY, (0.1, 0.9)) == "at the lower left"
    assert place(SAY, (0.1, 0.5)) == "at the left"
    assert place(SAY, (0.35, 0.5)) == "left of the middle"
    assert place(SAY, (0.6, 0.4)) == "above and right of the middle"
    assert place(SAY, (0.5, 0.5)) == "in the middle"
    assert place(SAY, (1.2, -0.3)) == "at the upper right"
    assert pixels(SAY, 0.4) == "less than a pixel"
    assert pixels(SAY, 4.2) == "about 4 pixels"
