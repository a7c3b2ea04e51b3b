"""Texts scored many at a time have the log-likelihoods that they have one by one."""

import pytest
from tiny_runs import Tiny

from engine.stop import never
from engine.venus.decode.likelihood import log_likelihoods
from engine.venus.decode.prefix import Sight
from engine.venus.decode.shelf import Shelf
from engine.venus.family import Rgb

TEXTS = ("<box>(1,2),(300,400)</box>", "Yes", "(0,0),(1,1)", "", "Better light, and less of it.")


@pytest.mark.parametrize("width", [1, 2, 8])
def test_scores_are_those_of_whole_runs(any_tiny: Tiny, rgb: Rgb, width: int) -> None:
    runner = any_tiny.runner()
    pixels = any_tiny.processor.pixels(rgb)
    prompt = any_tiny.processor.prompt((), "Which crop?", pixels)
    texts = [any_tiny.processor.encode(text) for text in TEXTS]
    sight = Sight(runner, pixels, shelf=Shelf())

    found = log_likelihoods(sight, prompt, texts, width=width, stop=never)

    expected = []
    for ids in texts:
        logits = any_tiny.plain_logits(rgb, prompt, ids).log_softmax(-1)
        expected.append(sum(float(logits[place, token]) for place, token in enumerate(ids)))
    assert found == pytest.approx(expected, abs=2e-4)
    assert expected[3] == 0.0
    assert runner.photos == 1


def test_memory_that_is_short_makes_batches_smaller(tiny: Tiny, rgb: Rgb) -> None:
    pixels = tiny.processor.pixels(rgb)
    prompt = tiny.processor.prompt((), "Which crop?", pixels)
    texts = [tiny.processor.encode(text) for text in TEXTS * 2]
    wide = Sight(tiny.runner(), pixels, shelf=Shelf())
    expected = log_likelihoods(wide, prompt, texts, width=10, stop=never)
    runner = tiny.runner()
    tight = Sight(runner, pixels, shelf=Shelf(limit=wide.nbytes + 64 * 1024))
    found = log_likelihoods(tight, prompt, texts, width=10, stop=never)
    assert found == pytest.approx(expected, abs=2e-4)
    assert len(runner.computed) > 3


def test_a_stop_leaves_no_half_of_the_scores(tiny: Tiny, rgb: Rgb) -> None:
    runner = tiny.runner()
    pixels = tiny.processor.pixels(rgb)
    prompt = tiny.processor.prompt((), "Which crop?", pixels)
    texts = [tiny.processor.encode("(0,0)")] * 6
    sight = Sight(runner, pixels, shelf=Shelf())
    stop = lambda: len(runner.computed) >= 2  # noqa: E731  (the prompt, and one batch)
    assert log_likelihoods(sight, prompt, texts, width=2, stop=stop) is None
    assert len(runner.computed) == 2


def test_nothing_to_score_is_no_work(tiny: Tiny, rgb: Rgb) -> None:
    runner = tiny.runner()
    sight = Sight(runner, tiny.processor.pixels(rgb), shelf=Shelf())
    assert log_likelihoods(sight, [1, 2], [], width=4, stop=never) == []
    assert runner.computed == []
