"""The words of each plan, and a file of one's own over them."""

import re

import pytest

from engine.choice import Wording
from engine.contract import EngineError
from engine.dialogue.notation import NOTATIONS, PLAIN, QWEN3_VL
from engine.dialogue.plans import PROMPTS, language_name, plan

WORDINGS = [each for each in Wording if each is not Wording.AUTO]
PLACES = re.compile(r"\{(\w+)\}")


@pytest.fixture
def own(tmp_path):
    def write(text):
        file = tmp_path / "prompts.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.mark.parametrize("wording", WORDINGS)
@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda each: each.name)
def test_every_plan_has_words_for_everything(wording, notation):
    found = plan(wording, notation=notation)
    for name in PROMPTS:
        words = found.prompt(name).words
        assert words.strip()
        assert "{notation}" not in words
    assert "{box}" in found.why_for.words
    assert "{question}" in found.ask.words


def test_what_the_release_was_trained_on():
    found = plan(Wording.RELEASE, notation=PLAIN)
    assert found.joined
    assert found.impression.words == "How would you rate the aesthetic score of this image?"
    assert found.analysis.words.startswith("Please critically analyze this image")
    assert found.crop.words.startswith("Please provide the bounding box coordinate")
    assert found.why_for.guess
    assert found.why_against.guess
    assert not found.crop.guess


def test_the_paper_asks_in_one_history():
    found = plan(Wording.PAPER, notation=PLAIN)
    assert not found.joined
    assert found.analysis.history == ("impression",)
    assert found.guidance.history == ("impression", "analysis")


def test_base_says_how_boxes_are_written_and_in_which_language():
    found = plan(Wording.BASE, notation=QWEN3_VL)
    assert QWEN3_VL.words in found.crop.words
    asking = ("impression", "analysis", "guidance", "why_for", "why_against", "ask")
    assert all("{language}" in found.prompt(name).words for name in asking)


def test_an_own_file_replaces_single_entries(own):
    file = own('[release.why_for]\nwords = "Explain {box}."\n[release.ask]\nrecalls = []\n')
    shipped, found = (plan(Wording.RELEASE, notation=PLAIN, own=each) for each in (None, file))
    assert found.why_for.words == "Explain {box}."
    assert not found.why_for.guess
    assert found.ask.words == shipped.ask.words
    assert found.ask.recalls == ()
    assert found.why_against == shipped.why_against
    assert plan(Wording.PAPER, notation=PLAIN, own=file) == plan(Wording.PAPER, notation=PLAIN)


def test_an_own_file_may_part_the_joined_answer(own):
    found = plan(Wording.RELEASE, notation=PLAIN, own=own("[release]\njoined = false\n"))
    assert not found.joined


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[release.why_for]\nwords = 'Why?'", "why_for.words lacks {box}"),
        ("[release.crop]\nwords = 'Crop {box}'", "{box}"),
        ("[release.ask]\nwords = 'What?'", "{question}"),
        ("[release.crop]\nwords = ' '", "crop.words is empty"),
        ("[release.crop]\nword = 'Crop'", "unknown keys: word"),
        ("[release.crop]\nwords = 3", "Prompt.words"),
        ("[release]\ncrops = 'x'", "crops"),
        ("[release]\njoined = 'yes'", "joined"),
        ("[release.analysis]\nhistory = ['guidance']", "guidance"),
        ("[release.impression]\nhistory = ['analysis']", "analysis"),
        ("[releases.crop]\nwords = 'Crop'", "table releases"),
        ("release = 1", "no table"),
        ("[release", "cannot be used"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(own, text, named):
    file = own(text)
    with pytest.raises(EngineError) as caught:
        plan(Wording.RELEASE, notation=PLAIN, own=file)
    assert caught.value.code == "bad_prompts"
    assert str(file) in caught.value.reason
    assert named in caught.value.reason


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(EngineError, match="cannot be used"):
        plan(Wording.BASE, notation=PLAIN, own=tmp_path / "none.toml")


def test_a_wording_must_be_chosen():
    with pytest.raises(ValueError, match="chooses"):
        plan(Wording.AUTO, notation=PLAIN)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("en", "English"),
        ("de_AT", "German"),
        ("zh-Hans", "Chinese"),
        ("xx", "the language with the code xx"),
    ],
)
def test_languages_have_names(code, name):
    assert language_name(code) == name
