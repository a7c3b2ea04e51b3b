import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_training as tiny
import torch
import trained

from engine.venus.families.registry import recognise
from trainer.data.problem import DataError
from trainer.data.sample import Exchange, Sample
from trainer.loop.learning import let_learn, part_of
from trainer.loop.loss import LossError
from trainer.loop.run import Event, Job, LayoutError, Measured, Saved, Stepped, layout, train
from trainer.loop.state import ResumeError, checkpoints
from trainer.recipe import Batch, Method, Part, Recipe

FULL = tiny.recipe()
LORA = tiny.recipe(method=Method.LORA, parts=(Part.LANGUAGE,))
MICRO_BATCHES = 2 * 3 * 2
"""Of a whole run: two in each of three steps, in each of two epochs."""


def run(job: Job, *, stop_at: int | None = None) -> list[Event]:
    """Train; the stop is asked once a micro-batch, and true from the given time on."""
    asked: Iterator[int] = iter(range(10_000))
    return list(train(job, stop=lambda: stop_at is not None and next(asked) >= stop_at))


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_run_tells_its_steps_its_checkpoints_and_its_figures(tmp_path: Path) -> None:
    events = run(tiny.job(tmp_path, FULL))
    steps = [each for each in events if isinstance(each, Stepped)]
    assert [(each.step, each.of, each.epoch) for each in steps] == [
        (1, 6, 1),
        (2, 6, 1),
        (3, 6, 1),
        (4, 6, 2),
        (5, 6, 2),
        (6, 6, 2),
    ]
    assert [each.epoch for each in events if isinstance(each, Measured)] == [0, 1, 2]
    saved = [each.folder.name for each in events if isinstance(each, Saved)]
    assert saved == ["step-0000002", "step-0000003", "step-0000004", "step-0000006"]
    assert [each.name for each in checkpoints(tmp_path / "run")] == saved[-2:]
    assert steps[-1].loss < steps[0].loss


@pytest.mark.parametrize("chosen", [FULL, LORA], ids=["full", "lora"])
@pytest.mark.parametrize("stop_at", [2, 3, 6, 9])
def test_a_run_that_was_stopped_goes_on_bit_for_bit(
    tmp_path: Path, chosen: Recipe, stop_at: int
) -> None:
    """At a step, inside a window, at the end of an epoch and inside the second one."""
    whole = tiny.job(tmp_path / "whole", chosen)
    run(whole)
    first = run(tiny.job(tmp_path / "parts", chosen), stop_at=stop_at)
    assert isinstance(first[-1], Saved)
    assert sum(isinstance(each, Stepped) for each in first) == stop_at // 2
    second = tiny.job(tmp_path / "parts", chosen)
    events = run(second)
    assert sum(isinstance(each, Stepped) for each in events) == 6 - stop_at // 2
    assert equal(tiny.weights(whole.model), tiny.weights(second.model))


@pytest.mark.parametrize("family", ["llava", "qwen3_vl"])
def test_weights_that_have_no_part_in_the_loss_do_not_hinder_going_on(
    tmp_path: Path, family: str
) -> None:
    """They have no moments, and the checkpoint none of theirs."""
    whole, first, second = (
        trained.ready(tmp_path / name, FULL, family=family).job for name in ("a", "b", "b")
    )
    run(whole)
    run(first, stop_at=5)
    run(second)
    assert equal(tiny.weights(whole.model), tiny.weights(second.model))


def test_a_checkpoint_without_some_weights_is_not_gone_on_from(tmp_path: Path) -> None:
    """Only moments may be missing."""
    language = tiny.recipe(parts=tiny.LANGUAGE)
    run(tiny.job(tmp_path, language), stop_at=5)
    ((kept,), changed) = checkpoints(tmp_path / "run")[-1:], tiny.job(tmp_path, FULL)
    file = kept / "progress.json"
    file.write_text(
        json.dumps({**json.loads(file.read_text("utf-8")), "recipe": repr(changed.recipe)}), "utf-8"
    )
    with pytest.raises(BaseException, match="Missing key"):
        run(changed)


def test_a_run_that_lost_its_process_goes_on_from_the_last_checkpoint(tmp_path: Path) -> None:
    whole = tiny.job(tmp_path / "whole", LORA)
    run(whole)
    for event in train(tiny.job(tmp_path / "parts", LORA), stop=lambda: False):
        if isinstance(event, Stepped) and event.step == 5:
            break  # as if killed: the checkpoint of step 4 is the last
    second = tiny.job(tmp_path / "parts", LORA)
    steps = [each.step for each in run(second) if isinstance(each, Stepped)]
    assert steps == [5, 6]
    assert equal(tiny.weights(whole.model), tiny.weights(second.model))


def test_a_half_written_checkpoint_is_none(tmp_path: Path) -> None:
    run(tiny.job(tmp_path, FULL), stop_at=4)
    newest = checkpoints(tmp_path / "run")[-1]
    (newest / "progress.json").unlink()
    assert newest not in checkpoints(tmp_path / "run")


