"""What kind of checkpoint a folder holds, told from its small files; refuses what is plainly none.

Whether an engine can run it is for the engine's family to say, which reads much more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.checkpoints.catalogue import Entry, catalogue
from engine.checkpoints.weights import weight_files
from engine.contract import EngineError

CONFIG: Final = "config.json"
ADAPTER_CONFIG: Final = "adapter_config.json"

FAMILIES: Final[Mapping[str, str]] = {
    "internvl": "internvl",
    "internvl_chat": "internvl",
    "llava": "llava",
    "llava_llama": "llava",
    "minicpmv": "minicpm_v",
    "minicpmv4_6": "minicpm_v",
    "minicpmv4_7": "minicpm_v",
    "qwen2_5_vl": "qwen2_5_vl",
    "qwen3_vl": "qwen3_vl",
}
"""model_type of config.json → family. `qwen` is told apart by its `visual` block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a folder holds. `family` is empty where Venus knows none for this `model_type`; `base`
    is what an adapter was trained on, a folder or a name on a hub, empty for a whole model;
    `quantised` is the method by which the weights are already small, or empty.
    """

    family: str
    model_type: str
    base: str = ""
    quantised: str = ""

    @property
    def is_adapter(self) -> bool:
        return bool(self.base)


def recognise(folder: Path) -> Recognised:
    """Read a folder's configuration.

    Raises EngineError: `no_folder`, `no_checkpoint` (with what is lacking), `bad_config`.
    """
    if not folder.is_dir():
        what = "is a file" if folder.is_file() else "does not exist"
        raise EngineError(
            "no_folder", f"{folder} {what}.", "Name the folder that has config.json in it."
        )
    adapter = folder / ADAPTER_CONFIG
    config = folder / CONFIG
    if adapter.is_file():
        found = _adapter(adapter, _read(config) if config.is_file() else {})
    elif config.is_file():
        found = _whole(_read(config))
    else:
        raise EngineError("no_checkpoint", f"{folder} has no {CONFIG}.", _elsewhere(folder))
    if not weight_files(folder):
        raise EngineError(
            "no_checkpoint",
            f"{folder} has a configuration but no weights.",
            "The weights are files such as model.safetensors or pytorch_model-00001-of-00010.bin:"
            " copy them into this folder.",
        )
    return found


def known_entry(folder: Path) -> Entry | None:
    """The catalogue's entry that a folder looks like a copy of, by its name: as the hub's own cache
    and its clones name it.
    """
    names = {part.lower() for part in folder.parts[-4:]}
    for entry in catalogue():
        repo = entry.repo.lower()
        cached = "models--" + repo.replace("/", "--")
        if cached in names or folder.name.lower() in (entry.name, repo.split("/")[-1]):
            return entry
    return None


def _whole(config: Mapping[str, Any]) -> Recognised:
    kind = str(config.get("model_type") or "")
    family = "qwen_vl" if kind == "qwen" and config.get("visual") else FAMILIES.get(kind, "")
    small = config.get("quantization_config")
    method = str(small.get("quant_method") or "yes") if isinstance(small, dict) else ""
    return Recognised(family=family, model_type=kind, quantised=method)


def _adapter(file: Path, config: Mapping[str, Any]) -> Recognised:
    base = str(_read(file).get("base_model_name_or_path") or "")
    if not base:
        raise EngineError(
            "bad_config",
            f"{file} does not say which model it is an adapter of.",
            "Write the folder of that model into it, as base_model_name_or_path.",
        )
    found = _whole(config) if config else _base(base, beside=file.parent)
    return Recognised(family=found.family, model_type=found.model_type, base=base)


def _base(base: str, *, beside: Path) -> Recognised:
    """What can be told of an adapter's base: by its folder, or by the catalogue."""
    config = beside / base / CONFIG
    if config.is_file():
        return _whole(_read(config))
    entry = next((each for each in catalogue() if each.repo.lower() == base.lower()), None)
    return Recognised(family=entry.family if entry else "", model_type="")


def _read(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError(
            "bad_config", f"{file} is not readable JSON.", "Copy it again from where it came from."
        ) from error
    if not isinstance(value, dict):
        raise EngineError(
            "bad_config", f"{file} is no configuration.", "Copy it again from where it came from."
        )
    return value


def _elsewhere(folder: Path) -> str:
    """A remedy that names the folder inside which one probably meant."""
    inside = sorted(file.parent for file in folder.glob(f"*/{CONFIG}"))
    inside += sorted(file.parent for file in folder.glob(f"snapshots/*/{CONFIG}"))
    if inside:
        return f"Perhaps you mean {inside[0]}."
    return "Name the folder that has config.json and the weights in it."
