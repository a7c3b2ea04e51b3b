"""Our runners against the upstream models' own forward; chunks, shared prefixes, batches, stops."""

import copy
import itertools

import numpy as np
import pytest
import torch
import transformers

from engine.dialogue.speaker import Turn
from engine.stop import never

HISTORY = [Turn("Hi the photo", "It is a photo. (1,2),(3,4)")]
CLOSE = {"atol": 1e-5, "rtol": 0}


def asked(checkpoint, rgb, question="Why the photo?"):
    """Ids (1, tokens), the photo's pixels and features."""
    pixels = checkpoint.processor.pixels(rgb)
    ids = torch.tensor([checkpoint.processor.prompt(HISTORY, question, pixels)])
    return ids, pixels, checkpoint.runner.encode_image(pixels, never)


def upstream_logits(checkpoint, ids, pixels):
    model = checkpoint.upstream()
    inputs = {name: value for name, value in pixels.inputs.items() if name != "grids"}
    if checkpoint.name != "qwen_vl":
        inputs["mm_token_type_ids"] = (ids == model.config.image_token_id).int()
    if checkpoint.name in ("llava", "internvl", "minicpm_v"):
        del inputs["mm_token_type_ids"]
    try:
        with torch.no_grad():
            return model(input_ids=ids, **inputs).logits
    except RuntimeError:
        if checkpoint.name == "minicpm_v" and transformers.__version__ < "5.23":
            pytest.skip("this transformers cannot encode slices of two sizes itself")
        raise


def whole(checkpoint, inputs):
    count = inputs.embeddings.shape[1]
    return checkpoint.runner.logits(inputs, checkpoint.cache(), total=count, last_only=False)


def test_logits_equal_the_upstream_models(checkpoint, rgb):
    ids, pixels, encoded = asked(checkpoint, rgb)
    assert len(encoded.features) == pixels.tokens
    inputs = checkpoint.runner.inputs(ids, encoded)
    logits = whole(checkpoint, inputs)
    wanted = upstream_logits(checkpoint, ids, pixels)
    assert logits.dtype == torch.float32
    assert wanted.std() > 0.1
    torch.testing.assert_close(logits, wanted, **CLOSE)
    last = checkpoint.runner.logits(inputs, checkpoint.cache(), total=ids.shape[1])
    torch.testing.assert_close(last, wanted[:, -1:], **CLOSE)


def test_the_photo_changes_the_answer(checkpoint, landscape):
    ids, _, encoded = asked(checkpoint, landscape)
    pixels = checkpoint.processor.pixels(np.full_like(landscape, 128))
    grey = checkpoint.runner.encode_image(pixels, never)
    seen, unseen = (
        whole(checkpoint, checkpoint.runner.inputs(ids, each)) for each in (encoded, grey)
    )
    assert (seen - unseen).abs().max() > 1e-3


@pytest.mark.parametrize("step", [1, 7, 64])
def test_prefill_in_chunks(checkpoint, landscape, step):
    ids, _, encoded = asked(checkpoint, landscape)
    runner, count = checkpoint.runner, ids.shape[1]
    inputs = runner.inputs(ids, encoded)
    cache = checkpoint.cache()
    parts = [
        runner.logits(
            runner.part(inputs, start, min(start + step, count)),
            cache,
            total=count,
            last_only=False,
        )
        for start in range(0, count, step)
    ]
    torch.testing.assert_close(torch.cat(parts, 1), whole(checkpoint, inputs), **CLOSE)


def greedy(checkpoint, logits, encoded, cache, *, start, count=8):
    """The likeliest tokens, one after the other."""
    made = [int(logits[0, -1].argmax())]
    for place in range(start, start + count - 1):
        step = checkpoint.runner.inputs(torch.tensor([made[-1:]]), encoded, start=place)
        logits = checkpoint.runner.logits(step, cache, total=place + 1)
        made.append(int(logits[0, -1].argmax()))
    return made


def test_questions_on_one_prefix_equal_separate_runs(checkpoint, landscape):
    questions = ("Why the photo?", "Hi", "the the the photo (1,2)")
    runner = checkpoint.runner
    prompts = [asked(checkpoint, landscape, question)[0] for question in questions]
    encoded = asked(checkpoint, landscape)[2]
    shared = 0
    while all(int(ids[0, shared]) == int(prompts[0][0, shared]) for ids in prompts):
        shared += 1
    image_end = int((runner.inputs(prompts[0], encoded).image[0].nonzero()).max())
    assert shared > image_end

    prefix = checkpoint.cache()
    runner.logits(runner.inputs(prompts[0][:, :shared], encoded), prefix, total=shared)
    for ids in prompts:
        alone = checkpoint.cache()
        count = ids.shape[1]
        separate = runner.logits(runner.inputs(ids, encoded), alone, total=count)
        cache = copy.deepcopy(prefix)
        suffix = runner.inputs(ids[:, shared:], encoded, start=shared)
        joined = runner.logits(suffix, cache, total=count)
        torch.testing.assert_close(joined, separate, **CLOSE)
        assert greedy(checkpoint, joined, encoded, cache, start=count) == greedy(
            checkpoint, separate, encoded, alone, start=count
        )


def test_prompts_of_one_length_side_by_side(checkpoint, landscape):
    rows = [asked(checkpoint, landscape, question)[0] for question in ("abcd", "efgh")]
    encoded = asked(checkpoint, landscape)[2]
    runner = checkpoint.runner
    together = runner.inputs(torch.cat(rows), encoded)
    count = together.embeddings.shape[1]
    middle = count - 9
    cache = checkpoint.cache()
    parts = [
        runner.logits(runner.part(together, start, end), cache, total=count, last_only=False)
        for start, end in ((0, middle), (middle, count))
    ]
    alone = torch.cat([whole(checkpoint, runner.inputs(row, encoded)) for row in rows])
    torch.testing.assert_close(torch.cat(parts, 1), alone, **CLOSE)


def test_only_a_recurrent_cache_cannot_be_cut_back(checkpoint):
    linear = {"linear_attention"} & set(
        getattr(checkpoint.model.config.get_text_config(), "layer_types", None) or ()
    )
    assert checkpoint.runner.recurrent is bool(linear)


def test_a_stop_is_asked_between_the_towers_blocks(checkpoint, landscape):
    pixels = checkpoint.processor.pixels(landscape)
    for allowed in range(3):
        asks = itertools.count()
        stopped = checkpoint.runner.encode_image(
            pixels,
            lambda asks=asks, allowed=allowed: next(asks) >= allowed,
        )
        assert stopped is None
        assert next(asks) == allowed + 1
    first = checkpoint.runner.encode_image(pixels, never)
    again = checkpoint.runner.encode_image(pixels, never)
    assert torch.equal(first.features, again.features)
    hooks = [module for module in checkpoint.model.modules() if module._forward_pre_hooks]
    assert hooks == []


def test_a_prompt_for_another_photo_is_refused(checkpoint, landscape):
    ids, _, encoded = asked(checkpoint, landscape)
    one_short = type(encoded)(features=encoded.features[1:])
    with pytest.raises(ValueError, match="image tokens"):
        checkpoint.runner.inputs(ids, one_short)


def test_an_image_tag_that_the_model_writes_itself_shows_nothing(checkpoint, landscape):
    ids, _, encoded = asked(checkpoint, landscape)
    image = checkpoint.runner.inputs(ids, encoded).image
    token = ids[image][:1]
    later = checkpoint.runner.inputs(token[None], encoded, start=ids.shape[1])
    assert later.image is None
    assert later.positions.shape[-2:] == (1, 1)
