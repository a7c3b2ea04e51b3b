"""Reads a folder of reference numbers made with the original code, whole or as a core.

A whole folder carries all weights. A core leaves out the two matrices of the vocabulary, which
are made again from an integer hash; their sha256 in `weights_meta.json` says that they are right.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from engine.venus.qwen_vl.configuration import QwenVLConfig
from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.image_processor import ImageProcessor
from engine.venus.qwen_vl.model import QwenVLForCausalLM
from engine.venus.qwen_vl.tokenizer import FILE_NAME, QwenTokenizer, image_paths

WHOLE: Final = "model.safetensors"
CORE: Final = "weights_core.safetensors"
HASHED: Final = {"transformer.wte.weight": "wte", "lm_head.weight": "lm"}
"""The matrices that a core leaves out, and their prefix in weights_meta.json."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """A model in fp32, and what the original answered."""

    folder: Path
    model: QwenVLForCausalLM
    tokenizer: QwenTokenizer | None
    end_id: int
    cases: dict[str, Arrays]
    texts: dict[str, Any]
    visual: Arrays

    @property
    def config(self) -> QwenVLConfig:
        return self.model.config

    @property
    def processor(self) -> ImageProcessor:
        return ImageProcessor(self.config.vision.image_size)

    def pixels(self, input_ids: np.ndarray) -> torch.Tensor | None:
        """The pictures that rows of ids name by their paths, as pixel values; None without any."""
        start = self.config.vision.image_start_id
        paths = [path for row in input_ids.tolist() for path in image_paths(row, start=start)]
        pictures = [Image.open(self.folder / path) for path in paths]
        return torch.from_numpy(self.processor(pictures)) if pictures else None


def read_fixture(folder: Path) -> Fixture:
    """The fixture in a folder. Raises CheckpointError when something of it is missing."""
    if not (folder / "config.json").is_file():
        raise CheckpointError(f"{folder} is no fixture: there is no config.json in it")
    config = QwenVLConfig.from_dict(_json(folder / "config.json"))
    generation = _json(folder / "generation_config.json")
    with torch.device("meta"):
        model = QwenVLForCausalLM(config)
    weights = {name: tensor.float() for name, tensor in _weights(folder).items()}
    model.load_state_dict(weights, assign=True, strict=True)
    places = (folder / FILE_NAME, folder.absolute().parent / FILE_NAME)
    ranks = next((place for place in places if place.is_file()), None)
    return Fixture(
        folder=folder,
        model=model.eval(),
        tokenizer=QwenTokenizer(ranks, image_tokens=config.image_tokens) if ranks else None,
        end_id=int(generation.get("eos_token_id", 151643)),
        cases={file.stem: _arrays(file) for file in sorted(folder.glob("case_*.npz"))},
        texts=_json(folder / "cases.json"),
        visual=_arrays(folder / "visual.npz") if (folder / "visual.npz").is_file() else {},
    )


def hashed_matrix(rows: int, columns: int, *, seed: int, std: float) -> np.ndarray:
    """The matrix (rows, columns) of fp16 that FACTS.md's hash makes of a seed."""
    scale = np.float32(std * 12**0.5)
    offset = np.uint64(seed * 0x9E3779B9 % 2**32)
    made = np.empty(rows * columns, dtype=np.float16)
    step = 1 << 22
    for begin in range(0, made.size, step):
        end = min(begin + step, made.size)
        x = (np.arange(begin, end, dtype=np.uint64) + offset).astype(np.uint32)
        x ^= x >> 16
        x *= np.uint32(0x7FEB352D)
        x ^= x >> 15
        x *= np.uint32(0x846CA68B)
        x ^= x >> 16
        centred = (x >> 8).astype(np.float32) / np.float32(2**24) - np.float32(0.5)
        made[begin:end] = (centred * scale).astype(np.float16)
    return made.reshape(rows, columns)


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    if (folder / WHOLE).is_file():
        return load_file(folder / WHOLE)
    if not (folder / CORE).is_file():
        raise CheckpointError(f"{folder} has neither {WHOLE} nor {CORE}")
    weights = load_file(folder / CORE)
    meta = _json(folder / "weights_meta.json")
    for name, prefix in HASHED.items():
        rows, columns = meta["keys"][name]
        matrix = hashed_matrix(
            rows, columns, seed=meta[f"{prefix}_seed"], std=meta[f"{prefix}_std"]
        )
        if hashlib.sha256(matrix.tobytes()).hexdigest() != meta[f"sha256_{prefix}_fp16"]:
            raise CheckpointError(f"{name} came out otherwise than {folder}'s sha256 says")
        weights[name] = torch.from_numpy(matrix)
    return weights


def _json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}


def _arrays(file: Path) -> Arrays:
    with np.load(file, allow_pickle=False) as opened:
        return {name: opened[name] for name in opened.files}
