"""Whole checkpoints of every family, tiny and random, made in place without any download."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Final

import torch

from engine.venus.qwen_vl.configuration import QwenVLConfig
from engine.venus.qwen_vl.loading import save_checkpoint
from engine.venus.qwen_vl.model import QwenVLForCausalLM
from engine.venus.qwen_vl.tokenizer import FILE_NAME, QwenTokenizer

WORDS: Final = ("user", "assistant", "system", " the", " photo", "Picture", "),(", "Hi")
SPREAD: Final = 0.1
"""Of random weights: wide enough that tokens differ in their logits."""


def make(family_name: str, folder: Path, *, seed: int = 0) -> Path:
    """Write a checkpoint of a family into `folder`, the same for the same seed, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        MAKERS[family_name](folder)
    return folder


def _qwen_vl(folder: Path) -> None:
    tokens = [bytes([value]) for value in range(256)]
    for word in WORDS:
        for end in range(2, len(word) + 1):
            if word.encode()[:end] not in tokens:
                tokens.append(word.encode()[:end])
    lines = [
        base64.b64encode(token) + b" " + str(rank).encode() for rank, token in enumerate(tokens)
    ]
    (folder / FILE_NAME).write_bytes(b"\n".join(lines) + b"\n")
    tokenizer = QwenTokenizer(folder / FILE_NAME, image_tokens=16)
    config = QwenVLConfig(
        vocab_size=len(tokenizer) + 4,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        kv_channels=32,
        intermediate_size=128,
        initializer_range=SPREAD,
        visual={
            "heads": 2,
            "image_size": 56,
            "image_start_id": tokenizer.image_start_id,
            "layers": 2,
            "mlp_ratio": 2.0,
            "n_queries": 16,
            "output_dim": 64,
            "patch_size": 14,
            "width": 32,
        },
    )
    save_checkpoint(QwenVLForCausalLM(config), folder, tokenizer=tokenizer)


MAKERS: Final[dict[str, Callable[[Path], None]]] = {"qwen_vl": _qwen_vl}
"""How each family's checkpoint is made, by the family's name."""
