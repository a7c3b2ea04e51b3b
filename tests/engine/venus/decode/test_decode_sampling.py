"""Tokens are drawn as transformers draws them."""

import pytest
import torch
from tiny_runs import Tiny
from transformers import GenerationConfig

from engine.stop import never
from engine.venus.decode.prefix import Sight
from engine.venus.decode.sampling import Sampler, Sampling
from engine.venus.decode.shelf import Shelf
from engine.venus.decode.stream import stream
from engine.venus.family import Rgb

SETTINGS = [
    {"do_sample": False},
    {"do_sample": False, "repetition_penalty": 1.3},
    {"do_sample": True},
    {"do_sample": True, "top_k": 0, "top_p": 0.3},
    {"do_sample": True, "top_k": 7, "top_p": 0.8, "temperature": 0.7},
    {"do_sample": True, "top_k": 20, "temperature": 1.6, "repetition_penalty": 1.1},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_one_seed_gives_the_tokens_of_generate(tiny: Tiny, rgb: Rgb, settings: dict) -> None:
    pixels = tiny.processor.pixels(rgb)
    prompt = tiny.processor.prompt((), "How?", pixels)
    # All of them are given: `generate` fills what is not from the model's own.
    plain = {"temperature": 1.0, "top_k": 50, "top_p": 1.0, "repetition_penalty": 1.0}
    config = GenerationConfig(
        max_new_tokens=12, eos_token_id=[], pad_token_id=0, **(plain | settings)
    )
    torch.manual_seed(11)
    expected = tiny.model.generate(
        input_ids=torch.tensor([prompt]),
        pixel_values=pixels.inputs["pixel_values"],
        generation_config=config,
    )[0, len(prompt) :].tolist()

    sampler = Sampler(Sampling.of(config), seed=11)
    sight = Sight(tiny.runner(), pixels, shelf=Shelf())
    answer: list[int] = []
    while len(answer) < 12:
        logits = sight.logits(prompt, answer, stop=never)
        assert logits is not None
        answer.append(sampler.draw(logits, [*prompt, *answer]))

    assert answer == expected


def test_other_seeds_give_other_tokens() -> None:
    logits = torch.zeros(1, 50)
    rows = []
    for seed in (1, 1, 2):
        sampler = Sampler(Sampling(), seed=seed)
        rows.append([sampler.draw(logits, ()) for _ in range(8)])
    assert rows[0] == rows[1] != rows[2]


def test_only_tokens_that_the_settings_leave_are_drawn() -> None:
    logits = torch.tensor([[0.5, 0.25, 0.15, 0.1]]).log()
    for sampling, expected in (
        (Sampling(top_k=2), {0, 1}),
        (Sampling(top_p=0.6), {0, 1}),
        (Sampling(top_p=0.3), {0}),
        (Sampling(temperature=0.05), {0}),
        (Sampling(), {0, 1, 2, 3}),
        (Sampling(sample=False, temperature=9.0), {0}),
        (Sampling(sample=False, repetition_penalty=9.0), {1}),
    ):
        sampler = Sampler(sampling, seed=3)
        before = (0,) if sampling.repetition_penalty > 1 else ()
        assert {sampler.draw(logits, before) for _ in range(200)} == expected, sampling


def test_what_a_checkpoint_leaves_open_is_as_in_transformers() -> None:
    assert Sampling.of(GenerationConfig()) == Sampling(sample=False, top_k=50)
    asked = GenerationConfig(do_sample=True, top_p=0.3, top_k=0)
    assert Sampling.of(asked) == Sampling(top_p=0.3)
    assert not Sampling.of(GenerationConfig(do_sample=True, temperature=0.0)).sample


def test_logits_are_left_as_they_were(tiny: Tiny, rgb: Rgb) -> None:
    logits = torch.randn(1, 40)
    before = logits.clone()
    Sampler(Sampling(top_k=3, repetition_penalty=2.0), seed=0).draw(logits, (1, 2))
    assert torch.equal(logits, before)


def test_a_streamed_answer_is_its_seeds(tiny: Tiny, rgb: Rgb) -> None:
    pixels = tiny.processor.pixels(rgb)
    prompt = tiny.processor.prompt((), "How?", pixels)
    texts = []
    for seed in (5, 5, 6):
        sight = Sight(tiny.runner(), pixels, shelf=Shelf())
        sampler = Sampler(Sampling(temperature=2.0), seed=seed)
        said = stream(sight, tiny.processor, prompt, sampler=sampler, most=20, stop=never)
        texts.append("".join(piece.text for piece in said))
    assert texts[0] == texts[1] != texts[2]
