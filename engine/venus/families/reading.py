"""Reads what a checkpoint has beside its weights, and says what is missing and the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from transformers import AutoTokenizer, GenerationConfig

from engine.venus.families.sentencepiece_file import llama_tokenizer
from engine.venus.families.words import Words
from engine.venus.qwen_vl.adapter import is_adapter, recorded_base
from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.loading import read_json
from engine.venus.qwen_vl.weights import ignored_files

END_TAGS: Final = ("<|im_end|>", "<|endoftext|>", "</s>")
"""Special tokens that end an answer in every family that has them."""


def read_words(
    folders: Sequence[Path],
    *,
    photo_tag: str | None,
    box_tags: Sequence[str] = (),
    known_template: str | None,
    eos: int | Sequence[int] | None,
    photo_id: int | None = None,
) -> Words:
    """The words of a checkpoint, of the first of its folders that has them.

    Without a `photo_tag` it is the tokenizer's own `image_token`. `known_template` serves where
    the files have none; `eos` is the generation config's. Raises CheckpointError with what is
    missing.
    """
    tokenizer = open_tokenizer(folders)
    place = tokenizer.name_or_path
    template = _template(folders, tokenizer) or known_template
    if template is None:
        raise CheckpointError(
            f"{place} has no chat template (chat_template.jinja): copy it from the family's"
            " original checkpoint"
        )
    vocabulary = tokenizer.get_vocab()
    photo_tag = photo_tag or getattr(tokenizer, "image_token", None)
    if photo_tag is None or (photo_id is None and photo_tag not in vocabulary):
        raise CheckpointError(
            f"the tokenizer in {place} does not know {photo_tag or 'image_token'}: copy"
            " tokenizer.json and tokenizer_config.json from the family's original checkpoint"
        )
    stops = {eos} if isinstance(eos, int) else set(eos or ())
    stops |= {vocabulary[tag] for tag in (*END_TAGS, tokenizer.eos_token) if tag in vocabulary}
    return Words(
        tokenizer=tokenizer,
        template=template,
        photo_tag=photo_tag,
        box_tags=frozenset(tag for tag in box_tags if tag in vocabulary),
        stop_ids=frozenset(stops),
        photo_id=photo_id,
    )


def open_tokenizer(folders: Sequence[Path]) -> Any:
    """The tokenizer of the first folder that has one; `tokenizer.model` files too.

    Raises CheckpointError where there is none, or it cannot be read.
    """
    names = ("tokenizer.json", "vocab.json", "tokenizer.model")
    folder = next(
        (each for each in folders if any((each / name).is_file() for name in names)), None
    )
    if folder is None:
        raise CheckpointError(
            f"{folders[-1]} has no tokenizer ({', '.join(names)}): copy it from the family's"
            " original checkpoint"
        )
    if not any((folder / name).is_file() for name in names[:2]):
        return llama_tokenizer(folder)
    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ImportError) as error:
        raise CheckpointError(f"the tokenizer in {folder} cannot be read: {error}") from error


def _template(folders: Sequence[Path], tokenizer: Any) -> str | None:
    """The checkpoint's chat template: of its processor first, then of its tokenizer."""
    for folder in folders:
        if (folder / "chat_template.jinja").is_file():
            return (folder / "chat_template.jinja").read_text("utf-8")
        for name in ("chat_template.json", "processor_config.json"):
            if (folder / name).is_file() and "chat_template" in (found := read_json(folder / name)):
                return str(found["chat_template"])
    own = tokenizer.chat_template
    return own.get("default") if isinstance(own, dict) else own


# ── folders, pictures, sampling ──────────────────────────────────────────────────────────────────


def checkpoint_folders(folder: Path, base: Path | None) -> list[Path]:
    """The folder, and that of its base where it holds an adapter. Raises CheckpointError."""
    if not folder.is_dir():
        raise CheckpointError(f"there is no folder {folder}")
    if not is_adapter(folder):
        return [folder]
    recorded = recorded_base(folder)
    found = base or (Path(recorded) if recorded else None)
    if found is None or not found.is_dir():
        raise CheckpointError(
            f"{folder} holds an adapter, and its base ({recorded or 'not recorded'}) is no folder"
            " on this machine: give the base's folder"
        )
    return [folder, found]


def refuse_quantised(folder: Path, raw: Mapping[str, Any]) -> None:
    """Raises CheckpointError for weights that another tool has quantised."""
    quantised = raw.get("quantization_config")
    if isinstance(quantised, Mapping):
        raise CheckpointError(
            f"{folder} was quantised by another tool ({quantised.get('quant_method', 'unknown')})."
            " Open the model that it was made from: it is quantised here"
        )


def passed_over(folders: Sequence[Path]) -> list[str]:
    """A note on the files that are known and not opened."""
    names = sorted({name for each in folders for name in ignored_files(each)})
    return [f"passed over: {', '.join(names)}"] if names else []


def read_generation(folders: Sequence[Path], notes: list[str]) -> GenerationConfig:
    """How the checkpoint wants to be sampled; transformers' defaults with a note without one."""
    name = "generation_config.json"
    file = next((each / name for each in folders if (each / name).is_file()), None)
    if file is None:
        notes.append(f"{name} is missing: answers take the likeliest token at every step")
        return GenerationConfig()
    try:
        return GenerationConfig(**read_json(file))
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{file} cannot be used: {error}") from error


def read_images(folders: Sequence[Path], classes: Mapping[str, Any]) -> Any:
    """The checkpoint's image processor in its form without torchvision.

    `classes` are those of the family by the names in checkpoints; a single one serves every name.
    (Auto classes would choose, but before transformers 5.18 they ask for torchvision.) Raises
    CheckpointError where the settings are missing or of another kind.
    """
    found = next((each for folder in folders if (each := _image_settings(folder))), None)
    if found is None:
        raise CheckpointError(
            f"{folders[-1]} has no preprocessor_config.json: copy it from the family's original"
            " checkpoint"
        )
    file, settings = found
    named = str(settings.get("image_processor_type") or settings.get("feature_extractor_type"))
    name = re.sub("(Fast|Pil)$", "", named.replace("FeatureExtractor", "ImageProcessor"))
    chosen = classes.get(name) or (next(iter(classes.values())) if len(classes) == 1 else None)
    if chosen is None:
        raise CheckpointError(f"{file} asks for {named}, known here are {', '.join(classes)}")
    try:
        return chosen.from_dict(settings)
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{file} cannot be used: {error}") from error


def _image_settings(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """The settings of a folder's image processor and the file they stand in."""
    own, shared = folder / "preprocessor_config.json", folder / "processor_config.json"
    if shared.is_file() and isinstance(nested := read_json(shared).get("image_processor"), dict):
        return shared, nested
    return (own, read_json(own)) if own.is_file() else None
