"""Which family a checkpoint belongs to; a reason and a way out where it belongs to none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from engine.venus.families.internvl import InternVL
from engine.venus.families.llava import Llava
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
    InternVL(),
    Qwen2_5VL(),
    Qwen3VL(),
    MiniCPMV(),
)


def family_of(config: Mapping[str, Any]) -> Family:
    """The family of a config.json. Raises CheckpointError with the reason."""
    for family in FAMILIES:
        if family.recognises(config):
            return family
    named = config.get("model_type") or "not named"
    raise CheckpointError(
        f"no family of models here has the model_type {named!r}. Families:"
        f" {', '.join(family.title for family in FAMILIES)}"
    )


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
