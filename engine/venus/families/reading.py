"""Opens a checkpoint's tokenizer and chat template, and says what is missing where they lack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from transformers import AutoTokenizer

from engine.venus.families.sentencepiece_file import llama_tokenizer
from engine.venus.families.words import Words
from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.loading import read_json

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
