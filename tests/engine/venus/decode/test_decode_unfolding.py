"""Text comes whole: characters, tags, boxes; and nothing of a stop word."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_runs import Tiny

from engine.venus.decode.unfolding import Unfolding

TEXT = "Das Licht 光线很好 😀👨‍👩‍👧 fällt ein — 构图"


def bytewise(pieces: Sequence[bytes]) -> Callable[[Sequence[int]], str]:
    """A tokenizer of byte pieces, as tiktoken decodes."""
    return lambda ids: b"".join(pieces[token] for token in ids).decode("utf-8", "replace")


def fallback(pieces: Sequence[bytes]) -> Callable[[Sequence[int]], str]:
    """A tokenizer like Llama's: bytes that are no text as a whole are broken one by one, and the
    first space is lost.
    """

    def decode(ids: Sequence[int]) -> str:
        text, run = "", b""
        for piece in [*(pieces[token] for token in ids), None]:
            if piece is not None and len(piece) == 1 and piece[0] >= 128:
                run += piece
                continue
            try:
                text += run.decode()
            except UnicodeDecodeError:
                text += "\N{REPLACEMENT CHARACTER}" * len(run)
            run = b""
            text += "" if piece is None else piece.decode()
        return text.removeprefix(" ")

    return decode


def unfold(
    decode: Callable[[Sequence[int]], str], count: int, stop_words: Sequence[str] = ()
) -> list[str]:
    text = Unfolding(decode, stop_words=stop_words)
    said = []
    for token in range(count):
        said.append(text.add(token))
        if text.ended:
            break
    return [*said, text.end()]


def by_letter(text: str, **settings: Sequence[str]) -> list[str]:
    pieces = [letter.encode() for letter in text]
    return unfold(bytewise(pieces), len(pieces), **settings)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=80), st.text(max_size=30))
def test_characters_come_whole_however_the_bytes_are_cut(sizes: list[int], more: str) -> None:
    whole = (TEXT + more).encode("utf-8", "ignore")
    pieces: list[bytes] = []
    for size in sizes:
        pieces.append(whole[:size])
        whole = whole[size:]
    pieces = [piece for piece in [*pieces, whole] if piece]
    text = b"".join(pieces).decode()
    said = unfold(bytewise(pieces), len(pieces))
    assert "".join(said) == text
    if "\N{REPLACEMENT CHARACTER}" not in text:
        assert not any("\N{REPLACEMENT CHARACTER}" in each for each in said)


@pytest.mark.parametrize("kind", [bytewise, fallback])
def test_bytes_one_by_one_and_words_between(kind: Callable) -> None:
    pieces = [b" The"] + [bytes([each]) for each in "é光😀光".encode()] + [b" end", b"!"]
    said = unfold(kind(pieces), len(pieces))
    expected = b"".join(pieces).decode()
    assert "".join(said).lstrip() == expected.lstrip()
    assert not any("\N{REPLACEMENT CHARACTER}" in each for each in said)
    # Each character is said with its last byte, not later.
    assert [each for each in said if each][1:5] == ["é", "光", "😀", "光"]


def test_bytes_that_never_become_a_character_do_not_hold_back_the_rest() -> None:
    pieces = [b"a", *[b"\x80"] * 9, b"b"]
    said = unfold(bytewise(pieces), len(pieces))
    assert "".join(said) == "a" + "\N{REPLACEMENT CHARACTER}" * 9 + "b"
    assert sum(len(each) for each in said[:8]) > 1


def test_a_cut_character_is_said_at_the_end_as_what_it_is() -> None:
    assert unfold(bytewise([b"a", b"\xe5"]), 2) == ["a", "", "\N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize(
    "box",
    [
        "<box>(1,2),(30,40)</box>",
        "<box>(1,2), (30,40)<\\box>",
        "<ref>the sea</ref>",
        "<|box_start|>(1,2),(3,4)<|box_end|>",
        "<|object_ref_start|>sea<|object_ref_end|>",
    ],
)
def test_a_box_comes_in_one_piece(box: str) -> None:
    said = by_letter(f"Crop to {box}, then")
    assert box in said
    assert "".join(said) == f"Crop to {box}, then"


def test_a_box_that_is_never_closed_comes_late() -> None:
    text = "See <box>(1,2) " + "and so on " * 20
    said = by_letter(text)
    assert "".join(said) == text
    assert said.index(next(each for each in said if "<box>" in each)) < len(text) - 20


@pytest.mark.parametrize("text", ["a < b and c <3", "1<2", "x<y>z", "<", "a<|b", "if a </ b"])
def test_other_angle_brackets_lose_nothing(text: str) -> None:
    assert "".join(by_letter(text)) == text


def test_no_half_tag_is_ever_said() -> None:
    said = by_letter("An <em>odd</em> <strong")
    assert said == [
        *"An ",
        "",
        "",
        "",
        "<em>",
        *"odd",
        *[""] * 4,
        "</em>",
        " ",
        *[""] * 7,
        "<strong",
    ]


@pytest.mark.parametrize("word", ["\nUser:", "</s>", "."])
def test_a_stop_word_ends_the_text_before_it(word: str) -> None:
    said = by_letter(f"Well lit{word} and more", stop_words=["never", word])
    assert "".join(said) == "Well lit"


def test_what_only_begins_like_a_stop_word_is_said() -> None:
    assert "".join(by_letter("a\nUse it\nUs", stop_words=["\nUser:"])) == "a\nUse it\nUs"


def test_every_familys_tokens_give_the_text_that_they_give_at_once(any_tiny: Tiny) -> None:
    processor = any_tiny.processor
    ids = processor.encode(TEXT + " <box>(1,2),(3,4)</box> Hi")
    text = Unfolding(processor.decode)
    said = [*(text.add(token) for token in ids), text.end()]
    assert "".join(said) == processor.decode(ids)
    assert "光线很好 😀" in "".join(said)
    assert not any("\N{REPLACEMENT CHARACTER}" in each for each in said)
