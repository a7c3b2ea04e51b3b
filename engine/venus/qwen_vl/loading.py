"""Opens a checkpoint folder of this machine, and writes one: no network, none of its code."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import torch
from torch import Tensor
from transformers import GenerationConfig

from engine.venus.qwen_vl.adapter import Adapter, is_adapter, read_adapter, recorded_base
from engine.venus.qwen_vl.configuration import QwenVLConfig, is_qwen_vl
from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.image_processor import ImageProcessor
from engine.venus.qwen_vl.model import QwenVLForCausalLM
from engine.venus.qwen_vl.tokenizer import FILE_NAME, QwenTokenizer
from engine.venus.qwen_vl.weights import (
    WeightFiles,
    find_weights,
    ignored_files,
    weight_files,
)

GENERATION_DEFAULTS: Final[dict[str, Any]] = {
    "chat_format": "chatml",
    "do_sample": True,
    "eos_token_id": 151643,
    "max_new_tokens": 512,
    "max_window_size": 6144,
    "pad_token_id": 151643,
    "top_k": 0,
    "top_p": 0.3,
}
"""Qwen-VL-Chat's generation_config.json."""

TOKENIZER_DEFAULTS: Final[dict[str, Any]] = {
    "model_max_length": 8192,
    "tokenizer_class": "QWenTokenizer",
}
"""Qwen-VL-Chat's tokenizer_config.json, without the names of its code."""

COMPUTED: Final = (".inv_freq", ".logn_tensor", ".attn.bias", ".attn.masked_bias")
"""Ends of names of tables that old copies carry and that are worked out anew here."""

