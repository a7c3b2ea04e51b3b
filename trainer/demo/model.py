"""A Qwen-VL so small that a CPU teaches it in minutes: its vocabulary, its sizes, its beginning."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from engine.venus.families.registry import recognise
from engine.venus.family import Processor
from engine.venus.qwen_vl.chat import SYSTEM
from engine.venus.qwen_vl.configuration import QwenVLConfig
from engine.venus.qwen_vl.image_processor import ImageProcessor
from engine.venus.qwen_vl.loading import load_model, open_checkpoint, save_checkpoint
from engine.venus.qwen_vl.model import QwenVLForCausalLM
from engine.venus.qwen_vl.tokenizer import FILE_NAME, QwenTokenizer
from trainer.demo.beginning import begin
from trainer.demo.render import render
from trainer.demo.scenes import Purpose, scenes
from trainer.demo.words import texts

SIDE: Final = 64
"""Pixels of the square that the model sees."""
QUERIES: Final = 16
_SPREAD: Final = 0.05
"""Standard deviation of random weights."""
_LOOKED_AT: Final = 400
"""Scenes whose patches the eye begins with."""
_TEMPLATE: Final = (SYSTEM, "Picture 1: ", "system\nuser\nassistant\n", "),(", "(,)")
_PIECE: Final = re.compile(r" ?[A-Za-z]+|[^\sA-Za-z0-9]+")
"""How the tokenizer cuts plain English, as far as it is used here."""


def make_checkpoint(folder: Path, *, seed: int) -> None:
    """Write a random model with a vocabulary made of the demo's words."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE_NAME
    file.write_bytes(_vocabulary([*_TEMPLATE, *texts(scenes(Purpose.TAUGHT, 1000))]))
    tokenizer = QwenTokenizer(file, image_tokens=QUERIES)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = QwenVLForCausalLM(_config(tokenizer))
    begin(model.transformer.visual, _pictures())
    # The likeliest token: a config that does not sample at all may not say so beside `top_p`.
    model.generation_config.do_sample = True
    model.generation_config.top_k = 1
    model.generation_config.max_new_tokens = 40
    save_checkpoint(model, folder, tokenizer=tokenizer)


def open_model(folder: Path) -> tuple[QwenVLForCausalLM, Processor]:
    """The model of a checkpoint folder in fp32, and its processor."""
    family = recognise(folder)
    return load_model(open_checkpoint(folder)), family.processor(family.read(folder))


def save_model(model: QwenVLForCausalLM, folder: Path, *, like: Path) -> None:
    """Write a trained model as a checkpoint, its words from the folder that it began as."""
    tokenizer = QwenTokenizer(like / FILE_NAME, image_tokens=QUERIES)
    save_checkpoint(model, folder, tokenizer=tokenizer)


def _pictures() -> Tensor:
    """(pictures, 3, SIDE, SIDE): scenes of the base step as the model is shown them."""
    shown = ImageProcessor(SIDE)
    looked_at = scenes(Purpose.BASE, _LOOKED_AT)
    return torch.from_numpy(np.stack([shown.normalise(render(each, SIDE)) for each in looked_at]))


def _vocabulary(said: Iterable[str]) -> bytes:
    """A tokenizer's file: all bytes, and every piece of the texts as a token of its own."""
    pieces = {piece.encode() for text in said for piece in _PIECE.findall(text)}
    tokens = [bytes([value]) for value in range(256)]
    tokens += sorted(piece for piece in pieces if len(piece) > 1)
    lines = [
        base64.b64encode(token) + b" " + str(rank).encode() for rank, token in enumerate(tokens)
    ]
    return b"\n".join(lines) + b"\n"


def _config(tokenizer: QwenTokenizer) -> QwenVLConfig:
    hidden = 96
    return QwenVLConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        num_hidden_layers=2,
        num_attention_heads=4,
        kv_channels=24,
        # Conversations are short: places that are near are told apart from the beginning.
        rotary_emb_base=1000,
        intermediate_size=384,
        initializer_range=_SPREAD,
        visual={
            "heads": 3,
            "image_size": SIDE,
            "image_start_id": tokenizer.image_start_id,
            "layers": 3,
            "mlp_ratio": 2.0,
            "n_queries": QUERIES,
            "output_dim": hidden,
            "patch_size": 16,
            "width": 96,
        },
    )
