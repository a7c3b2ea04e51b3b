"""Which family a checkpoint belongs to; a reason and a way out where it belongs to none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from engine.venus.families.internvl import InternVL
from engine.venus.families.llava import Llava
from engine.venus.families.llava_original import LlavaOriginal
from engine.venus.families.minicpm_v import MiniCPMV
from engine.venus.families.qwen2_5_vl import Qwen2_5VL
from engine.venus.families.qwen3_vl import Qwen3VL
from engine.venus.families.qwen_vl import QwenVL
from engine.venus.family import Family
from engine.venus.qwen_vl.adapter import is_adapter, recorded_base
from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.loading import read_json

FAMILIES: Final[tuple[Family, ...]] = (
    QwenVL(),
    Llava(),
    LlavaOriginal(),
    InternVL(),
    Qwen2_5VL(),
    Qwen3VL(),
    MiniCPMV(),
)

REFUSED: Final = {
    "internvl_chat": "this is InternVL in its makers' layout, which runs code that came with it."
    " Take the same model in the hub's own layout: its name ends in -hf, for instance"
    " OpenGVLab/InternVL3-8B-hf",
    "minicpmv": "MiniCPM-V 2.6 and older run code that came with them, which is never run here."
    " Take openbmb/MiniCPM-V-4.6, which needs none",
    "minicpmo": "MiniCPM-o runs code that came with it, which is never run here. Take"
    " openbmb/MiniCPM-V-4.6, which needs none",
    "qwen": "this is a Qwen without eyes (no `visual` block in its config). Take Qwen/Qwen-VL-Chat"
    " or a Venus-Q",
    "llava": "this `llava` has neither the hub's `vision_config` nor LLaVA's own `mm_vision_tower`"
    " in its config: copy config.json from the original checkpoint",
    "llava_llama": "LLaVA's own layout names its `mm_vision_tower` in config.json, and this one"
    " does not: copy config.json from the original checkpoint",
    "clip": "this is a vision tower alone. Open the model that it belongs to, and give this folder"
    " as its base",
}
"""What is known and not run: why, and the way out."""


def family_of(config: Mapping[str, Any]) -> Family:
    """The family of a config.json. Raises CheckpointError with the reason and a way out."""
    for family in FAMILIES:
        if family.recognises(config):
            return family
    named = str(config.get("model_type") or "")
    if named in REFUSED:
        raise CheckpointError(REFUSED[named])
    known = ", ".join(family.title for family in FAMILIES)
    if config.get("auto_map"):
        raise CheckpointError(
            f"its model_type is {named!r}, and it wants to run code that came with it, which is"
            f" never done here. Known families: {known}"
        )
    raise CheckpointError(f"its model_type is {named!r}. Known families: {known}")


def family_named(name: str) -> Family:
    """The family of this name. Raises KeyError."""
    return {family.name: family for family in FAMILIES}[name]


def recognise(folder: Path, *, base: Path | None = None) -> Family:
    """The family of a checkpoint folder, or of the base of the adapter in it.

    Raises CheckpointError naming what is wrong.
    """
    if not folder.is_dir():
        raise CheckpointError(f"there is no folder {folder}")
    described = folder
    if is_adapter(folder) and not (folder / "config.json").is_file():
        described = base or Path(recorded_base(folder) or folder)
    file = described / "config.json"
    if not file.is_file():
        raise CheckpointError(f"{described} has no config.json: not a checkpoint")
    try:
        return family_of(read_json(file))
    except CheckpointError as error:
        raise CheckpointError(f"{folder} cannot be opened: {error}") from error
