"""One memory for all questions about a photo says what separate runs say."""

import pytest
import torch
from tiny_runs import CountingRunner, Tiny
from torch import Tensor

from engine.contract import EngineError
from engine.dialogue.speaker import Turn
from engine.stop import never
from engine.venus.decode.cache import tensors_of
from engine.venus.decode.prefix import Sight, shared
from engine.venus.decode.shelf import Shelf
from engine.venus.family import Pixels, Rgb

QUESTIONS = (
    ((), "How is the light?"),
    ((), "How is the framing?"),
    ((Turn("How is the framing?", "Tight."),), "Why?"),
    ((), "How is the light?"),
)


def sight_of(
    tiny: Tiny, rgb: Rgb, runner: CountingRunner | None = None, shelf: Shelf | None = None, **more
) -> Sight:
    pixels = tiny.processor.pixels(rgb)
    stem = stem_of(tiny, pixels)
    return Sight(runner or tiny.runner(), pixels, shelf=shelf or Shelf(), stem=stem, **more)


def stem_of(tiny: Tiny, pixels: Pixels) -> int:
    return shared(*(tiny.processor.prompt((), words, pixels) for words in ("a", "(1")))


def prompt_of(tiny: Tiny, sight: Sight, question: str = "Where?", history=()) -> list[int]:
    return tiny.processor.prompt(history, question, sight.pixels)


def logits_of(sight: Sight, prompt: list[int], answer: list[int]) -> Tensor:
    found = sight.logits(prompt, answer, stop=never)
    assert found is not None
    return found


def answer_of(sight: Sight, prompt: list[int], *, tokens: int) -> list[int]:
    answer: list[int] = []
    while len(answer) < tokens:
        answer.append(int(logits_of(sight, prompt, answer).argmax()))
    return answer


def test_questions_on_one_prefix_are_answered_as_in_separate_runs(any_tiny: Tiny, rgb: Rgb) -> None:
    runner = any_tiny.runner()
    sight = sight_of(any_tiny, rgb, runner)
    for history, question in QUESTIONS:
        prompt = prompt_of(any_tiny, sight, question, history)
        assert answer_of(sight, prompt, tokens=6) == any_tiny.plain_answer(rgb, prompt, tokens=6)
    assert runner.photos == 1
    # What all questions begin with, the photo too, was computed for the first one only.
    lengths = [len(prompt_of(any_tiny, sight, words, history)) for history, words in QUESTIONS]
    stem = stem_of(any_tiny, sight.pixels)
    assert stem > sight.pixels.tokens
    assert max(runner.computed[1:]) <= max(lengths) - stem


def test_logits_are_those_of_a_whole_run(any_tiny: Tiny, rgb: Rgb) -> None:
    sight = sight_of(any_tiny, rgb, chunk=16)
    prompt = prompt_of(any_tiny, sight)
    for size in range(3):
        expected = any_tiny.plain_logits(rgb, prompt, prompt[1 : 1 + size])[-1:]
        found = logits_of(sight, prompt, prompt[1 : 1 + size])
        torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-5)


def test_rows_that_share_the_prefix_are_as_if_alone(any_tiny: Tiny, rgb: Rgb) -> None:
    sight = sight_of(any_tiny, rgb)
    prompt = prompt_of(any_tiny, sight)
    logits_of(sight, prompt, [])
    rows = torch.tensor([[40 + row + 3 * place for place in range(4)] for row in range(5)])

    cache = sight.fork(5, 4)
    first = sight.row_logits(rows[:, :2], cache, last_only=False)
    third = sight.row_logits(rows[:, 2:3], cache, written=2)
    fourth = sight.row_logits(rows[:, 3:], cache, written=3)
    found = torch.cat((first, third, fourth), dim=1)

    for row, ids in enumerate(rows.tolist()):
        expected = any_tiny.plain_logits(rgb, prompt, ids)[1:]
        torch.testing.assert_close(found[row], expected, atol=2e-5, rtol=1e-5)


