"""Every family learns by the trainer's own loop: the right weights, from the right tokens."""

from dataclasses import replace
from pathlib import Path

import pytest
import tiny_training as tiny
import torch
from accelerate import Accelerator
from tiny_checkpoints import MAKERS, make
from transformers import DynamicCache

from trainer.data.batches import Batch, collate
from trainer.data.encode import IGNORED
from trainer.loop.arguments import arguments_of
from trainer.loop.learning import belongs, let_learn, part_of
from trainer.loop.loading import Loaded, load_for
from trainer.loop.loss import negative_log_likelihood, weight
from trainer.loop.run import Job, Stepped, train
from trainer.loop.stepping import Examples
from trainer.recipe import Batch as Samples
from trainer.recipe import Method, Normalisation, Part, Recipe

CPU = torch.device("cpu")
ONE_STEP = Samples(devices=1, per_device=2, accumulation=1)
STAGE_1 = tiny.recipe(parts=tiny.LANGUAGE, epochs=1, batch=ONE_STEP)
STAGE_1_LORA = tiny.recipe(method=Method.LORA, parts=(Part.LANGUAGE,), epochs=1, batch=ONE_STEP)
STAGE_2 = tiny.recipe(parts=tiny.EVERYTHING, epochs=1, batch=ONE_STEP)

IDLE = {
    # It looks at the tower's last layer but one.
    "llava": ("model.vision_tower.encoder.layers.2", "model.vision_tower.post_layernorm"),
    # Speaks to the last of two layers of language, at the photo's own tokens: nobody hears it.
    "qwen3_vl": ("model.visual.deepstack_merger_list.1",),
}
"""Where a family's weights have no part in the loss."""


@pytest.fixture(scope="module", params=list(MAKERS))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp(request.param)
    make(request.param, found / "checkpoint")
    tiny.samples(found / "photos", count=4)
    return found


def loaded(folder: Path, recipe: Recipe = STAGE_2) -> Loaded:
    return load_for(recipe, folder / "checkpoint", CPU)


def batch_of(folder: Path, found: Loaded, *places: int) -> Batch:
    """These samples as a micro-batch."""
    chosen = tiny.samples(folder / "photos")
    made = Examples(chosen, found.processor, folder / "photos", max_length=2048)
    return collate([made[place] for place in places], padding=0)


def test_no_label_stands_on_a_photos_token(folder: Path) -> None:
    found = loaded(folder)
    batch = batch_of(folder, found, 0, 1, 2)
    config = found.source.config
    image = getattr(config, "image_token_id", None)
    if image is None:
        image = config.vision.image_pad_id
    places = batch.ids == image
    assert int(places.sum()) == sum(each.tokens for each in batch.pixels)
    assert bool((batch.labels[places] == IGNORED).all())
    assert batch.learnt > 0


def test_our_loss_is_upstreams_own(folder: Path) -> None:
    """One row, mean over its tokens; and the same with rows of other lengths around it."""
    found = loaded(folder)
    model, arguments = found.model, arguments_of(found.family, found.source.config)
    batch = batch_of(folder, found, 2)
    share = weight(
        Normalisation.MICROBATCH_MEAN, batch, learnt=batch.learnt, accumulation=1, ranks=1
    )
    with torch.no_grad():
        inputs = arguments(batch, CPU)
        ours = negative_log_likelihood(model, inputs, batch.labels) * share
        theirs = model(**inputs, labels=batch.labels, use_cache=False).loss
        together = batch_of(folder, found, 0, 2, 1)
        summed = negative_log_likelihood(model, arguments(together, CPU), together.labels)
        apart = sum(
            negative_log_likelihood(model, arguments(each, CPU), each.labels)
            for each in (batch_of(folder, found, place) for place in (0, 2, 1))
        )
    assert float(ours) == pytest.approx(float(theirs), rel=1e-5)
    assert float(summed) == pytest.approx(float(apart), rel=1e-5)


def test_training_sees_what_the_engine_sees(folder: Path) -> None:
    """The logits of a training batch are those that answers come from: photo, places and all."""
    found = loaded(folder)
    batch = batch_of(folder, found, 0)
    runner = found.family.runner(found.model, found.processor)
    with torch.no_grad():
        inputs = arguments_of(found.family, found.source.config)(batch, CPU)
        trained = found.model(**inputs, use_cache=False).logits
    encoded = runner.encode_image(batch.pixels[0], lambda: False)
    asked = runner.logits(
        runner.inputs(batch.ids, encoded),
        DynamicCache(config=found.model.config),
        total=batch.ids.shape[1],
        last_only=False,
    )
    assert torch.allclose(trained, asked, atol=1e-4)


@pytest.mark.parametrize(
    "recipe", [STAGE_1, STAGE_1_LORA, STAGE_2], ids=["stage 1", "stage 1 lora", "stage 2"]
)
def test_exactly_the_stages_weights_move(folder: Path, tmp_path: Path, recipe: Recipe) -> None:
    found = loaded(folder, recipe)
    learner, learning = let_learn(found.model, found.parts, recipe)
    before = tiny.weights(learner)
    job = Job(
        recipe=recipe,
        model=learner,
        processor=found.processor,
        arguments=arguments_of(found.family, found.source.config),
        padding=0,
        samples=tiny.samples(folder / "photos", count=4),
        root=folder / "photos",
        out=tmp_path,
        measure=tiny.no_figures,
        accelerator=Accelerator(cpu=True),
    )
    events = [each for each in train(job, stop=lambda: False) if isinstance(each, Stepped)]
    assert len(events) == 2
    after = tiny.weights(learner)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    if recipe.method is Method.LORA:
        wanted = {name for name in before if ".lora_" in name}
    else:
        wanted = {name for name in before if part_of(name, found.parts) in recipe.parts}
        wanted -= {"transformer.visual.attn_pool.pos_embed"}  # the original never trains it
    assert wanted == learning.learns and moved <= wanted
    assert all(belongs(name, IDLE.get(found.family.name, ())) for name in wanted - moved)


@pytest.mark.parametrize("recipe", [STAGE_1_LORA, STAGE_2], ids=["lora", "everything"])
def test_gradients_are_the_same_with_and_without_checkpointing(
    folder: Path, recipe: Recipe
) -> None:
    assert recipe.lora is None or recipe.lora.dropout > 0
    wide = gradients(folder, replace(recipe, checkpointing=False))
    spare = gradients(folder, recipe)
    assert wide.keys() == spare.keys()
    for name, each in wide.items():
        assert torch.allclose(each, spare[name], rtol=1e-5, atol=1e-7), name


def gradients(folder: Path, recipe: Recipe) -> dict[str, torch.Tensor]:
    found = loaded(folder, recipe)
    learner, _ = let_learn(found.model, found.parts, recipe)
    learner.train()
    batch = batch_of(folder, found, 0, 1)
    inputs = arguments_of(found.family, found.source.config)(batch, CPU)
    torch.manual_seed(0)
    negative_log_likelihood(learner, inputs, batch.labels).backward()
    return {name: each.grad for name, each in learner.named_parameters() if each.grad is not None}
