"""Boxes in text: written exactly, read tolerantly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.venus.qwen_vl.boxes import read_boxes, write_box
from engine.vocabulary import Box

edges = st.integers(0, 1000)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("<box>(170,204),(830,913)</box>", (170, 204, 830, 913)),
        (r"<box>(170,204), (830,913)<\box>", (170, 204, 830, 913)),
        ("(1,2),(3,4)", (1, 2, 3, 4)),
        ("crop to ( 1 , 2 ) ( 3 , 4 ) now", (1, 2, 3, 4)),
        ("<box>(830,913),(170,204)</box>", (170, 204, 830, 913)),
        ("<box>(-5,0),(1200,1000)</box>", (0, 0, 1000, 1000)),
        ("<box>(112,84),(871,930)", (112, 84, 871, 930)),
    ],
)
def test_the_ways_a_box_is_written(text, box):
    (found,) = read_boxes(text)
    assert tuple(found.box) == tuple(edge / 1000 for edge in box)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a good photo",
        "(1,2)",
        "(1,2),(3)",
        "1,2,3,4",
        "<box></box>",
        "(5,5),(5,9)",
        "(1.5,2),(3,4)",
    ],
)
def test_what_is_no_box(text):
    assert read_boxes(text) == []


def test_labels_and_places():
    text = "It is <ref> the house </ref><box>(1,2),(3,4)</box> and (5,6),(7,8)."
    first, second = read_boxes(text)
    assert (first.label, second.label) == ("the house", "")
    assert text[first.start : first.end].startswith("<ref>")
    assert text[second.start : second.end] == "(5,6),(7,8)"


@given(left=edges, top=edges, right=edges, bottom=edges, label=st.sampled_from(["", "a house"]))
def test_what_is_written_is_read(left, top, right, bottom, label):
    if left < right and top < bottom:
        box = Box(left / 1000, top / 1000, right / 1000, bottom / 1000)
        (found,) = read_boxes(write_box(box, label=label))
        assert (found.box, found.label) == (box, label)


def test_the_notation():
    box = Box(0.2, 0.5, 0.3, 0.78)
    assert write_box(box, label="the house") == "<ref>the house</ref><box>(200,500),(300,780)</box>"
    assert write_box(box) == "<box>(200,500),(300,780)</box>"


@pytest.mark.parametrize("thin", [Box(0.5, 0.5, 0.5001, 0.5001), Box(0.9999, 0, 1, 1)])
def test_a_thin_box_keeps_an_area(thin):
    (found,) = read_boxes(write_box(thin))
    assert found.box.width > 0


@given(st.text(alphabet="()<>box/ref,0123456789- .", max_size=60))
def test_any_text_yields_boxes_inside_the_photo(text):
    for found in read_boxes(text):
        assert all(0 <= edge <= 1 for edge in found.box)