def test_rows_after_a_long_prompt_keep_its_positions(narrow: Tiny, rgb: Rgb) -> None:
    sight = sight_of(narrow, rgb)
    prompt = prompt_of(narrow, sight, "And what would you do about it? " * 4)
    assert len(prompt) > 96
    logits_of(sight, prompt, [])
    found = sight.row_logits(torch.tensor([[65], [66]]), sight.fork(2, 1))
    for row, token in enumerate((65, 66)):
        expected = narrow.plain_logits(rgb, prompt, [token])[1:]
        torch.testing.assert_close(found[row], expected, atol=2e-5, rtol=1e-5)


def test_rows_cost_memory_for_their_suffixes_only(tiny: Tiny, rgb: Rgb) -> None:
    sight = sight_of(tiny, rgb)
    prompt = prompt_of(tiny, sight)
    logits_of(sight, prompt, [])
    config = tiny.model.config
    a_token = 2 * config.num_hidden_layers * config.num_attention_heads * config.kv_channels * 4
    before = sight.nbytes
    assert len(prompt) * a_token <= before <= (len(prompt) + 64) * a_token
    for rows in (1, 8, 48):
        cache = sight.fork(rows, 20)
        sight.row_logits(torch.full((rows, 1), 65), cache)
        assert sum(each.nbytes for each in tensors_of(cache)) == rows * 20 * a_token
        assert sight.nbytes == before


def test_an_answer_taken_up_again_after_another_goes_on_unchanged(any_tiny: Tiny, rgb: Rgb) -> None:
    sight = sight_of(any_tiny, rgb)
    one, other = (prompt_of(any_tiny, sight, words) for words in ("How?", "Where is the sun?"))
    first = answer_of(sight, one, tokens=3)
    assert answer_of(sight, other, tokens=4) == any_tiny.plain_answer(rgb, other, tokens=4)
    again = int(logits_of(sight, one, first).argmax())
    assert [*first, again] == any_tiny.plain_answer(rgb, one, tokens=4)


def test_beyond_the_frozen_context_a_prompt_is_computed_anew(narrow: Tiny, rgb: Rgb) -> None:
    runner = narrow.runner()
    sight = sight_of(narrow, rgb, runner)
    short = prompt_of(narrow, sight, "How?")
    long = prompt_of(narrow, sight, "And what would you do about it? " * 4)
    other = prompt_of(narrow, sight, "And what should one never do there? " * 4)
    assert len(short) < 96 < len(long)
    for prompt in (short, long, other, short, long):
        assert answer_of(sight, prompt, tokens=5) == narrow.plain_answer(rgb, prompt, tokens=5)
    assert runner.photos == 1


def test_an_answer_that_grows_past_the_frozen_context_keeps_its_positions(
    narrow: Tiny, rgb: Rgb
) -> None:
    sight = sight_of(narrow, rgb)
    prompt = prompt_of(narrow, sight, "How is the light?")
    tokens = 96 - len(prompt) + 8
    assert 8 < tokens < 60
    assert answer_of(sight, prompt, tokens=tokens) == narrow.plain_answer(
        rgb, prompt, tokens=tokens
    )


def test_a_stop_ends_a_prefill_between_its_chunks_and_keeps_what_is_done(
    any_tiny: Tiny, rgb: Rgb
) -> None:
    runner = any_tiny.runner()
    sight = sight_of(any_tiny, rgb, runner, chunk=8)
    prompt = prompt_of(any_tiny, sight)
    assert sight.look(never)
    assert sight.logits(prompt, stop=lambda: len(runner.computed) == 2) is None
    # A prefill of a running state pauses once more, where a snapshot is taken.
    assert runner.computed[0] == 8
    assert len(runner.computed) == 2
    expected = any_tiny.plain_answer(rgb, prompt, tokens=1)
    assert int(logits_of(sight, prompt, []).argmax()) == expected[0]
    if not runner.recurrent:
        assert sum(runner.computed) == len(prompt)


