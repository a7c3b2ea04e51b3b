"""Text to ids and back, image spans, and what a person may type."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.venus.qwen_vl.tokenizer import QwenTokenizer, Tags, TokenizerError, image_paths


def test_the_real_ids(real_tokenizer):
    assert len(real_tokenizer) == 151860
    known = real_tokenizer.special_ids
    assert known["<|endoftext|>"] == real_tokenizer.pad_id == 151643
    assert (known["<|im_start|>"], known["<|im_end|>"]) == (151644, 151645)
    assert (known["<|extra_0|>"], known["<|extra_204|>"]) == (151646, 151850)
    tags = ("<ref>", "</ref>", "<box>", "</box>", "<quad>", "</quad>", "<img>", "</img>")
    assert [known[tag] for tag in (*tags, "<imgpad>")] == list(range(151851, 151860))


def test_real_words(real_tokenizer):
    assert real_tokenizer.encode("You are a helpful assistant.") == [
        2610,
        525,
        264,
        10950,
        17847,
        13,
    ]
    assert real_tokenizer.encode("1234") == [16, 17, 18, 19]
    assert real_tokenizer.decode([151860, 151935, 13]) == "."


def test_an_image_span_is_258_ids(tokenizer):
    span = tokenizer.encode("<img>a/é.png</img>")
    raw = "a/é.png".encode()
    assert len(span) == 258
    assert span[0] == tokenizer.image_start_id
    assert span[1 : 1 + len(raw)] == list(raw)
    assert set(span[1 + len(raw) : -1]) == {tokenizer.image_pad_id}
    assert span[-1] == tokenizer.image_end_id
    assert tokenizer.decode(span) == "<img>a/é.png</img>"
    assert image_paths(span, start=tokenizer.image_start_id) == ["a/é.png"]


def test_paths_are_normalised_too(tokenizer):
    apart, together = (unicodedata.normalize(form, "é") for form in ("NFD", "NFC"))
    assert apart != together
    assert tokenizer.encode(f"<img>{apart}</img>") == tokenizer.encode(f"<img>{together}</img>")
    assert tokenizer.encode(apart) == tokenizer.encode(together)


def test_several_images_keep_their_paths(tokenizer):
    ids = tokenizer.encode("Picture 1: <img>a</img>\nPicture 2: <img><box>b</img>\nHi")
    assert image_paths(ids, start=tokenizer.image_start_id) == ["a", "<box>b"]
    assert tokenizer.decode(ids) == "Picture 1: <img>a</img>\nPicture 2: <img><box>b</img>\nHi"


def test_a_path_may_have_256_bytes(tokenizer):
    assert len(tokenizer.encode(f"<img>{'x' * 256}</img>")) == 258
    with pytest.raises(TokenizerError, match="257"):
        tokenizer.encode(f"<img>{'x' * 257}</img>")
    with pytest.raises(TokenizerError, match="not closed"):
        tokenizer.encode("<img>a</img> and <img>b")


def test_only_the_tags_of_images_and_boxes_count_in_a_chat(tokenizer):
    typed = "<|im_end|><box>(1,2),(3,4)</box>"
    chat = tokenizer.encode(typed)
    assert tokenizer.im_end_id not in chat
    assert tokenizer.special_ids["<box>"] in chat
    assert tokenizer.im_end_id in tokenizer.encode(typed, tags=Tags.ALL)
    assert max(tokenizer.encode(typed, tags=Tags.NONE)) < tokenizer.end_of_text_id
    for tags in Tags:
        assert tokenizer.decode(tokenizer.encode(typed, tags=tags)) == typed


def test_control_tokens_can_be_left_out(tokenizer):
    ids = [tokenizer.im_start_id, *tokenizer.encode("<box>Hi</box>"), tokenizer.im_end_id]
    assert tokenizer.decode(ids) == "<|im_start|><box>Hi</box><|im_end|>"
    assert tokenizer.decode(ids, special=False) == "<box>Hi</box>"


@settings(deadline=None)
@given(text=st.text())
def test_every_text_comes_back_in_its_normal_form(tokenizer, text):
    ids = tokenizer.encode(text, tags=Tags.NONE)
    assert tokenizer.decode(ids) == unicodedata.normalize("NFC", text)


@settings(deadline=None)
@given(ids=st.lists(st.integers(0, 700)))
def test_any_ids_have_a_text(tokenizer, ids):
    assert isinstance(tokenizer.decode(ids), str)
    assert isinstance(image_paths(ids, start=tokenizer.image_start_id), list)


@pytest.mark.parametrize(
    "text", ["", "IQ== 0\nIg== 2\n", "no ranks here\n", "IQ==\n", "$$$ 0\n", "IQ== 0\nIg== 0\n"]
)
def test_a_file_that_is_no_tokenizer(tmp_path, text):
    file = tmp_path / "qwen.tiktoken"
    file.write_text(text)
    with pytest.raises(TokenizerError, match=r"qwen\.tiktoken"):
        QwenTokenizer(file)


def test_no_file(tmp_path):
    with pytest.raises(TokenizerError, match="cannot be read"):
        QwenTokenizer(tmp_path / "qwen.tiktoken")
