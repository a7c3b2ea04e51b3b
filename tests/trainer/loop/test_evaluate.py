from dataclasses import replace
from pathlib import Path

import pytest
import tiny_training as tiny
import torch
import trained

from engine.geometry import iou
from engine.stop import never
from engine.vocabulary import Box
from trainer.data.batches import collate
from trainer.data.sample import Exchange, Sample, Verdict
from trainer.loop.evaluate import CROP_IOU, CROPS_READ, LOSS, good_box, spread
from trainer.loop.loss import negative_log_likelihood
from trainer.loop.run import Measured, train
from trainer.loop.stepping import Examples
from trainer.recipe import Batch

RECIPE = tiny.recipe(batch=Batch(devices=1, per_device=2, accumulation=2))


def crop(photo: str, box: Box, **more: Verdict) -> Sample:
    asked = Exchange(question="Crop.", answer="{box}", box=box, **more)
    return Sample(id=f"{photo}{tuple(box)}", photo=photo, task="crop", exchanges=(asked,))


def analysis(photo: str) -> Sample:
    said = Exchange(question="Analyse.", answer="It is dark.")
    return Sample(id=photo, photo=photo, task="t", exchanges=(said,))


def test_the_loss_is_a_mean_over_learnt_tokens(tmp_path: Path) -> None:
    made = trained.ready(tmp_path, RECIPE)
    held_out = made.job.samples[:3]
    made.job.model.train()
    figures = trained.evaluation(made, held_out)(made.job.model)
    assert made.job.model.training
    examples = Examples(held_out, made.job.processor, made.job.root, max_length=2048)
    batch = collate([examples[place] for place in range(3)], padding=0)
    made.job.model.eval()
    with torch.no_grad():
        device = torch.device("cpu")
        arguments = made.job.arguments(batch, device)
        summed = negative_log_likelihood(made.job.model, arguments, batch.labels)
    assert figures == {LOSS: pytest.approx(float(summed) / batch.learnt, rel=1e-5)}


def test_a_model_that_learned_one_box_is_seen_to_give_it(tmp_path: Path) -> None:
    """The whole way: the loop trains, the measure asks, the figures rise."""
    made = trained.ready(tmp_path, tiny.recipe(rate=3e-3, epochs=1))
    learnt, other = Box(0.2, 0.1, 0.8, 0.9), Box(0.0, 0.0, 0.4, 0.5)
    photos = [sample.photo for sample in made.job.samples]
    held_out = (
        crop(photos[6], other),
        crop(photos[6], learnt),
        crop(photos[7], other),
        analysis(photos[7]),
    )
    evaluation = trained.evaluation(made, held_out, most_words=30)
    taught = tuple(crop(photo, learnt) for photo in photos[:6]) * 25
    job = replace(made.job, samples=taught, measure=evaluation, save_every=100)
    before, *_, after = [each for each in train(job, stop=never) if isinstance(each, Measured)]
    assert (before.epoch, after.epoch) == (0, 1)
    assert after.figures[LOSS] < before.figures[LOSS]
    assert after.figures[CROPS_READ] == 1
    # Of two good crops the nearest counts; where the only one lies elsewhere, that is told.
    assert after.figures[CROP_IOU] == pytest.approx((1 + iou(learnt, other)) / 2, abs=0.02)
    assert before.figures[CROP_IOU] < after.figures[CROP_IOU]
    first, second, third = evaluation.answers
    assert (first.photo, first.good) == (photos[6], (other, learnt))
    assert first.overlap == pytest.approx(1, abs=0.02)
    assert second.good == (other,)
    assert (third.question, third.wanted) == ("Analyse.", "It is dark.")
    assert (third.good, third.box) == ((), None)


def test_photos_are_bounded(tmp_path: Path) -> None:
    made = trained.ready(tmp_path, RECIPE)
    held_out = tuple(analysis(sample.photo) for sample in made.job.samples)
    few = trained.evaluation(made, held_out, samples=2, photos=3, shown=5)
    few(made.job.model)
    assert [each.photo for each in few.answers] == ["0.png", "3.png", "6.png"]


@pytest.mark.parametrize("told_at", [0, 1, 3])
def test_it_stops_and_gives_no_figures(tmp_path: Path, told_at: int) -> None:
    made = trained.ready(tmp_path, RECIPE)
    asked = iter(range(1000))
    evaluation = trained.evaluation(made, made.job.samples[:4], stop=lambda: next(asked) >= told_at)
    assert evaluation(made.job.model) == {}
    # Inside an answer it is asked, and then agreed on.
    assert next(asked) in (told_at + 1, told_at + 2)


def test_nothing_held_out_gives_no_figures(tmp_path: Path) -> None:
    made = trained.ready(tmp_path, RECIPE)
    assert trained.evaluation(made, ())(made.job.model) == {}


@pytest.mark.parametrize(
    ("answer", "box"),
    [
        ("<box>(100,200),(900,800)</box>", Box(0.1, 0.2, 0.9, 0.8)),
        ("(100,200),(900,800)", Box(0.1, 0.2, 0.9, 0.8)),
        ("It sits at (100,200),(900,800), calmly.", None),
        ("<box>(900,200),(100,800)</box>", None),
        ("It is dark.", None),
    ],
)
def test_the_authors_crops_stand_in_their_words(answer: str, box: Box | None) -> None:
    said = Exchange(question="Crop.", answer=answer)
    sample = Sample(id="a", photo="a.png", task="release", exchanges=(said,))
    assert good_box(sample) == box


def test_a_box_that_is_asked_about_is_no_answer() -> None:
    box = Box(0.1, 0.2, 0.9, 0.8)
    asked = Exchange(question="Why {box}?", answer="Calm.", box=box, verdict=Verdict.GOOD)
    assert good_box(Sample(id="a", photo="a.png", task="why", exchanges=(asked,))) is None
    assert good_box(crop("a.png", box, verdict=Verdict.GOOD)) == box


def test_a_bounded_choice_is_spread_over_all() -> None:
    assert spread(range(10), 20) == tuple(range(10))
    assert spread(range(10), 5) == (0, 2, 4, 6, 8)
