"""Writes what a run learned as a folder that the application opens: a whole model, or an adapter.

What learned comes from the model, all else from the checkpoint that it began from: nothing that
was rounded for training (4-bit weights) finds its way out.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from peft import PeftModel, get_peft_model_state_dict
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import GenerationConfig

from engine.venus.family import Family, Processor, Source
from engine.venus.qwen_vl.adapter import FILES, is_adapter, read_adapter
from engine.venus.qwen_vl.loading import save_checkpoint
from engine.venus.qwen_vl.model import QwenVLForCausalLM
from engine.venus.qwen_vl.tokenizer import QwenTokenizer

CARD: Final = "README.md"
"""The model card's name in the folder."""
WORDS_AND_PICTURES: Final = (
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "added_tokens.json",
    "special_tokens_map.json",
    "chat_template*",
    "*processor_config.json",
    "LICENSE*",
    "NOTICE*",
)
"""Files of a source's folders that a checkpoint of the same family needs beside its weights."""


class ExportError(Exception):
    """A model cannot be written so; the message says what would work."""


def require_writable(family: Family, source: Source, *, keep_adapter: bool) -> None:
    """ExportError, before a run begins, for what could not be written at its end."""
    if not family.recognises(source.config.to_dict()):
        raise ExportError(
            f"{source.folder} is in a layout that is read but not written ({family.title}): begin"
            " from the same model in the hub's own layout"
        )
    if keep_adapter and is_adapter(source.folder):
        raise ExportError(
            f"{source.folder} is an adapter itself, and no adapter lies on an adapter: leave out"
            " --keep-adapter, so that both are merged"
        )


def write(
    model: nn.Module,
    weights: Mapping[str, Tensor],
    folder: Path,
    *,
    family: Family,
    source: Source,
    processor: Processor,
    card: str,
    keep_adapter: bool = False,
) -> Path:
    """Write `folder` anew, whole or not at all, on the first process alone.

    `model` is the bare model that learned, a PeftModel where adapters did; `weights` are what
    learned, whole (`sharding.whole_weights`). An adapter is merged in fp32 and rounded to the
    checkpoint's own dtype, or kept as PEFT writes it, its base recorded. Raises ExportError.
    """
    unfinished = folder.with_name(f".{folder.name}.writing")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    if isinstance(model, PeftModel):
        _write_adapter(model, weights, unfinished, base=source.folders[-1])
        if not keep_adapter:
            adapter = read_adapter(unfinished)
            _empty(unfinished)
            merged = (
                (name, adapter.merged(name, tensor)) for name, tensor in family.tensors(source)
            )
            _write_whole(merged, unfinished, family=family, source=source, processor=processor)
    else:
        whole = _replaced(weights, family.tensors(source))
        _write_whole(whole, unfinished, family=family, source=source, processor=processor)
    (unfinished / CARD).write_text(card, "utf-8")
    _rename(unfinished, folder)
    return folder


def _replaced(
    weights: Mapping[str, Tensor], tensors: Iterator[tuple[str, Tensor]]
) -> Iterator[tuple[str, Tensor]]:
    """The checkpoint's tensors, those that learned in their place, each in its dtype on disk."""
    left = set(weights)
    for name, tensor in tensors:
        left.discard(name)
        yield name, weights[name].to(tensor.dtype) if name in weights else tensor
    # A weight that is tied to another may lie on disk under the other's name alone.
    for name in left:
        yield name, weights[name]


def _write_whole(
    tensors: Iterator[tuple[str, Tensor]],
    folder: Path,
    *,
    family: Family,
    source: Source,
    processor: Processor,
) -> None:
    model = family.build(deepcopy(source.config))
    expected = set(model.state_dict())
    state = dict(tensors)
    if strange := sorted(state.keys() - expected):
        raise ExportError(f"the model has no place for what learned: {', '.join(strange)}")
    model.load_state_dict(state, assign=True, strict=False)
    model.tie_weights()
    if missing := [name for name, each in model.state_dict().items() if each.is_meta]:
        raise ExportError(f"{source.folder} lacks weights: {', '.join(missing)}")
    model.generation_config = GenerationConfig()
    if isinstance(model, QwenVLForCausalLM):
        tokenizer = getattr(processor, "tokenizer", None)
        assert isinstance(tokenizer, QwenTokenizer)
        save_checkpoint(model, folder, tokenizer=tokenizer)
    else:
        model.save_pretrained(folder, max_shard_size="2GB")
        _copy_words_and_pictures(source, folder)
    _write_generation(source, folder)


def _write_generation(source: Source, folder: Path) -> None:
    """How the checkpoint asks to draw tokens, as it stands: transformers refuses to write some
    combinations that checkpoints have.
    """
    name = "generation_config.json"
    kept = next((place / name for place in source.folders if (place / name).is_file()), None)
    if kept is not None:
        shutil.copyfile(kept, folder / name)
    else:
        text = json.dumps(source.generation.to_diff_dict(), indent=2)
        (folder / name).write_text(text + "\n", "utf-8")


def _copy_words_and_pictures(source: Source, folder: Path) -> None:
    for place in source.folders:
        for pattern in WORDS_AND_PICTURES:
            for file in place.glob(pattern):
                if file.is_file() and not (folder / file.name).exists():
                    shutil.copyfile(file, folder / file.name)


def _write_adapter(
    model: PeftModel, weights: Mapping[str, Tensor], folder: Path, *, base: Path
) -> None:
    """An adapter's two files, as PEFT reads them."""
    name = str(model.active_adapter)
    settings: Any = deepcopy(model.peft_config[name])
    settings.base_model_name_or_path = str(base.absolute())
    settings.inference_mode = True
    settings.save_pretrained(str(folder))
    state = get_peft_model_state_dict(
        model, state_dict=dict(weights), adapter_name=name, save_embedding_layers=False
    )
    save_file({key: each.contiguous() for key, each in state.items()}, folder / FILES[0])


def _empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def _rename(unfinished: Path, folder: Path) -> None:
    """Give the folder its name; one that had it before goes."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    unfinished.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
