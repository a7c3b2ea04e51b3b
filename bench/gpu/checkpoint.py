"""A Venus-Q of random weights on disk: the released configuration, or one of a few thousand."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from enum import StrEnum
from itertools import count, product
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.venus.families.qwen_vl import QwenVL
from engine.venus.qwen_vl.configuration import QwenVLConfig
from engine.venus.qwen_vl.loading import GENERATION_DEFAULTS, TOKENIZER_DEFAULTS
from engine.venus.qwen_vl.tokenizer import FILE_NAME

SHARD: Final = 2 * 10**9
RANKS: Final = 151_643
"""Of the released vocabulary."""


class Size(StrEnum):
    """FULL: the released configuration, 9.7 billion numbers. TINY: one that a test can load."""

    FULL = "full"
    TINY = "tiny"


_TINY: Final[dict[str, Any]] = {
    "vocab_size": 512,
    "hidden_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "kv_channels": 32,
    "intermediate_size": 256,
}
_TINY_RANKS: Final = 290
_TINY_EYE: Final = {
    "heads": 2,
    "image_size": 56,
    "layers": 2,
    "mlp_ratio": 2.0,
    "n_queries": 16,
    "output_dim": 128,
    "patch_size": 14,
    "width": 64,
}


def write(folder: Path, size: Size, *, seed: int = 0) -> Path:
    """Write the checkpoint, once; random weights in bf16, in shards, with its vocabulary."""
    if (folder / "config.json").is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    ranks = RANKS if size is Size.FULL else _TINY_RANKS
    _write_vocabulary(folder / FILE_NAME, ranks)
    config = _config(size, ranks)
    index: dict[str, str] = {}
    for number, shard in enumerate(_shards(config, seed)):
        name = f"model-{number:05d}.safetensors"
        save_file(shard, folder / name, metadata={"format": "pt"})
        index |= dict.fromkeys(shard, name)
    _json(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": index})
    _json(folder / "tokenizer_config.json", TOKENIZER_DEFAULTS)
    most = 64 if size is Size.FULL else 12
    ends = {"eos_token_id": ranks, "pad_token_id": ranks, "max_new_tokens": most}
    _json(folder / "generation_config.json", {**GENERATION_DEFAULTS, **ends})
    # Last: a folder without it is not taken for a whole one.
    _json(folder / "config.json", config.to_dict())
    return folder


def _config(size: Size, ranks: int) -> QwenVLConfig:
    if size is Size.FULL:
        return QwenVLConfig(dtype="bfloat16")
    eye = {**_TINY_EYE, "image_start_id": ranks + 214}
    return QwenVLConfig(dtype="bfloat16", **_TINY, visual=eye)


def _shards(config: QwenVLConfig, seed: int) -> Iterator[dict[str, Tensor]]:
    """Weights spread as at the start of training, each from its own seed, a shard at a time."""
    with torch.device("meta"):
        shapes = {name: each.shape for name, each in QwenVL().build(config).state_dict().items()}
    shard: dict[str, Tensor] = {}
    for number, (name, shape) in enumerate(shapes.items()):
        shard[name] = _random(name, shape, seed=seed + number)
        if sum(each.nbytes for each in shard.values()) >= SHARD:
            yield shard
            shard = {}
    if shard:
        yield shard


def _random(name: str, shape: torch.Size, *, seed: int) -> Tensor:
    if len(shape) < 2:
        level = 1.0 if "ln" in name and name.endswith("weight") else 0.0
        return torch.full(shape, level, dtype=torch.bfloat16)
    generator = torch.Generator().manual_seed(seed)
    # A million numbers, repeated: drawing ten billion would take longer than all else.
    few = torch.randn(1_000_003, generator=generator).mul_(0.02).to(torch.bfloat16)
    needed = math.prod(shape)
    return few.repeat(needed // few.numel() + 1)[:needed].reshape(shape).clone()


def _write_vocabulary(file: Path, ranks: int) -> None:
    """All single bytes, then made-up words of two and more letters."""
    words = (
        bytes(letters) for length in count(2) for letters in product(range(97, 123), repeat=length)
    )
    tokens = [bytes([value]) for value in range(256)]
    tokens += [next(words) for _ in range(ranks - len(tokens))]
    lines = [
        base64.b64encode(token) + b" " + str(rank).encode() for rank, token in enumerate(tokens)
    ]
    file.write_bytes(b"\n".join(lines) + b"\n")


def _json(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value, indent=2) + "\n", "utf-8")
