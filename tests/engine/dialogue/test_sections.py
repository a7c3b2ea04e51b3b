"""An answer parted into analysis and guidance while it streams, in any chunks."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dialogue.headings import Section, advice_for
from engine.dialogue.sections import Sections, Unmarked

ANALYSIS, TAKING, AFTERWARDS = Section


def chunked(text, size):
    return [text[at : at + size] for at in range(0, len(text), size)]


def parted(chunks, start=ANALYSIS):
    sections, found = Sections(start), []
    for chunk in chunks:
        found += sections.feed(chunk)
    return found + sections.end()


def texts(pieces):
    return {
        section: "".join(each.text for each in pieces if each.section is section)
        for section in Section
        if any(each.section is section for each in pieces)
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The photo is flat. The sky is empty.\n\n**Suggestions for improvement:**\n"
            "1. Move closer to the tree.\n2. Crop the left side in Lightroom. This removes the"
            " pole.\n3. Wait for better light.",
            {
                ANALYSIS: "The photo is flat. The sky is empty.",
                TAKING: "1. Move closer to the tree.\n3. Wait for better light.",
                AFTERWARDS: "2. Crop the left side in Lightroom. This removes the pole.",
            },
        ),
        (
            "The image is dull. To improve it, use a lower angle. Wait for a cloud.",
            {ANALYSIS: "The image is dull.", TAKING: "To improve it, use a lower angle."
             " Wait for a cloud."},
        ),
        (
            "## Analysis\nIt is good.\n\n## Guidance\nGo lower.\n\n"
            "### Post-processing\nMore light.",
            {ANALYSIS: "It is good.", TAKING: "Go lower.", AFTERWARDS: "More light."},
        ),
        (
            "When taking the photo: Step left.\nAfterwards: Darken the sky.",
            {TAKING: "Step left.", AFTERWARDS: "Darken the sky."},
        ),
        (
            "1. **Analysis:** It tilts.\n2. **Suggestions:** Hold it level.",
            {ANALYSIS: "It tilts.", TAKING: "Hold it level."},
        ),
        ("It tilts.\n**Suggestions**\nHold it level.", {ANALYSIS: "It tilts.",
                                                       TAKING: "Hold it level."}),
        (
            "It tilts. Here are some suggestions: hold it level.\nEditing:\nTurn it.",
            {ANALYSIS: "It tilts.", TAKING: "Here are some suggestions: hold it level.",
             AFTERWARDS: "Turn it."},
        ),
        ("It tilts. Suggestions for the sky: expose less.", {ANALYSIS: "It tilts.",
                                                            TAKING: "expose less."}),
        ("构图不错。建议：靠近主体。后期裁剪右侧。", {ANALYSIS: "构图不错。", TAKING: "靠近主体。",
                                         AFTERWARDS: "后期裁剪右侧。"}),
        ("Es kippt.\nVerbesserungsvorschläge:\nGerade halten.", {ANALYSIS: "Es kippt.",
                                                                TAKING: "Gerade halten."}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_the_usual_forms(text, expected, size):
    assert texts(parted(chunked(text, size))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It works well. Suggestions are hard to give here.",
        "The guidance of the eye is good; it leads in.",
        "Guidance by lines is what this photo has, and it works: the eye follows.",
        "A score of 3.5 of 10, e.g. for this.",
        "Composition: the tree stands in the middle. Light: soft.",
        "Composition: centred.\nEditing: the colours are heavy.\nPost-processing:\nstrong.",
        "1. Light: flat. Suggestion: wait.\n2. Colour: dull. Suggestion: wait longer.",
        "The editing is heavy. Cropping would not help.",
        "",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_what_cannot_be_parted_stays_whole(text, size):
    assert texts(parted(chunked(text, size))) == ({ANALYSIS: text} if text else {})


def test_advice_that_refers_to_the_sentence_before_stays_with_it():
    found = texts(parted(["Crop the left in Lightroom. It disturbs. Step back."], TAKING))
    assert found == {AFTERWARDS: "Crop the left in Lightroom. It disturbs.", TAKING: "Step back."}


@pytest.mark.parametrize(
    ("sentence", "section"),
    [
        ("Crop a third off the sky.", AFTERWARDS),
        ("Raise the shadows slider in Lightroom.", AFTERWARDS),
        ("Use a tripod.", TAKING),
        ("Move closer, or crop it.", TAKING),
        ("A lower viewpoint would help.", TAKING),
        ("Mind the credit and the microcropping.", TAKING),
    ],
)
def test_where_advice_clearly_belongs(sentence, section):
    assert advice_for(sentence) is section


def test_analysis_streams_as_it_comes():
    sections = Sections()
    said = [[each.text for each in sections.feed(chunk)] for chunk in ("The wide", " sky", " is")]
    assert said == [["The wide"], [" sky"], [" is"]]


def test_no_half_heading_is_ever_emitted():
    sections, heading = Sections(), "Suggestions for improvement:"
    sections.feed("It tilts.\n")
    for character in heading:
        assert sections.feed(character) == []
    assert [each.section for each in [*sections.feed(" Hold."), *sections.end()]] == [TAKING]


words = st.sampled_from(
    ["light", "the sky", "crop", "tree", "to improve", "3.5", "e.g.", "this", "Lightroom", "1.",
     "Suggestions", "it", "2)", "*", "“ja”", "天空。", "-",
     "A.", "**x**", "e", "##", "__", "”", "建议", "Tips:", "Here are some suggestions", "IV."]
)  # fmt: skip
ends = st.sampled_from([". ", "! ", "?\n", ".\n\n", "。", ", ", ": "])
sentence = st.tuples(st.lists(words, min_size=1, max_size=5).map(" ".join), ends).map("".join)
heading = st.sampled_from(
    ["Guidance:\n", "**Suggestions**\n", "## Recommendations\n\n", "Suggestions for improvement: ",
     "3. **Post-processing:** ", "Afterwards:\n", "### Analysis\n"]
)  # fmt: skip
answers = st.lists(st.one_of(sentence, heading), max_size=8).map("".join)


def cut(text, places):
    ends = sorted({min(each, len(text)) for each in places} | {0, len(text)})
    return [text[a:b] for a, b in pairwise(ends)]


@settings(deadline=None, max_examples=400)
@given(answers, st.lists(st.integers(0, 300), max_size=30))
def test_the_chunks_make_no_difference(text, places):
    assert texts(parted(cut(text, places))) == texts(parted([text]))


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "Guidance:\n", "**Suggestions**\n", "## Tips\n", "Afterwards:\n"]),
            st.lists(st.sampled_from(["Light is soft.", "Crop it.", "(No!) Yes?", "Go\n- on."]),
                     min_size=1, max_size=4).map(" ".join),
        ),
        max_size=5,
    ),
    st.lists(st.integers(0, 300), max_size=30),
)  # fmt: skip
def test_what_is_emitted_is_the_input_without_its_headings(paragraphs, places):
    text = "\n\n".join(title + body for title, body in paragraphs)
    emitted = "".join(each.text for each in parted(cut(text, places)))
    bodies = "".join(body for _, body in paragraphs)
    assert re.sub(r"\s", "", emitted) == re.sub(r"\s", "", bodies)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=80), st.lists(st.integers(0, 80), max_size=20))
def test_any_text_is_survived_and_chunked_alike(text, places):
    assert texts(parted(cut(text, places))) == texts(parted([text]))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("**Bold** and __bold__.", "Bold and bold."),
        ("## Title\nBody # 1", "Title\nBody # 1"),
        ("* item\n- item\n1. item", "* item\n- item\n1. item"),
        ("#", ""),
        ("a*b*c", "a*b*c"),
        ("#tag", "#tag"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_marks_are_taken_off(text, plain, size):
    unmarked = Unmarked()
    assert "".join(map(unmarked.feed, chunked(text, size))) + unmarked.end() == plain