Convert = Callable[[str, Tensor], Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A folder, understood but not yet loaded; `notes` say what was filled in or passed over."""

    folder: Path
    config: QwenVLConfig
    generation_config: GenerationConfig
    tokenizer_file: Path | None
    weights: WeightFiles
    adapter: Adapter | None
    notes: tuple[str, ...]

    def tokenizer(self) -> QwenTokenizer:
        """The tokenizer. Raises CheckpointError if its file is nowhere to be found."""
        if self.tokenizer_file is None:
            raise CheckpointError(
                f"{self.folder} has no {FILE_NAME}: copy it from any Qwen-VL-Chat folder"
            )
        return QwenTokenizer(self.tokenizer_file, image_tokens=self.config.image_tokens)

    def image_processor(self) -> ImageProcessor:
        return ImageProcessor(self.config.vision.image_size)


def open_checkpoint(folder: Path, *, base: Path | None = None) -> Checkpoint:
    """Read everything of a checkpoint but its weights.

    `base` is the folder of the whole model when `folder` holds a LoRA adapter; left out, the
    path that the adapter recorded is taken if it is a folder here. Raises CheckpointError.
    """
    folders = [folder]
    adapter = None
    if not folder.is_dir():
        raise CheckpointError(f"there is no folder {folder}")
    if is_adapter(folder):
        folders.append(_base_of(folder, base))
        adapter = read_adapter(folder)
    notes: list[str] = []
    config = _read_config(folders, notes)
    passed_over = sorted({name for each in folders for name in ignored_files(each)})
    if passed_over:
        notes.append(f"passed over: {', '.join(passed_over)}")
    return Checkpoint(
        folder=folder,
        config=config,
        generation_config=_read_generation_config(folders, notes),
        tokenizer_file=_find_tokenizer(folders, notes),
        weights=find_weights(folders[-1]),
        adapter=adapter,
        notes=tuple(notes),
    )


def load_model(
    checkpoint: Checkpoint,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
    convert: Convert | None = None,
) -> QwenVLForCausalLM:
    """The model in eval mode, every tensor from the checkpoint, an adapter merged.

    `convert` (name, tensor → tensor) replaces the plain cast to `dtype` on `device`. Raises
    CheckpointError naming every key that is missing, left over or of another shape.
    """
    config = deepcopy(checkpoint.config)
    if convert is None:
        config.dtype = dtype
    with torch.device("meta"):
        model = QwenVLForCausalLM(config)
    place = convert or (lambda _name, tensor: tensor.to(device=device, dtype=dtype))
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    if checkpoint.weights.named:
        # The index tells before 19 GB are read.
        _refuse_other_names(checkpoint, set(checkpoint.weights.named), set(expected))
    adapter = checkpoint.adapter
    if adapter is not None and (unknown := sorted(adapter.names - set(expected))):
        raise CheckpointError(f"the adapter changes what the model lacks: {', '.join(unknown)}")
    state: dict[str, Tensor] = {}
    names: set[str] = set()
    misshapen: list[str] = []
    for name, tensor in checkpoint.weights.tensors():
        names.add(name)
        if name not in expected:
            continue
        if tuple(tensor.shape) != expected[name]:
            misshapen.append(f"{name} is {tuple(tensor.shape)}, not {expected[name]}")
        elif not misshapen:
            merged = tensor if adapter is None else adapter.merged(name, tensor)
            state[name] = place(name, merged)
    _refuse_other_names(checkpoint, names, set(expected))
    if misshapen:
        raise CheckpointError(
            f"{checkpoint.folder} does not fit its config: {'; '.join(misshapen)}"
        )
    model.load_state_dict(state, assign=True, strict=True)
    model.generation_config = deepcopy(checkpoint.generation_config)
    return model.eval()


def save_checkpoint(
    model: QwenVLForCausalLM, folder: Path, *, tokenizer: QwenTokenizer | None = None
) -> None:
    """Write a folder that `open_checkpoint` reads: safetensors in the release's key names.

    Weights that lay there before are replaced, also those that the model was loaded from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if tokenizer is not None:
        tokenizer.save(folder)
    # Written apart first: a loaded model may still be reading the old files.
    with TemporaryDirectory(dir=folder, prefix=".saving-") as apart:
        model.save_pretrained(apart, max_shard_size="2GB")
        (Path(apart) / "tokenizer_config.json").write_text(
            json.dumps(TOKENIZER_DEFAULTS, indent=2) + "\n", "utf-8"
        )
        written = {file.name for file in Path(apart).iterdir()}
        for name in written:
            (Path(apart) / name).replace(folder / name)
    for old in weight_files(folder):
        if old.name not in written:
            old.unlink()


def _base_of(folder: Path, base: Path | None) -> Path:
    recorded = recorded_base(folder)
    found = base or (Path(recorded) if recorded else None)
    if found is None or not found.is_dir():
        raise CheckpointError(
            f"{folder} holds an adapter, and its base ({recorded or 'not recorded'}) is no folder"
            " on this machine: give the base's folder"
        )
    return found


def _read_config(folders: list[Path], notes: list[str]) -> QwenVLConfig:
    file = _first(folders, "config.json")
    if file is None:
        raise CheckpointError(f"{folders[-1]} has no config.json: not a checkpoint")
    raw = read_json(file)
    if not is_qwen_vl(raw):
        raise CheckpointError(
            f"{file} is no Qwen-VL's: its model_type is {raw.get('model_type')!r}, and it has"
            f" {'a' if isinstance(raw.get('visual'), dict) else 'no'} `visual` block"
        )
    try:
        config = QwenVLConfig.from_dict(raw)
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{file} cannot be used: {error}") from error
    if not config.use_cache:
        notes.append("config.json switches the cache off (a trace of training): it is on here")
        config.use_cache = True
    if raw.get("auto_map"):
        notes.append("config.json names code of its own: it is not run")
    return config


def _read_generation_config(folders: list[Path], notes: list[str]) -> GenerationConfig:
    file = _first(folders, "generation_config.json")
    if file is None:
        notes.append("generation_config.json is missing: Qwen-VL-Chat's defaults are used")
        return GenerationConfig(**GENERATION_DEFAULTS)
    try:
        return GenerationConfig(**{**GENERATION_DEFAULTS, **read_json(file)})
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{file} cannot be used: {error}") from error


def _find_tokenizer(folders: list[Path], notes: list[str]) -> Path | None:
    if _first(folders, "tokenizer_config.json") is None:
        notes.append("tokenizer_config.json is missing: Qwen-VL-Chat's is used")
    found = _first(folders, FILE_NAME)
    if found is None:
        found = _first([folder.absolute().parent for folder in folders], FILE_NAME)
        notes.append(
            f"{FILE_NAME} is missing: it can be copied from any Qwen-VL-Chat folder"
            if found is None
            else f"{FILE_NAME} is missing: the one beside the folder is used"
        )
    return found


def _refuse_other_names(checkpoint: Checkpoint, names: set[str], expected: set[str]) -> None:
    left_over = sorted(name for name in names - expected if not name.endswith(COMPUTED))
    missing = sorted(expected - names)
    parts = []
    if missing:
        parts.append(f"missing: {', '.join(missing)}")
    if left_over:
        parts.append(f"left over: {', '.join(left_over)}")
    if parts:
        raise CheckpointError(
            f"the weights in {checkpoint.weights.shards[0].parent} are not those of its config."
            f" {'; '.join(parts)}"
        )


def _first(folders: list[Path], name: str) -> Path | None:
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def read_json(file: Path) -> dict[str, Any]:
    """The settings in a file. Raises CheckpointError for anything that is not an object."""
    try:
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{file} is not readable JSON") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{file} holds a {type(value).__name__}, not settings")
    return value
