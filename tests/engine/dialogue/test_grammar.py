"""The automaton of boxes: what is drawn from it is a box, and every allowed box can be drawn."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dialogue.grammar import LEAST_SIDE, START, BoxGrammar
from engine.dialogue.notation import LLAVA, NOTATIONS, QWEN2_5_VL, QWEN_VL
from engine.vocabulary import Aspect, Box, Size

SEEN, PHOTO = Size(1008, 756), Size(4000, 3000)
ASPECTS = [None, Aspect(1, 1), Aspect(4, 5), Aspect(16, 9), Aspect(1, 8), Aspect(30, 1)]


def pieces_of(grammar, longest=3):
    """Token strings as a vocabulary has them: digits alone and together, tags, characters."""
    numbers = [str(each) for each in range(10**longest)]
    return (
        *sorted(grammar.characters),
        *numbers,
        "),(",
        "]]",
        "0.",
        ", ",
        "</box>",
        "",
        "no",
        "(x",
    )


def drawn(grammar, pieces, seed):
    generator, state, text = random.Random(seed), START, ""
    while not grammar.complete(state):
        piece = grammar.forced(state)
        if not piece:
            choices = np.flatnonzero(grammar.allowed(state, pieces))
            piece = pieces[generator.choice(choices)]
        text += piece
        state = grammar.advance(state, piece)
        assert state is not None
    return text, grammar.box(state)


@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("aspect", ASPECTS, ids=str)
def test_whatever_is_drawn_is_a_box_of_the_photo(notation, aspect):
    grammar = BoxGrammar(notation, SEEN, aspect=aspect, photo=PHOTO)
    pieces = pieces_of(grammar)
    for seed in range(6):
        text, box = drawn(grammar, pieces, seed)
        assert [each.box for each in notation.read(text, SEEN)] == [box]
        assert all(0 <= edge <= 1 for edge in box)
        if aspect is None:
            assert min(box.width, box.height) >= LEAST_SIDE - 1e-9


@pytest.mark.parametrize("aspect", ASPECTS[1:], ids=str)
def test_the_fourth_side_follows_from_three(aspect):
    grammar = BoxGrammar(QWEN_VL, SEEN, aspect=aspect, photo=PHOTO)
    for seed in range(20):
        _, box = drawn(grammar, pieces_of(grammar), seed)
        exact = box.width * PHOTO.width / aspect.ratio / PHOTO.height
        assert abs(box.height - exact) <= 0.5 / 1000 + 1e-9 or box.bottom == 1


def test_forced_digits_come_out_of_the_automaton():
    grammar = BoxGrammar(QWEN_VL, SEEN, aspect=Aspect(4, 3), photo=PHOTO)
    assert grammar.forced(START) == "<box>("
    state = grammar.advance(START, "<box>(100,200),(600,")
    assert state is not None
    assert grammar.forced(state) == "700)</box>"
    end = grammar.advance(state, "700)</box>")
    assert end is not None
    assert grammar.complete(end)
    assert grammar.forced(end) == ""
    assert grammar.box(end) == Box(0.1, 0.2, 0.6, 0.7)


@pytest.mark.parametrize(
    ("written", "following"),
    [
        ("", "<"),
        ("<box>(", "0123456789"),
        ("<box>(0", ","),
        ("<box>(7", ",0123456789"),
        ("<box>(70", ",0"),
        ("<box>(700", ","),
        ("<box>(100,100),(", "1456789"),
        ("<box>(100,100),(4", "0123456789"),
        ("<box>(100,100),(1", "0"),
        ("<box>(100,100),(2", ""),
        ("<box>(100,100),(400", ","),
        ("<box>(700,100),(", "1"),
        ("<box>(700,100),(1", "0"),
    ],
)
def test_which_characters_may_follow(written, following):
    grammar = BoxGrammar(QWEN_VL, SEEN, photo=PHOTO)
    state = grammar.advance(START, written)
    if state is None:
        assert following == ""
        return
    characters = tuple(sorted(grammar.characters))
    mask = grammar.allowed(state, characters)
    assert {each for each, fine in zip(characters, mask, strict=True) if fine} == set(following)


def test_decimals_are_of_fixed_length():
    grammar = BoxGrammar(LLAVA, SEEN, photo=PHOTO)
    for text in ("[0.70, 0.15, 1.00, 0.45]", "[0.00, 0.00, 1.00, 1.00]"):
        state = grammar.advance(START, text)
        assert state is not None
        assert grammar.complete(state)
    for text in ("[.7", "[0.7,", "[0.123", "[0..", "[00", "[0.71", "[1", "[0.10, 0.10, 0.39"):
        assert grammar.advance(START, text) is None


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([QWEN_VL, QWEN2_5_VL, LLAVA]), st.tuples(*[st.floats(0, 1)] * 4))
def test_every_box_that_is_large_enough_can_be_written(notation, edges):
    left, right = sorted(edges[:2])
    top, bottom = sorted(edges[2:])
    slack = 0.02
    if min(right - left, bottom - top) < LEAST_SIDE + slack:
        return
    text = notation.write(Box(left, top, right, bottom), SEEN)
    end = BoxGrammar(notation, SEEN, photo=PHOTO).advance(START, text)
    assert end is not None


def test_nothing_follows_the_end():
    grammar = BoxGrammar(QWEN_VL, SEEN, photo=PHOTO)
    end = grammar.advance(START, "<box>(0,0),(999,999)</box>")
    assert end is not None
    assert not grammar.allowed(end, tuple(sorted(grammar.characters))).any()
    assert grammar.advance(START, "<box>(0,0),(999,999)</box> ") is None
    assert grammar.box(START) is None
