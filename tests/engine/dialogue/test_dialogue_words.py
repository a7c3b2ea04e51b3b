"""The sentences of our own: whole, in every language, and true to what they are about."""

import ast
from pathlib import Path

import pytest

from engine.builtin.wording import LANGUAGES, places
from engine.dialogue import words
from engine.dialogue.posterior import Posterior
from engine.dialogue.proposals import Proposal
from engine.dialogue.translations import TABLES
from engine.dialogue.verdict import Verdict
from engine.dialogue.words import judged, not_parted, rationale, unjudged, wording
from engine.vocabulary import WHOLE, Box, Purpose, Size

SHARED = {"{share} at the {side}", "almost nothing"}
"""What the built-in engine's tables say already."""
EN = wording("en")
MANY, ONE = (Posterior.of([Box(0.1, 0.1, 0.9, 0.9)] * count, Size(600, 400)) for count in (32, 1))


def sentences():
    source = ast.parse(Path(words.__file__).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(source):
        match node:
            case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(text)), *_]):
                found.add(text)
            case ast.Call(func=ast.Name(id="say")):
                pytest.fail(f"line {node.lineno} does not say a whole sentence")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_has_every_sentence_with_the_same_places(language):
    said = sentences() - SHARED
    assert len(said) > 10
    assert set(TABLES[language]) == said
    for english, translated in TABLES[language].items():
        assert places(translated) == places(english)
        assert translated != english


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("posterior", [MANY, ONE], ids=["many", "one"])
@pytest.mark.parametrize("first", [True, False])
def test_every_crop_has_a_reason_in_every_language(language, purpose, posterior, first):
    score = None if posterior is ONE else 0.8
    proposal = Proposal(Box(0.2, 0.0, 0.9, 1.0), purpose, score, 0.4)
    said = rationale(proposal, posterior, wording(language), first=first, upright=True)
    assert said
    assert "{" not in said
    if language != "en":
        assert said != rationale(proposal, posterior, EN, first=first, upright=True)


def test_a_reason_names_the_sides_that_go_the_most_first():
    proposal = Proposal(Box(0.05, 0.0, 0.8, 0.99), Purpose.SAFE, 0.813, 1.0)
    assert rationale(proposal, MANY, EN, first=True, upright=False) == (
        "Of all crops it agrees best with 32 that the model drew: it overlaps with them by 81%. It"
        " takes off 20% at the right and 5% at the left."
    )
    whole = Proposal(WHOLE, Purpose.REQUESTED, 0.8, 1.0)
    said = rationale(whole, MANY, EN, first=True, upright=False)
    assert said.endswith("It takes off almost nothing.")


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_every_verdict_is_said(language):
    say = wording(language)
    said = {judged(each, 0.7, 0.9, alone=False, say=say) for each in Verdict}
    said |= {judged(Verdict.FOR, 0.7, 0.9, alone=True, say=say), unjudged(say), not_parted(say)}
    assert len(said) == 6
    assert all("{" not in each for each in said)


def test_nothing_is_better_than_all():
    assert "more than 99% of" in judged(Verdict.FOR, 0.9, 1.0, alone=False, say=EN)


def test_an_unknown_language_is_answered_in_english():
    assert not_parted(wording("xx")) == not_parted(EN)
