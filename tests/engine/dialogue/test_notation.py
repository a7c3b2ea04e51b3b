"""Boxes in text: written exactly in each family's notation, read tolerantly, never invented."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dialogue.notation import (
    INTERNVL,
    LLAVA,
    MINICPM,
    NOTATIONS,
    PAPER,
    PLAIN,
    QWEN2_5_VL,
    QWEN3_VL,
    QWEN_VL,
    raw_numbers,
    steps,
)
from engine.vocabulary import Box, Size

SEEN = Size(1008, 756)
BOX = Box(0.17, 0.25, 0.83, 0.75)
every = pytest.mark.parametrize("notation", NOTATIONS, ids=lambda each: each.name)


def boxes(text, notation=PLAIN):
    return [tuple(each.box) for each in notation.read(text, SEEN)]


@pytest.mark.parametrize(
    ("notation", "plain", "named"),
    [
        (
            QWEN_VL,
            "<box>(170,250),(830,750)</box>",
            "<ref>a cat</ref><box>(170,250),(830,750)</box>",
        ),
        (PAPER, r"<box>(170,250), (830,750)<\box>", r"<box>(170,250), (830,750)<\box>"),
        (LLAVA, "[0.17, 0.25, 0.83, 0.75]", "[0.17, 0.25, 0.83, 0.75]"),
        (
            INTERNVL,
            "<box>[[170, 250, 830, 750]]</box>",
            "<ref>a cat</ref><box>[[170, 250, 830, 750]]</box>",
        ),
        (
            QWEN2_5_VL,
            '{"bbox_2d": [171, 189, 837, 567]}',
            '{"bbox_2d": [171, 189, 837, 567], "label": "a cat"}',
        ),
        (
            QWEN3_VL,
            '{"bbox_2d": [170, 250, 830, 750]}',
            '{"bbox_2d": [170, 250, 830, 750], "label": "a cat"}',
        ),
        (MINICPM, "<box>170 250 830 750</box>", "<ref>a cat</ref><box>170 250 830 750</box>"),
        (PLAIN, "[170, 250, 830, 750]", "[170, 250, 830, 750]"),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_how_each_family_writes_a_box(notation, plain, named):
    assert notation.write(BOX, SEEN) == plain
    assert notation.write(BOX, SEEN, label="a cat") == named
    (found,) = notation.read(f"Here: {named}, of course.", SEEN)
    assert found.label in ("a cat", "")
    assert bool(found.label) == ("a cat" in named)
    assert f"Here: {named}, of course."[found.start : found.end] == named


@every
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_what_is_written_is_read(notation, data):
    across, down = notation.units(SEEN)
    left, right = sorted(data.draw(st.lists(st.integers(0, across), min_size=2, max_size=2)))
    top, bottom = sorted(data.draw(st.lists(st.integers(0, down), min_size=2, max_size=2)))
    if left == right or top == bottom:
        return
    box = Box(left / across, top / down, right / across, bottom / down)
    text = notation.write(box, SEEN)
    assert boxes(text, notation) == [tuple(box)]
    raw = raw_numbers(text)
    assert raw is not None
    assert [round(each * 10**notation.decimals) for each in raw] == [left, top, right, bottom]


@every
@pytest.mark.parametrize("thin", [Box(0.5, 0.5, 0.50001, 0.50001), Box(0.99999, 0, 1, 1)])
def test_a_thin_box_keeps_an_area(notation, thin):
    (found,) = notation.read(notation.write(thin, SEEN), SEEN)
    assert found.box.area > 0


def test_edges_outside_the_photo_are_written_inside():
    assert QWEN_VL.write(Box(-0.2, 0.1, 1.3, 0.9), SEEN) == "<box>(0,100),(1000,900)</box>"
    assert steps(Box(-2, -2, -1, -1), (1000, 1000)) == (0, 0, 1, 1)


@every
def test_any_family_may_write_as_qwen(notation):
    wanted = [(0.17, 0.204, 0.83, 0.913)]
    for text in (
        "<box>(170,204),(830,913)</box>",
        r"<box>(170,204), (830,913)<\box>",
        "<ref>the crop</ref><box>(170, 204), (830, 913)",
        "<|box_start|>(170,204),(830,913)<|box_end|>",
    ):
        assert boxes(text, notation) == wanted


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("(170,204),(830,913)", (170, 204, 830, 913)),
        ("crop to ( 170 , 204 ) ( 830 , 913 ) now", (170, 204, 830, 913)),
        ("<box>(830,913),(170,204)</box>", (170, 204, 830, 913)),
        ("<box>(-5,0),(1200,1000)</box>", (0, 0, 1000, 1000)),
        ("<box>(112,84),(871,930)", (112, 84, 871, 930)),
        ("(112,84),(871,930)</box>", (112, 84, 871, 930)),
        ("[112, 84, 871, 930]", (112, 84, 871, 930)),
        ("112, 84, 871, 930", (112, 84, 871, 930)),
        ("112 84 871 930.", (112, 84, 871, 930)),
        ("The bounding box is 112, 84, 871, 930.", (112, 84, 871, 930)),
        ("The best crop: [871, 930, 112, 84]", (112, 84, 871, 930)),
        ("[[112, 84], [871, 930]]", (112, 84, 871, 930)),
        ("from (112, 84) to (871, 930)", (112, 84, 871, 930)),
        ("top-left (112, 84), bottom-right (871, 930)", (112, 84, 871, 930)),
        ("x1=112, y1=84, x2=871, y2=930", (112, 84, 871, 930)),
        ('{"x_min": 112, "y_min": 84, "x_max": 871, "y_max": 930}', (112, 84, 871, 930)),
        ("left: 0.112, top: 0.084, right: 0.871, bottom: 0.93", (112, 84, 871, 930)),
        ("[0.112, 0.084, 0.871, 0.93]", (112, 84, 871, 930)),
        ("[0.112, 0.084, 1.02, 0.93]", (112, 84, 1000, 930)),
        ('```json\n[{"bbox_2d": [112, 84, 871, 930], "label": "crop"}]\n```', (112, 84, 871, 930)),
        ("坐标（112，84），（871，930）", (112, 84, 871, 930)),
    ],
)
def test_the_ways_a_box_is_written(text, box):
    assert boxes(text) == [tuple(edge / 1000 for edge in box)]


@every
@pytest.mark.parametrize(
    "text",
    [
        "",
        "a good photo",
        "(112,84)",
        "(112,84),(871)",
        "<box></box>",
        "<box>(112,84)</box>",
        "<box>(500,500),(500,900)</box>",
        "The aesthetic score is 7.5 out of 10.",
        "Composition 7, light 8, colour 6, focus 9.",
        "My scores: [7, 8, 6, 9]",
        "My scores are 70, 80, 65, 90 of a hundred.",
        "Scores (8/10), (7/10), (6/10), (9/10)",
        "It was taken on 2024-05-12 at 10:30.",
        "Between 100-200 and 300-400 there is nothing.",
        "Use f/2.8, 1/125 s, ISO 100 and 50 mm, or f/4, 1/60, 200, 35.",
        "Try 16, 35, 50, 85 mm lenses.",
        "The colour is (255, 128, 64, 1).",
        "Take off 10%, 20%, 30%, 40%.",
        "1. Move closer. 2. Wait. 3. Crop. 4. Shoot.",
        "In 1984, 1985, 1986 and 1987 it stood there.",
        "192.168.10.250",
        "1,234,567,890 grains",
    ],
)
def test_what_is_no_box(notation, text):
    assert boxes(text, notation) == []


def test_pixels_are_of_the_picture_that_the_model_sees():
    text = '{"bbox_2d": [252, 189, 1008, 567], "label": "crop"}'
    assert boxes(text, QWEN2_5_VL) == [(0.25, 0.25, 1.0, 0.75)]
    assert boxes(text, QWEN3_VL) == [(0.252, 0.189, 1.0, 0.567)]


def test_a_family_of_fractions_may_have_learnt_thousandths():
    assert boxes("[112, 84, 871, 930]", LLAVA) == [(0.112, 0.084, 0.871, 0.93)]


def test_several_boxes_with_labels_and_places():
    text = "It is <ref> the house </ref><box>(1,2),(3,4)</box> and (50,60),(700,800)."
    first, second = QWEN_VL.read(text, SEEN)
    assert (first.label, second.label) == ("the house", "")
    assert text[first.start : first.end].startswith("<ref>")
    assert text[second.start : second.end] == "(50,60),(700,800)"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("<box>(170,204),(830,913)</box>", (170, 204, 830, 913)),
        ("(830,913),(170,1001)", (830, 913, 170, 1001)),
        ("(-1,-1),(-1,-1)", (-1, -1, -1, -1)),
        ('{"bbox_2d": [1, 2, 3, 4]}', (1, 2, 3, 4)),
        ("x1=10, y1=20.5, x2=30, y2=40 and 50", (10, 20.5, 30, 40)),
        ("100-200, 300-400", (100, 200, 300, 400)),
        ("a score of 7.5 of 10, 3", None),
        ("", None),
    ],
)
def test_the_first_four_numbers_as_they_stand(text, numbers):
    assert raw_numbers(text) == numbers


TAGS = (
    "<box>", "</box>", "<\\box>", "(", ")", "),(", "[", "]", "[[", "]]", ", ", ",", " ", "{", "}",
    '{"bbox_2d": [', '"label": "', "x1", "y1=", "left", "top", "right", "bottom", "<ref>",
    "</ref>", "crop", "to", "-", "−", ".", "%", "/", "\n", "<|box_start|>", "１２", "²", "é", "的",
)  # fmt: skip
NUMBERS = (
    *(str(each) for each in range(-1000, 2000, 37)),
    *(f"{each / 7:.3f}" for each in range(-7, 21)),
    *("0", "1", "7", "99999", "123456789", "1e5", "007", "0.5", ".25", "1000", "1001"),
)
BOXES = tuple(each.write(BOX, SEEN, label="a cat") for each in NOTATIONS)
FRAGMENTS = (TAGS + NUMBERS + BOXES + TAGS)[:256]
answers = st.binary(max_size=12).map(
    lambda codes: "".join(FRAGMENTS[each % len(FRAGMENTS)] for each in codes)
)


@settings(deadline=None, max_examples=10_000)
@given(answers, st.sampled_from(NOTATIONS))
def test_any_answer_yields_boxes_inside_the_photo(text, notation):
    found = notation.read(text, SEEN)
    for each in found:
        assert all(0 <= edge <= 1 for edge in each.box)
        assert 0 <= each.start < each.end <= len(text)
    if len(re.findall(r"\d+(?:\.\d+)?|\.\d+", text)) < 4:
        assert found == []
    raw = raw_numbers(text)
    assert raw is None or len(raw) == 4


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60), st.sampled_from(NOTATIONS))
def test_any_text_at_all_is_read_without_harm(text, notation):
    for each in notation.read(text, SEEN):
        assert all(0 <= edge <= 1 for edge in each.box)
    raw_numbers(text)


@pytest.mark.parametrize(
    "text", ["(" * 3000, "1," * 3000, "[1, 2, 3" * 800, "<box>" * 1000, " " * 5000]
)
def test_long_nonsense_is_read_in_a_moment(text):
    assert boxes(text) == [] or text.startswith("1,")