def test_a_stop_in_the_vision_tower_leaves_nothing_half_done(any_tiny: Tiny, rgb: Rgb) -> None:
    runner = any_tiny.runner()
    sight = sight_of(any_tiny, rgb, runner)
    prompt = prompt_of(any_tiny, sight)
    assert sight.logits(prompt, stop=lambda: True) is None
    assert runner.computed == []
    assert sight.nbytes == 0
    expected = any_tiny.plain_answer(rgb, prompt, tokens=1)
    assert answer_of(sight, prompt, tokens=1) == expected


def test_a_failure_in_the_model_leaves_no_half_written_memory(any_tiny: Tiny, rgb: Rgb) -> None:
    runner = any_tiny.runner()
    sight = sight_of(any_tiny, rgb, runner)
    prompt = prompt_of(any_tiny, sight)

    def fail() -> None:
        raise RuntimeError("out of memory")

    runner.after = fail
    with pytest.raises(RuntimeError, match="out of memory"):
        sight.logits(prompt, stop=never)
    assert sight.nbytes == 0
    runner.after = lambda: None
    assert answer_of(sight, prompt, tokens=3) == any_tiny.plain_answer(rgb, prompt, tokens=3)


def test_the_photo_unused_for_longest_gives_way(tiny: Tiny, rgb: Rgb) -> None:
    free = sight_of(tiny, rgb)
    logits_of(free, prompt_of(tiny, free), [])
    shelf = Shelf(limit=2 * free.nbytes)
    sights = [sight_of(tiny, rgb[:, ::step], shelf=shelf) for step in (1, -1, 2)]
    for sight in sights:
        logits_of(sight, prompt_of(tiny, sight), [])
    assert shelf.nbytes <= 2 * free.nbytes
    assert [sight.nbytes > 0 for sight in sights] == [False, True, True]
    again = prompt_of(tiny, sights[0])
    expected = tiny.plain_answer(rgb, again, tokens=2)
    assert answer_of(sights[0], again, tokens=2) == expected


def test_rows_are_fewer_where_memory_is_short(tiny: Tiny, rgb: Rgb) -> None:
    sight = sight_of(tiny, rgb)
    logits_of(sight, prompt_of(tiny, sight), [])
    assert sight.widest(24, 10) == 24
    a_token = 2 * 2 * 64 * 4
    tight = sight_of(tiny, rgb, shelf=Shelf(limit=sight.nbytes + 35 * a_token))
    logits_of(tight, prompt_of(tiny, tight), [])
    assert tight.widest(24, 10) == 3
    assert tight.widest(2, 10) == 2


def test_what_never_fits_is_said_in_words(tiny: Tiny, rgb: Rgb) -> None:
    sight = sight_of(tiny, rgb)
    prompt = prompt_of(tiny, sight)
    logits_of(sight, prompt, [])
    tight = sight_of(tiny, rgb, shelf=Shelf(limit=sight.nbytes))
    logits_of(tight, prompt, [])
    with pytest.raises(EngineError) as caught:
        tight.logits(prompt, room=5000, stop=never)
    assert caught.value.code == "memory"
    assert "shorter question" in caught.value.remedy


def test_closing_lets_go_of_everything(tiny: Tiny, rgb: Rgb) -> None:
    shelf = Shelf()
    sight = sight_of(tiny, rgb, shelf=shelf)
    logits_of(sight, prompt_of(tiny, sight), [])
    assert shelf.nbytes > 0
    sight.close()
    assert shelf.nbytes == sight.nbytes == 0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [([], [1], 0), ([1, 2], [1, 2], 2), ([1, 2, 3], [1, 2], 2), ([1, 9, 3], [1, 2, 3], 1)],
)
def test_what_two_sequences_share(one: list[int], other: list[int], expected: int) -> None:
    assert shared(one, other) == shared(other, one) == expected
