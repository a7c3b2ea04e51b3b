"""The weight files of a checkpoint folder, one shard at a time: safetensors or torch's `.bin`."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from engine.checkpoints.weights import INDEXES, SHARDS, SINGLES
from engine.venus.qwen_vl.errors import CheckpointError

IGNORED: Final = (
    "training_args.bin",
    "optimizer.bin",
    "optimizer.pt",
    "scheduler.bin",
    "scheduler.pt",
    "rng_state*.pth",
    "scaler.pt",
    "trainer_state.json",
    "zero_to_fp32.py",
    "*.py",
    "global_step*",
    "latest",
)
"""What training leaves beside the weights; never opened, and code is never run."""


@dataclass(frozen=True, slots=True)
class WeightFiles:
    """The shards of one checkpoint, in reading order.

    `named` maps each tensor to its shard where an index says so; empty without an index.
    """

    shards: tuple[Path, ...]
    named: dict[str, str]

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(shard.stat().st_size for shard in self.shards)

    def names(self) -> set[str]:
        """The names of all tensors, none of them read. Raises CheckpointError."""
        return set(self.named) or {name for shard in self.shards for name in shard_names(shard)}

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Every tensor with its name, on the CPU, in its dtype; one shard open at a time.

        A tensor that an index places in another shard is left out here: that shard has it.
        Raises CheckpointError for a shard that cannot be read, and for a name met twice.
        """
        met: dict[str, str] = {}
        for shard in self.shards:
            for name, tensor in read_shard(shard):
                if self.named.get(name, shard.name) != shard.name:
                    continue
                if name in met:
                    raise CheckpointError(f"{name} stands in both {met[name]} and {shard.name}")
                met[name] = shard.name
                yield name, tensor


def find_weights(folder: Path) -> WeightFiles:
    """The weight files of a folder: by index, as a single file, or by the names of shards.

    safetensors go before `.bin`. Raises CheckpointError if there are none or one is missing.
    """
    for index in INDEXES:
        if (folder / index).is_file():
            return _from_index(folder / index)
    for single in SINGLES:
        if (folder / single).is_file():
            return WeightFiles((folder / single,), {})
    for pattern in SHARDS:
        shards = sorted(folder.glob(pattern))
        if shards:
            _refuse_gaps(folder, shards)
            return WeightFiles(tuple(shards), {})
    raise CheckpointError(
        f"no weights in {folder}: looked for {', '.join((*INDEXES, *SINGLES, *SHARDS))}"
    )


def weight_files(folder: Path) -> list[Path]:
    """Every file in the folder that has the name of weights or of their index."""
    names = (*INDEXES, *SINGLES, *SHARDS)
    return sorted({file for name in names for file in folder.glob(name)})


def ignored_files(folder: Path) -> list[str]:
    """Names in the folder that are known and passed over."""
    return sorted(
        file.name for file in folder.iterdir() if any(fnmatch(file.name, name) for name in IGNORED)
    )


def read_shard(shard: Path) -> Iterator[tuple[str, Tensor]]:
    """Names and tensors of one file. `.bin` files may hold tensors only; no code is run."""
    if shard.suffix == ".safetensors":
        yield from _read_safetensors(shard)
    else:
        yield from _read_bin(shard)


def shard_names(shard: Path) -> list[str]:
    """The names in one file."""
    if shard.suffix != ".safetensors":
        return [name for name, _ in _read_bin(shard)]
    try:
        with safe_open(shard, framework="pt") as opened:
            return list(opened.keys())
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{shard} {_what_is_wrong(shard)}") from error


def _from_index(index: Path) -> WeightFiles:
    try:
        named = json.loads(index.read_text("utf-8"))["weight_map"]
        shards = sorted(set(named.values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{index} is not an index of weights: no `weight_map` in it"
        ) from error
    for name in shards:
        if Path(name).name != name:
            raise CheckpointError(f"{index} points out of its folder: {name}")
    missing = [name for name in shards if not (index.parent / name).is_file()]
    if missing:
        raise CheckpointError(
            f"{len(missing)} of {len(shards)} shards are missing in {index.parent}:"
            f" {', '.join(missing)}. Download them again"
        )
    return WeightFiles(tuple(index.parent / name for name in shards), dict(named))


def _refuse_gaps(folder: Path, shards: list[Path]) -> None:
    total = shards[0].stem.rpartition("-of-")[2]
    if not total.isdigit() or int(total) != len(shards):
        raise CheckpointError(
            f"{folder} has {len(shards)} of {total} shards and no index. Download it again"
        )


def _read_safetensors(shard: Path) -> Iterator[tuple[str, Tensor]]:
    try:
        with safe_open(shard, framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118  (not a dict)
                yield name, opened.get_tensor(name)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{shard} {_what_is_wrong(shard)}") from error


def _read_bin(shard: Path) -> Iterator[tuple[str, Tensor]]:
    try:
        # Files from before torch 1.6 are no zip archives and cannot be mapped.
        state = torch.load(
            shard, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(shard)
        )
    except pickle.UnpicklingError as error:
        if _is_pointer(shard):
            raise CheckpointError(f"{shard} {_what_is_wrong(shard)}") from error
        raise CheckpointError(
            f"{shard} holds more than tensors, or is damaged; it was not opened further,"
            " because such a file can run code. Ask for a safetensors copy"
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise CheckpointError(f"{shard} {_what_is_wrong(shard)}") from error
    if not isinstance(state, dict):
        raise CheckpointError(f"{shard} holds a {type(state).__name__}, not named tensors")
    strange = [name for name, value in state.items() if not isinstance(value, Tensor)]
    if strange:
        raise CheckpointError(f"{shard} holds other things than tensors: {', '.join(strange)}")
    yield from state.items()


def _is_pointer(shard: Path) -> bool:
    with shard.open("rb") as opened:
        return opened.read(24).startswith(b"version https://git-lfs")


def _what_is_wrong(shard: Path) -> str:
    if _is_pointer(shard):
        return "is only a pointer of git-lfs: fetch the file itself (git lfs pull)"
    return (
        f"cannot be read: damaged or cut off at {shard.stat().st_size:,} bytes. Download it again"
    )
