"""LLaVA-1.5 as its own code saves it, and what was trained with that code: AesExpert, UNIAA.

The weights get the names of the hub's `llava` on their way in. The language model lies in the
folder; the vision tower (CLIP) may lie there too, or is a folder of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from torch import Tensor
from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil

from engine.dialogue.notation import LLAVA
from engine.venus.families import templates
from engine.venus.families.llava import PHOTO_TAG, Llava, LlavaProcessor, image_tokens
from engine.venus.families.reading import (
    passed_over,
    read_generation,
    read_words,
    refuse_quantised,
)
from engine.venus.families.upstream import Rules
from engine.venus.family import Processor, Source
from engine.venus.qwen_vl.adapter import is_adapter
from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.loading import read_json
from engine.venus.qwen_vl.weights import find_weights

UNKNOWN_ID: Final = 0
"""Llama's `<unk>`, which no text ever becomes: it stands for the photo, which has no token here."""

TOWER: Final = "model.vision_tower.vision_tower."
"""How names begin where the checkpoint carries the vision tower itself."""

CLIP_LARGE_336: Final = {
    "hidden_size": 1024,
    "image_size": 336,
    "intermediate_size": 4096,
    "num_attention_heads": 16,
    "num_hidden_layers": 24,
    "patch_size": 14,
    "projection_dim": 768,
}
"""The tower of every LLaVA-1.5, where the checkpoint carries it and no folder describes it."""


class LlavaOriginal(Llava):
    """LLaVA-1.5 in the layout of its own code."""

    name = "llava_original"
    title = "LLaVA-1.5 (its own layout)"
    model_types = ("llava", "llava_llama")
    rules: Rules = (
        (r"^model\.vision_tower\.vision_tower\.(vision_model\.)?", "model.vision_tower."),
        (r"^model\.mm_projector\.0\.", "model.multi_modal_projector.linear_1."),
        (r"^model\.mm_projector\.2\.", "model.multi_modal_projector.linear_2."),
        (
            r"^model\.(?!language_model\.|vision_tower\.|multi_modal_projector\.)",
            "model.language_model.",
        ),
    )

    def recognises(self, config: Mapping[str, Any]) -> bool:
        return config.get("model_type") in self.model_types and "mm_vision_tower" in config

    def read(self, folder: Path, *, base: Path | None = None) -> Source:
        """`base` is the folder of the vision tower where the checkpoint does not carry it."""
        if is_adapter(folder) or (folder / "non_lora_trainables.bin").is_file():
            raise CheckpointError(
                f"{folder} holds a LoRA of LLaVA's own code, with parts beside it that it cannot"
                " be merged without: merge it (its scripts/merge_lora_weights.py), and open the"
                " merged folder"
            )
        raw = read_json(folder / "config.json")
        refuse_quantised(folder, raw)
        _refuse_other_builds(folder, raw)
        folders = [folder]
        notes = passed_over(folders)
        carried = any(name.startswith(TOWER) for name in find_weights(folder).names())
        tower = _tower_folder(folder, str(raw["mm_vision_tower"]), base)
        if tower is None and not carried:
            named = raw["mm_vision_tower"]
            raise CheckpointError(
                f"{folder} does not carry its vision tower, {named}: download that, and put its"
                f" folder beside this one as {Path(str(named)).name}, or give it as the base"
            )
        if tower is not None and not carried:
            find_weights(tower)
            folders.append(tower)
        notes.append(
            "the vision tower is the checkpoint's own"
            if carried
            else f"the vision tower is that of {tower}"
        )
        notes.append("LLaVA's own layout: every weight gets the name that transformers has for it")
        config = _config(folder, raw, tower)
        generation = read_generation([folder], notes)
        return Source(folder, tuple(folders), config, generation, tuple(notes))

    def stored(self, source: Source) -> Iterator[tuple[str, Tensor]]:
        yield from find_weights(source.folder).tensors()
        for tower in source.folders[1:]:
            for name, tensor in find_weights(tower).tensors():
                if name.startswith("vision_model."):
                    yield TOWER + name, tensor

    def processor(self, source: Source) -> Processor:
        words = read_words(
            [source.folder],
            photo_tag=PHOTO_TAG,
            known_template=templates.VICUNA,
            eos=source.generation.eos_token_id,
            photo_id=UNKNOWN_ID,
        )
        side = source.config.vision_config.image_size
        images = LlavaImageProcessorPil(
            size={"shortest_edge": side},
            crop_size={"height": side, "width": side},
            do_pad=read_json(source.folder / "config.json").get("image_aspect_ratio") == "pad",
        )
        processor = LlavaProcessor(words, images, LLAVA)
        processor.tokens = image_tokens(source.config)
        return processor


def _refuse_other_builds(folder: Path, raw: Mapping[str, Any]) -> None:
    wanted = {
        "mm_projector_type": ("mlp2x_gelu",),
        "mm_use_im_start_end": (False, None),
        "image_aspect_ratio": ("pad", "square", None),
        "tune_mm_vision_resampler": (False, None),
    }
    other = [
        f"{name} = {raw.get(name)!r}"
        for name, known in wanted.items()
        if raw.get(name) not in known
    ]
    if other:
        raise CheckpointError(
            f"{folder} is a LLaVA of another build than 1.5 ({', '.join(other)}): not known here"
        )


def _tower_folder(folder: Path, named: str, base: Path | None) -> Path | None:
    """Where the vision tower lies: given, at the recorded path, in the folder, or beside it."""
    if base is not None and not (base / "config.json").is_file():
        raise CheckpointError(f"{base} is no folder of a vision tower: no config.json in it")
    last = Path(named).name
    places = [base, Path(named), folder / last, folder.absolute().parent / last]
    return next(
        (each for each in places if each is not None and (each / "config.json").is_file()), None
    )


def _config(folder: Path, raw: Mapping[str, Any], tower: Path | None) -> LlavaConfig:
    """The hub's config for it."""
    told: dict[str, Any] = dict(CLIP_LARGE_336)
    if tower is not None:
        told = read_json(tower / "config.json")
    vision = CLIPVisionConfig.from_dict(told.get("vision_config", told))
    known = re.compile("mm_|image_|vision_|tune_|model_type|architectures|use_mm|freeze|auto_map")
    text = {name: value for name, value in raw.items() if not known.match(name)}
    config = LlavaConfig(
        vision_config=vision,
        text_config=LlamaConfig.from_dict({**text, "use_cache": True}),
        image_token_index=UNKNOWN_ID,
        projector_hidden_act="gelu",
        vision_feature_layer=int(raw.get("mm_vision_select_layer", -2)),
        vision_feature_select_strategy=(
            "full" if raw.get("mm_vision_select_feature") == "cls_patch" else "default"
        ),
        tie_word_embeddings=bool(raw.get("tie_word_embeddings", False)),
    )
    config.dtype = raw.get("dtype") or raw.get("torch_dtype") or "float16"
    return config
