"""An answer stops within one token, at its stop ids and words, and at its bound."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from tiny_runs import CountingRunner, Tiny

from engine.dialogue.speaker import Said
from engine.stop import never
from engine.venus.decode.figures import Figures
from engine.venus.decode.prefix import Sight
from engine.venus.decode.sampling import Sampler, Sampling
from engine.venus.decode.shelf import Shelf
from engine.venus.decode.stream import stream
from engine.venus.family import Rgb

GREEDY = Sampling(sample=False)


class Speaking:
    """A stream of the likeliest tokens, with all that it is made of."""

    def __init__(self, tiny: Tiny, rgb: Rgb, *, question: str = "How?", **settings) -> None:
        self.runner: CountingRunner = tiny.runner()
        self.pixels = tiny.processor.pixels(rgb)
        self.prompt = tiny.processor.prompt((), question, self.pixels)
        self.sight = settings.pop("sight", None) or Sight(self.runner, self.pixels, shelf=Shelf())
        processor = settings.pop("processor", tiny.processor)
        self.stopped = False
        self.said: Iterator[Said] = stream(
            self.sight,
            processor,
            self.prompt,
            sampler=Sampler(GREEDY, seed=0),
            stop=lambda: self.stopped,
            **{"most": 16} | settings,
        )


def numbered(stop_ids: frozenset[int] = frozenset()) -> SimpleNamespace:
    """A processor whose every token is a number and a space: each can be said at once."""
    return SimpleNamespace(
        decode=lambda ids: "".join(f"{token} " for token in ids), stop_ids=stop_ids
    )


def plain(tiny: Tiny, rgb: Rgb, tokens: int) -> list[int]:
    speaking = Speaking(tiny, rgb)
    return tiny.plain_answer(rgb, speaking.prompt, tokens=tokens)


def test_an_answer_is_the_likeliest_tokens_in_order(any_tiny: Tiny, rgb: Rgb) -> None:
    speaking = Speaking(any_tiny, rgb, processor=numbered(), most=8)
    said = list(speaking.said)
    assert [int(piece.text) for piece in said] == plain(any_tiny, rgb, 8)
    assert [piece.tokens for piece in said] == [1] * 8
    # One call for each token after the prompt's, none for what would come after the last.
    assert speaking.runner.computed[-7:] == [1] * 7
    assert sum(speaking.runner.computed) == len(speaking.prompt) + 7


def test_a_stop_between_two_pieces_computes_nothing_more(any_tiny: Tiny, rgb: Rgb) -> None:
    speaking = Speaking(any_tiny, rgb, processor=numbered())
    next(speaking.said)
    next(speaking.said)
    before = list(speaking.runner.computed)
    speaking.stopped = True
    assert list(speaking.said) == []
    assert speaking.runner.computed == before


@pytest.mark.parametrize("at", [1, 2, 5])
def test_a_stop_while_a_token_is_computed_lets_no_other_follow(
    any_tiny: Tiny, rgb: Rgb, at: int
) -> None:
    speaking = Speaking(any_tiny, rgb, processor=numbered())
    asked = len(speaking.prompt)

    def watch() -> None:
        speaking.stopped = sum(speaking.runner.computed) == asked + at - 1

    speaking.runner.after = watch
    said = list(speaking.said)
    assert len(said) == at - 1
    assert sum(speaking.runner.computed) == asked + at - 1


def test_stop_ids_end_an_answer_and_are_not_said(tiny: Tiny, rgb: Rgb) -> None:
    tokens = plain(tiny, rgb, 12)
    last = next(place for place in range(1, 12) if tokens[place] not in tokens[:place])
    speaking = Speaking(tiny, rgb, processor=numbered(frozenset({tokens[last]})))
    assert [int(piece.text) for piece in speaking.said] == tokens[:last]


def test_a_stop_word_ends_an_answer(tiny: Tiny, rgb: Rgb) -> None:
    tokens = plain(tiny, rgb, 6)
    word = f" {tokens[4]} "
    speaking = Speaking(tiny, rgb, processor=numbered(), stop_words=(word,))
    whole = "".join(f"{token} " for token in tokens)
    assert "".join(piece.text for piece in speaking.said) == whole[: whole.index(word)]
    assert sum(speaking.runner.computed) <= len(speaking.prompt) + 4


def test_no_token_is_lost_when_pieces_hold_several(tiny: Tiny, rgb: Rgb) -> None:
    said = list(Speaking(tiny, rgb, most=30).said)
    assert sum(piece.tokens for piece in said) == 30
    answer = plain(tiny, rgb, 30)
    assert "".join(piece.text for piece in said) == tiny.processor.decode(answer)


def test_two_answers_in_turns_are_each_as_if_alone(any_tiny: Tiny, rgb: Rgb) -> None:
    one = Speaking(any_tiny, rgb, processor=numbered(), most=5)
    other = Speaking(
        any_tiny, rgb, question="Why so?", sight=one.sight, processor=numbered(), most=5
    )
    pairs = list(zip(one.said, other.said, strict=True))
    for place, speaking in enumerate((one, other)):
        expected = any_tiny.plain_answer(rgb, speaking.prompt, tokens=5)
        assert [int(pair[place].text) for pair in pairs] == expected


def test_an_answer_knows_its_pace(tiny: Tiny, rgb: Rgb) -> None:
    seconds = iter(range(0, 1000, 2))
    figures = Figures(clock=lambda: float(next(seconds)))
    assert figures.pace.tokens_per_second is None
    assert len(list(Speaking(tiny, rgb, processor=numbered(), most=6, figures=figures).said)) == 6
    assert figures.pace.first_token == 2.0
    assert figures.pace.tokens_per_second == 0.5
    assert figures.pace.tokens == figures.total_tokens == 6


def test_a_stopped_stream_says_nothing_at_all(tiny: Tiny, rgb: Rgb) -> None:
    speaking = Speaking(tiny, rgb)
    speaking.stopped = True
    assert list(speaking.said) == []
    assert speaking.runner.computed == []
    assert never() is False
