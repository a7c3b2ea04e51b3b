import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.vocabulary import Box
from trainer.page.curves import HEIGHT, WIDTH, Curve, chart, legend, number, thinned
from trainer.page.html import STYLE, Drawn, document, photo, table

SVG = ElementTree.fromstring
LOSS = Curve("training", ((1.0, 3.0), (2.0, 2.0), (3.0, 1.5)))
HELD_OUT = Curve("held out <&>", ((0.0, 3.2), (3.0, 1.8)))


def test_a_chart_is_well_formed_and_says_itself_in_words() -> None:
    drawn = SVG(chart("Loss", [LOSS, HELD_OUT], x="step", y="nats", ident="loss"))
    assert drawn.attrib["role"] == "img"
    named = drawn.attrib["aria-labelledby"].split()
    words = {each.attrib["id"]: each.text or "" for each in drawn if "id" in each.attrib}
    assert words[named[0]] == "Loss"
    assert "training: from 3 to 1.5, least 1.5, largest 3." in words[named[1]]
    assert "held out <&>: from 3.2 to 1.8" in words[named[1]]
    lines = drawn.findall("polyline")
    assert len(lines) == 2
    assert "stroke-dasharray" not in lines[0].attrib
    assert lines[1].attrib["stroke-dasharray"]


def test_a_falling_curve_falls_and_lies_within() -> None:
    drawn = SVG(chart("Loss", [LOSS], x="step", y="nats", ident="a"))
    line = drawn.find("polyline")
    assert line is not None
    places = [tuple(map(float, each.split(","))) for each in line.attrib["points"].split()]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    # Pixels count downwards.
    assert [y for _, y in places] == sorted(y for _, y in places)
    assert places[0][1] < places[-1][1]


finite = st.floats(-1e9, 1e9, allow_subnormal=False)


@given(st.lists(st.tuples(finite, finite), max_size=40))
def test_every_curve_is_drawn_inside_its_chart(points: list[tuple[float, float]]) -> None:
    drawn = SVG(chart("Any", [Curve("any", tuple(sorted(points)))], x="x", y="y", ident="a"))
    for line in drawn.findall("polyline"):
        for each in line.attrib["points"].split():
            x, y = map(float, each.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
    ticks = [each.text for each in drawn.findall("text")]
    assert len(ticks) >= (3 if points else 1)


def test_what_is_not_finite_is_left_out_and_nothing_is_said_so() -> None:
    odd = Curve("odd", ((1.0, float("nan")), (2.0, float("inf"))))
    drawn = SVG(chart("Loss", [odd], x="step", y="nats", ident="a"))
    assert drawn.findall("polyline") == []
    assert [each.text for each in drawn.findall("text")] == ["no figures"]


def test_many_points_are_averaged() -> None:
    points = [(float(x), float(x % 2)) for x in range(10_000)]
    few = thinned(points, most=100)
    assert len(few) == 100
    assert all(y == pytest.approx(0.5) for _, y in few)
    assert few[0][0] == pytest.approx(49.5)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (3.0, "3"), (1e-5, "1.00e-05"), (0.12345, "0.123"), (4_000_000.0, "4.00e+06")],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_a_page_is_well_formed_and_fetches_nothing() -> None:
    grey = np.full((6, 9, 3), 128, np.uint8)
    drawn = photo(grey, [Drawn(Box(0.1, 0.2, 0.5, 0.9), "wanted", 1)], words='A "photo" & a box')
    figures = table("Figures", ["name", "before", "after"], [("loss <nats>", "3.2", "1.8")])
    page = document("A run & its end", [figures, legend([LOSS, HELD_OUT]), drawn])
    root = SVG(page.removeprefix("<!DOCTYPE html>\n"))
    assert root.attrib["lang"] == "en"
    assert not re.search(r"https?://|<script|@import|url\(", page)
    image = next(root.iter("img"))
    assert image.attrib["alt"] == 'A "photo" & a box'
    assert image.attrib["src"].startswith("data:image/jpeg;base64,/9j/")
    box = [each for each in root.iter("rect") if "curve-1" in each.attrib["class"]]
    assert box[0].attrib | {"class": "", "stroke-dasharray": ""} == {
        "class": "",
        "stroke-dasharray": "",
        "x": "10.0",
        "y": "20.0",
        "width": "40.0",
        "height": "70.0",
    }
    cells = [each.attrib.get("class") for each in root.iter("td")]
    assert cells == ["number", "number"]
    assert [each.attrib["scope"] for each in root.iter("th")] == ["col", "col", "col", "row"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_stand_out_from_their_ground(scheme: str) -> None:
    """WCAG 2: 4.5 : 1 for text, 3 : 1 for strokes."""
    light, dark = STYLE.split("@media", 1)
    found = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", light if scheme == "light" else dark))
    assert set(found) == {"text", "quiet", "ground", "line", "c0", "c1", "c2", "c3"}

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [
            each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(name: str) -> float:
        bright, dim = sorted((luminance(found[name]), luminance(found["ground"])), reverse=True)
        return (bright + 0.05) / (dim + 0.05)

    assert min(contrast("text"), contrast("quiet")) >= 4.5
    assert min(contrast(f"c{number}") for number in range(4)) >= 3
