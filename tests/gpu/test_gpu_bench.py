"""What `make gpu` does on a card, at tiny size on the CPU: the same code, the same assertions."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.gpu import page
from bench.gpu.answering import measure
from bench.gpu.cases import cases
from bench.gpu.checkpoint import Size, write
from bench.gpu.training import measure_training, training_cases

CASES = cases("cpu")


@pytest.mark.parametrize("case", CASES, ids=[each.name for each in CASES])
def test_a_plan_holds_what_it_foretold_and_answers(tmp_path: Path, case) -> None:
    run = measure(case, write(tmp_path / "venus-q", Size.TINY), tmp_path)
    assert not run.refused
    assert run.weights == run.weights_foretold > 0
    assert run.name in page.answering([run])


def test_a_card_that_is_too_small_is_refused_with_the_reason(tmp_path: Path) -> None:
    small = replace(CASES[0], name="small", card=2**30 + 1)
    run = measure(small, write(tmp_path / "venus-q", Size.TINY), tmp_path)
    assert "memory" in run.refused.lower()
    assert run.refused in page.answering([run])


def test_a_gpu_has_the_smaller_cards_too() -> None:
    assert [each.card // 2**30 for each in cases("cuda") if each.card] == [8, 12, 16, 24]


@pytest.mark.parametrize("case", training_cases("cpu", length=160), ids=lambda each: each.recipe)
def test_training_steps_learn_what_was_foretold(tmp_path: Path, case) -> None:
    run = measure_training(case, write(tmp_path / "venus-q", Size.TINY), tmp_path)
    assert run.learnt > 0 and run.foretold > 0 and run.tokens_a_second > 0
    assert run.rows == (8 if case.recipe == "release-1" else 2)
    assert run.last_loss < run.first_loss
    assert run.name in page.training([run])
