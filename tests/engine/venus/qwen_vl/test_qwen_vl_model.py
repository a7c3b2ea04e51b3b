"""Caches, batches, images and chunks: every way to the same logits."""

import json

import pytest
import torch
from transformers import DynamicCache, StaticCache

from engine.venus.qwen_vl.configuration import QwenVLConfig
from engine.venus.qwen_vl.model import QwenVLForCausalLM, register_auto_classes

GREEDY = {"do_sample": False, "max_new_tokens": 16, "eos_token_id": None, "pad_token_id": 0}


def words(count: int, *, seed: int = 1, rows: int = 1) -> torch.Tensor:
    return torch.randint(300, 1400, (rows, count), generator=torch.Generator().manual_seed(seed))


def picture(seed: int) -> torch.Tensor:
    return torch.randn(1, 3, 112, 112, generator=torch.Generator().manual_seed(seed))


def image_span(model: QwenVLForCausalLM) -> torch.Tensor:
    vision = model.config.vision
    inside = [vision.image_pad_id] * vision.n_queries
    return torch.tensor([[vision.image_start_id, *inside, vision.image_end_id]])


def padded(rows: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of different lengths, padded on the left, and their mask."""
    longest = max(row.shape[1] for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for place, row in enumerate(rows):
        ids[place, longest - row.shape[1] :] = row[0]
        mask[place, longest - row.shape[1] :] = 1
    return ids, mask


@pytest.mark.parametrize("length", [20, 60, 130])
def test_a_static_cache_answers_like_a_dynamic_one(model, length):
    ids = words(length)
    dynamic = model.generate(ids, **GREEDY)
    assert torch.equal(model.generate(ids, cache_implementation="static", **GREEDY), dynamic)
    assert torch.equal(model.generate(ids, use_cache=False, **GREEDY)[:, :length], ids)
    own = StaticCache(config=model.config, max_cache_len=length + 16)
    assert torch.equal(model.generate(ids, past_key_values=own, **GREEDY), dynamic)


def test_a_static_cache_can_be_used_again(model):
    cache = StaticCache(config=model.config, max_cache_len=160)
    model.generate(words(130), past_key_values=cache, **GREEDY)
    cache.reset()
    ids = words(20, seed=4)
    again = model.generate(ids, past_key_values=cache, **GREEDY)
    assert torch.equal(again, model.generate(ids, **GREEDY))


def test_a_batch_answers_like_single_rows_at_any_length(model):
    """One row within the first context, one beyond it, one beyond the next: three alphas."""
    rows = [words(12), words(70, seed=2), words(140, seed=3)]
    ids, mask = padded(rows)
    together = model.generate(ids, attention_mask=mask, **GREEDY)
    for place, row in enumerate(rows):
        alone = model.generate(row, **GREEDY)
        assert torch.equal(together[place, -16:], alone[0, -16:])


def test_positions_skip_padding_unless_they_are_given(model):
    ids, mask = padded([words(10), words(18, seed=2)])
    with torch.no_grad():
        skipping = model(ids, attention_mask=mask).logits[0, -1]
        counting = model(ids, attention_mask=mask, position_ids=torch.arange(18)[None])
        alone = model(words(10)).logits[0, -1]
    assert torch.allclose(skipping, alone, atol=2e-5)
    # Rotary positions are relative: within one alpha both ways agree.
    assert torch.allclose(counting.logits[0, -1], alone, atol=2e-5)
    ids, mask = padded([words(10), words(70, seed=2)])
    with torch.no_grad():
        counting = model(ids, attention_mask=mask, position_ids=torch.arange(70)[None])
    assert counting.past_key_values.ntk_alphas == (3.0,)
    assert not torch.allclose(counting.logits[0, -1], alone, atol=1e-2)


def test_alpha_is_frozen_while_decoding_and_kept_with_the_cache(model):
    cache = DynamicCache(config=model.config)
    with torch.no_grad():
        model(words(60), past_key_values=cache)
        model(words(30, seed=2), past_key_values=cache)
    assert cache.ntk_alphas == (1.0,)
    cache.crop(-cache.get_seq_length())
    with torch.no_grad():
        model(words(90), past_key_values=cache)
    assert cache.ntk_alphas == (3.0,)


def test_a_prompt_in_chunks_is_a_whole_prompt(model):
    ids = words(140)
    cache = DynamicCache(config=model.config)
    with torch.no_grad():
        for chunk in ids.split(50, dim=1):
            logits = model(chunk, past_key_values=cache, ntk_alphas=(7.0,)).logits
        whole = model(ids)
    assert whole.past_key_values.ntk_alphas == (7.0,)
    assert torch.allclose(logits[:, -1], whole.logits[:, -1], atol=2e-5)


def test_a_shared_prefix_answers_like_a_whole_prompt(model):
    prefix, questions = words(25), [words(5, seed=2), words(9, seed=3)]
    cache = DynamicCache(config=model.config)
    with torch.no_grad():
        model(prefix, past_key_values=cache)
    for question in questions:
        whole = torch.cat((prefix, question), dim=1)
        made = model.generate(whole, past_key_values=cache, **GREEDY)
        assert torch.equal(made, model.generate(whole, **GREEDY))
        cache.crop(-(cache.get_seq_length() - prefix.shape[1]))


def test_a_cache_filled_elsewhere_is_refused(model):
    with torch.no_grad():
        cache = model(words(9)).past_key_values
    del cache.ntk_alphas
    with pytest.raises(ValueError, match="ntk_alphas"):
        model(words(1), past_key_values=cache)


def test_features_stand_in_for_pixels(model):
    ids = torch.cat((words(3), image_span(model), words(4)), dim=1)
    pixels = picture(1)
    with torch.no_grad():
        features = model.image_features(pixels)
        assert torch.equal(
            model(ids, pixel_values=pixels).logits, model(ids, image_features=features).logits
        )
        other = model(ids, pixel_values=picture(2)).logits
    assert not torch.allclose(model(ids, pixel_values=pixels).logits[:, -1], other[:, -1])
    made = model.generate(ids, pixel_values=pixels, **GREEDY)
    assert torch.equal(made, model.generate(ids, image_features=features, **GREEDY))


def test_the_images_of_a_batch_stay_with_their_rows(model):
    span = image_span(model)
    two = torch.cat((span, words(3), span, words(4)), dim=1)
    one = torch.cat((words(2), span, words(3, seed=2)), dim=1)
    pixels = torch.cat([picture(seed) for seed in (1, 2, 3)])
    ids, mask = padded([two, one])
    made = model.generate(
        ids, attention_mask=mask, pixel_values=pixels, num_return_sequences=2, num_beams=2, **GREEDY
    )
    for place, (row, own) in enumerate(((two, pixels[:2]), (one, pixels[2:]))):
        alone = model.generate(row, pixel_values=own, num_return_sequences=2, num_beams=2, **GREEDY)
        assert torch.equal(made[2 * place : 2 * place + 2, -16:], alone[:, -16:])


def test_spans_and_images_must_match(model):
    span = image_span(model)
    with pytest.raises(ValueError, match="1 image spans, but 2"):
        model(span, pixel_values=torch.cat((picture(1), picture(2))))
    with pytest.raises(ValueError, match="not whole"):
        model(torch.cat((words(3), span[:, :-1]), dim=1), pixel_values=picture(1))
    with pytest.raises(ValueError, match="must be given"):
        model()


def test_an_image_tag_that_the_model_writes_is_a_word(model):
    start = torch.tensor([[model.config.vision.image_start_id]])
    with torch.no_grad():
        cache = model(words(5)).past_key_values
        assert model(start, past_key_values=cache).logits.isfinite().all()


def test_a_decode_step_compiles_in_one_graph(model):
    ids = words(30)
    cache = StaticCache(config=model.config, max_cache_len=40)
    with torch.no_grad():
        prefilled = model(ids, past_key_values=cache, logits_to_keep=1)
        token = prefilled.logits.argmax(-1)
        place = torch.tensor([[30]])
        mask = (torch.arange(40) <= 30)[None, None, None]

        def step(token, place, mask):
            return model(
                token,
                attention_mask=mask,
                position_ids=place,
                past_key_values=cache,
                ntk_alphas=(1.0,),
            ).logits

        compiled = torch.compile(step, backend="eager", fullgraph=True)(token, place, mask)
        plain = model(torch.cat((ids, token), dim=1)).logits[:, -1:]
    assert torch.allclose(compiled, plain, atol=2e-5)


def test_gradient_checkpointing_changes_no_gradient(model):
    ids = words(24)
    model.train()
    model(ids, labels=ids).loss.backward()
    plain = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    model.gradient_checkpointing_enable({"use_reentrant": False})
    out = model(ids, labels=ids)
    out.loss.backward()
    assert out.past_key_values is None
    assert all(torch.equal(dict(model.named_parameters())[n].grad, g) for n, g in plain.items())
    assert not model.transformer.visual.attn_pool.pos_embed.requires_grad


def test_half_precision_stays_half_and_near(model):
    ids = torch.cat((image_span(model), words(20)), dim=1)
    with torch.no_grad():
        exact = model(ids, pixel_values=picture(1)).logits
        half = model.to(torch.bfloat16)(ids, pixel_values=picture(1)).logits
    assert half.dtype == torch.bfloat16
    assert (half.float() - exact).square().mean().sqrt() < 0.1 * exact.std()


def test_the_released_size():
    """853 tensors of 19,313,870,336 bytes in half precision, as the release's index says."""
    with torch.device("meta"):
        model = QwenVLForCausalLM(QwenVLConfig())
    state = model.state_dict()
    assert len(state) == 853
    assert sum(tensor.numel() for tensor in state.values()) * 2 == 19_313_870_336
    assert not dict(model.named_buffers())


def test_the_released_names(shared_reference):
    index = shared_reference / "release_json" / "pytorch_model.bin.index.json"
    config = json.loads((shared_reference / "release_json" / "config.json").read_text())
    with torch.device("meta"):
        model = QwenVLForCausalLM(QwenVLConfig.from_dict(config))
    assert set(model.state_dict()) == set(json.loads(index.read_text())["weight_map"])


def test_auto_classes_open_our_folders(model, tmp_path):
    from transformers import AutoModelForCausalLM

    model.save_pretrained(tmp_path)
    register_auto_classes()
    again = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert type(again) is QwenVLForCausalLM
    assert all(torch.equal(t, again.state_dict()[n]) for n, t in model.state_dict().items())
