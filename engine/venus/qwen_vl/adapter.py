"""LoRA adapter folders (as PEFT writes them), merged into the weights of their base."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from torch import Tensor

from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.weights import read_shard

CONFIG_NAME: Final = "adapter_config.json"
FILES: Final = ("adapter_model.safetensors", "adapter_model.bin")
PREFIX: Final = "base_model.model."

_LORA: Final = re.compile(r"(?P<module>.+)\.lora_(?P<side>[AB])(\.[^.]+)?\.weight")
_SAVED: Final = re.compile(r"(?P<module>.+?)(\.modules_to_save(\.[^.]+)?)?\.(?P<leaf>weight|bias)")


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter: low-rank pairs by the name of the weight that they change, and whole weights.

    `pairs` holds (A, B, scale): the change is scale · B @ A.
    """

    folder: Path
    pairs: dict[str, tuple[Tensor, Tensor, float]]
    whole: dict[str, Tensor]

    def merged(self, name: str, weight: Tensor) -> Tensor:
        """The weight with the adapter's change in it, added in fp32, in the weight's dtype."""
        if name in self.whole:
            return self.whole[name].to(weight.dtype)
        if name not in self.pairs:
            return weight
        narrow, wide, scale = self.pairs[name]
        change = scale * (wide.float() @ narrow.float())
        if change.shape != weight.shape:
            raise CheckpointError(
                f"the adapter in {self.folder} does not fit its base: {name} has shape"
                f" {tuple(weight.shape)}, the adapter changes {tuple(change.shape)}"
            )
        return (weight.float() + change).to(weight.dtype)

    @property
    def names(self) -> set[str]:
        """Every weight that the adapter changes."""
        return {*self.pairs, *self.whole}


def is_adapter(folder: Path) -> bool:
    return (folder / CONFIG_NAME).is_file()


def recorded_base(folder: Path) -> str:
    """Where the adapter's training found its base; a path or a name on a hub, or empty."""
    return str(_config(folder).get("base_model_name_or_path") or "")


def read_adapter(folder: Path) -> Adapter:
    """The adapter in a folder. Raises CheckpointError for kinds that cannot be merged plainly."""
    config = _config(folder)
    _refuse_other_kinds(folder, config)
    file = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if file is None:
        raise CheckpointError(f"no adapter weights in {folder}: looked for {', '.join(FILES)}")
    sides: dict[str, dict[str, Tensor]] = {}
    whole: dict[str, Tensor] = {}
    strange: list[str] = []
    for name, tensor in read_shard(file):
        bare = name.removeprefix(PREFIX)
        if lora := _LORA.fullmatch(bare):
            sides.setdefault(lora["module"], {})[lora["side"]] = tensor
        elif "lora_" not in bare and (saved := _SAVED.fullmatch(bare)):
            whole[f"{saved['module']}.{saved['leaf']}"] = tensor
        else:
            strange.append(name)
    lonely = [module for module, pair in sides.items() if len(pair) != 2]
    if strange or lonely:
        raise CheckpointError(f"{file} holds what cannot be merged: {', '.join(strange + lonely)}")
    pairs = {
        f"{module}.weight": (pair["A"], pair["B"], _scale(config, module, rank=pair["A"].shape[0]))
        for module, pair in sides.items()
    }
    return Adapter(folder, pairs, whole)


def _scale(config: dict[str, Any], module: str, *, rank: int) -> float:
    alpha = float(config.get("lora_alpha") or rank)
    for pattern, value in (config.get("alpha_pattern") or {}).items():
        if re.fullmatch(rf"(.*\.)?({pattern})", module):
            alpha = float(value)
    return alpha / (rank**0.5 if config.get("use_rslora") else rank)


def _refuse_other_kinds(folder: Path, config: dict[str, Any]) -> None:
    kind = config.get("peft_type", "LORA")
    reasons = [f"its kind is {kind}"] if kind != "LORA" else []
    reasons += [f"it sets {name}" for name in ("use_dora", "fan_in_fan_out") if config.get(name)]
    if reasons:
        raise CheckpointError(
            f"the adapter in {folder} cannot be merged: {', '.join(reasons)}."
            " Merge it with the tool that made it, and open the merged folder"
        )


def _config(folder: Path) -> dict[str, Any]:
    file = folder / CONFIG_NAME
    try:
        config = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{file} is not readable JSON") from error
    if not isinstance(config, dict):
        raise CheckpointError(f"{file} is not an adapter's config")
    return config