def changed(job: Job, what: str) -> Job:
    match what:
        case "data":
            return tiny.with_data(job, job.samples[:-1])
        case "seed":
            return replace(job, recipe=replace(job.recipe, seed=1))
        case "rate":
            optimiser = replace(job.recipe.optimiser, learning_rate=2e-3)
            return replace(job, recipe=replace(job.recipe, optimiser=optimiser))
        case _:
            batch = Batch(devices=1, per_device=1, accumulation=4)
            return replace(job, recipe=replace(job.recipe, batch=batch))


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("data", "other data"),
        ("seed", "seed"),
        ("rate", "another recipe"),
        ("batch", "1 and 4"),
    ],
)
def test_another_run_is_refused_in_words(tmp_path: Path, what: str, words: str) -> None:
    run(tiny.job(tmp_path, FULL), stop_at=4)
    with pytest.raises(ResumeError, match=words):
        run(changed(tiny.job(tmp_path, FULL), what))


@pytest.mark.parametrize(
    "parts",
    [tiny.LANGUAGE, tiny.EVERYTHING, (Part.VISION,), (Part.CONNECTOR,)],
    ids=["stage 1", "stage 2", "vision", "connector"],
)
def test_exactly_the_recipes_parts_move(tmp_path: Path, parts: tuple[Part, ...]) -> None:
    job = tiny.job(tmp_path, tiny.recipe(parts=parts, epochs=1))
    before = tiny.weights(job.model)
    run(job)
    after = tiny.weights(job.model)
    layout_of_parts = recognise(tmp_path / "checkpoint").parts(None)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    wanted = {name for name in before if part_of(name, layout_of_parts) in parts}
    wanted -= {"transformer.visual.attn_pool.pos_embed"}  # the original never trains it
    assert moved == wanted


def test_lora_moves_the_adapters_and_nothing_else(tmp_path: Path) -> None:
    job = tiny.job(tmp_path, LORA)
    before = tiny.weights(job.model)
    run(job)
    after = tiny.weights(job.model)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {name for name in before if ".lora_" in name}
    adapted = {name.partition(".lora_")[0].rpartition("h.")[2][2:] for name in moved}
    assert adapted == {"attn.c_attn", "attn.c_proj", "mlp.w1", "mlp.w2"}


def test_a_rate_of_a_millionth_moves_nearly_every_element_of_fp32_weights(tmp_path: Path) -> None:
    one = Batch(devices=1, per_device=1, accumulation=1)
    job = tiny.job(tmp_path, tiny.recipe(rate=1e-6, epochs=1, batch=one), save_every=1000)
    job = tiny.with_data(job, job.samples * 10)
    before = tiny.weights(job.model)
    steps = sum(isinstance(each, Stepped) for each in run(job))
    assert steps == 100
    after = tiny.weights(job.model)
    # Rows of words that no sample has get no gradient, only decay.
    names = [name for name in before if "wte" not in name]
    moved = sum(int((before[name] != after[name]).sum()) for name in names)
    assert moved > 0.99 * sum(before[name].numel() for name in names)


def test_bf16_weights_become_fp32_where_they_learn(tmp_path: Path) -> None:
    model, _ = tiny.load(tmp_path)
    parts = recognise(tmp_path).parts(model.config)
    learner, learning = let_learn(
        model.to(torch.bfloat16), parts, tiny.recipe(parts=(Part.CONNECTOR,))
    )
    kinds = {name: each.dtype for name, each in learner.named_parameters()}
    assert {kinds[name] for name in learning.learns} == {torch.float32}
    assert {kinds[name] for name in learning.stays} == {torch.bfloat16}


def test_a_loss_that_is_not_finite_names_the_samples_and_changes_nothing(tmp_path: Path) -> None:
    job = tiny.job(tmp_path, FULL)
    with torch.no_grad():
        next(iter(job.model.parameters())).fill_(float("nan"))
    events: list[Event] = []
    with pytest.raises(LossError, match=r"\d\.png, \d\.png is nan"):
        events.extend(train(job, stop=lambda: False))
    assert not checkpoints(tmp_path / "run")


def test_a_sample_that_the_photo_fills_is_refused_by_name(tmp_path: Path) -> None:
    chosen = replace(FULL, data=replace(FULL.data, max_length=30))
    with pytest.raises(DataError, match=r"\d\.png: its photo and first question fill"):
        run(tiny.job(tmp_path, chosen))


def test_a_long_answer_loses_its_end_and_never_its_photo(tmp_path: Path) -> None:
    long = Sample(
        id="long", photo="0.png", task="t", exchanges=(Exchange(question="q", answer="a" * 500),)
    )
    chosen = replace(FULL, data=replace(FULL.data, max_length=90), epochs=1)
    job = tiny.with_data(tiny.job(tmp_path, chosen), (long,) * 4)
    steps = [each for each in run(job) if isinstance(each, Stepped)]
    assert [each.tokens for each in steps] == [4 * 90]


def test_the_recipes_batch_stays_whatever_the_processes() -> None:
    recipe = tiny.recipe(batch=Batch(devices=8, per_device=8, accumulation=2))
    for ranks, accumulation in ((1, 16), (2, 8), (8, 2), (16, 1)):
        assert layout(recipe, ranks).accumulation == accumulation
    for ranks in (3, 32):
        with pytest.raises(LayoutError, match="128 samples"):
            layout(recipe, ranks)
