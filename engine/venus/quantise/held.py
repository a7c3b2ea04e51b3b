"""What a loaded model really holds, counted from its tensors: the plan's estimate on trial."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from engine.venus.family import Parts
from engine.venus.quantise.holding import Part
from engine.venus.quantise.sizes import every_tensor, part_of


@dataclass(frozen=True, slots=True)
class Share:
    """A part's tensors of one dtype on one device."""

    part: Part
    device: str
    dtype: str
    bytes: int


def held(model: nn.Module, parts: Parts) -> list[Share]:
    """The bytes of all parameters, buffers and quantisation states; a shared tensor counts once."""
    counted: Counter[tuple[Part, str, str]] = Counter()
    # Tensors are kept while counting, so that no identity is used twice.
    met: dict[int, Tensor] = {}
    for name, module, tensor, leaf, _ in every_tensor(model):
        part = part_of(name, parts)
        for each in (tensor, *(_state(module) if leaf == "weight" else ())):
            if id(each) not in met:
                met[id(each)] = each
                dtype = str(each.dtype).removeprefix("torch.")
                counted[part, str(each.device), dtype] += each.numel() * each.element_size()
    return [Share(*key, size) for key, size in sorted(counted.items())]


def by_part(shares: list[Share], device: str) -> dict[Part, tuple[int, int]]:
    """Bytes of each part (on this device, elsewhere): what `Plan.weights` foretells."""
    found: dict[Part, tuple[int, int]] = dict.fromkeys(Part, (0, 0))
    for share in shares:
        on_device, elsewhere = found[share.part]
        if share.device == device:
            found[share.part] = (on_device + share.bytes, elsewhere)
        else:
            found[share.part] = (on_device, elsewhere + share.bytes)
    return found


def _state(module: nn.Module) -> Iterator[Tensor]:
    """The tensors of a bitsandbytes layer that are neither parameters nor buffers."""
    state: Any = getattr(module, "quant_state", None)
    for each in (state, getattr(state, "state2", None)):
        for leaf in ("absmax", "code", "offset"):
            tensor = getattr(each, leaf, None)
            if isinstance(tensor, Tensor):
                yield tensor
