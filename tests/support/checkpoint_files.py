"""Small folders with the shape of checkpoints: true headers, random weights."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random


def safetensors(names: list[str], *, size: int, seed: int = 0) -> bytes:
    """A safetensors file of one float16 tensor a name, of `size` bytes of data in all."""
    each = size // len(names) // 2 * 2
    header = {
        name: {
            "dtype": "F16",
            "shape": [each // 2],
            "data_offsets": [number * each, (number + 1) * each],
        }
        for number, name in enumerate(names)
    }
    raw = json.dumps(header).encode()
    data = Random(seed).randbytes(each * len(names))
    return len(raw).to_bytes(8, "little") + raw + data


def checkpoint(*, size: int = 300_000, shards: int = 2) -> dict[str, bytes]:
    """The files of a Qwen-VL checkpoint in shards, and what a repository has beside them."""
    weights = {
        f"model-{number:05}-of-{shards:05}.safetensors": [f"layer{number}.a", f"layer{number}.b"]
        for number in range(1, shards + 1)
    }
    index = {"weight_map": {name: file for file, names in weights.items() for name in names}}
    files = {
        file: safetensors(names, size=size, seed=number)
        for number, (file, names) in enumerate(weights.items())
    }
    return files | {
        "model.safetensors.index.json": json.dumps(index).encode(),
        "config.json": json.dumps({"model_type": "qwen", "visual": {"layers": 2}}).encode(),
        "qwen.tiktoken": b"aGVsbG8= 0\n",
        "README.md": b"# A model\n",
        "modeling_qwen.py": b"raise SystemExit\n",
        "training_args.bin": b"\x80not weights",
        ".gitattributes": b"*.bin lfs\n",
        "logo.png": b"\x89PNG",
        "checkpoint-100/model.safetensors": b"older",
    }


NEEDED = {
    *("config.json", "README.md", "qwen.tiktoken", "model.safetensors.index.json"),
    *("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"),
}
"""What of `checkpoint()` is to be fetched."""


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Put the files into a new folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
