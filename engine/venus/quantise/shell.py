"""A model without weights that takes them by name, and holds each as a plan says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from engine.venus.families.building import check_names, tied_names
from engine.venus.family import Family, Source
from engine.venus.quantise.holding import Held, Part, Place
from engine.venus.quantise.int8 import Int8Linear
from engine.venus.quantise.lending import lend, use_on_host
from engine.venus.quantise.plan import Plan
from engine.venus.quantise.sizes import every_tensor, is_matrix, part_of, streamable

if TYPE_CHECKING:
    from engine.venus.quantise.nf4 import Nf4Linear, Nf4Rows

    Narrow = Int8Linear | Nf4Linear | Nf4Rows

DTYPES: Final = {Held.BF16: torch.bfloat16, Held.FP16: torch.float16, Held.FP32: torch.float32}
CPU: Final = torch.device("cpu")


class Shell:
    """Begins empty, on the meta device; whole once every expected name was taken or put."""

    def __init__(self, family: Family, source: Source, plan: Plan) -> None:
        config = deepcopy(source.config)
        config.dtype = DTYPES[plan.compute]
        self.model: Final = family.build(config)
        self.expected: Final = {
            name: tuple(tensor.shape) for name, tensor in self.model.state_dict().items()
        }
        self.numbers: Final = sum(each.numel() for each in self.model.parameters())
        self.tied: Final = tied_names(self.model)
        self.narrow: Final[dict[str, Narrow]] = {}
        self._plan: Final = plan
        self._parts: Final = family.parts(source.config)
        self._source: Final = source
        self._device: Final = torch.device(plan.device)
        self._owners: Final = {
            name: (module, leaf) for name, module, _, leaf, _ in every_tensor(self.model)
        }
        self._streamed: Final[list[nn.Module]] = []
        if plan.of(Part.VISION).place is Place.STREAMED:
            self._streamed.extend(streamable(self.model, self._parts))
        self._filled: Final[set[str]] = set()
        self._lent: Final = {id(each) for block in self._streamed for each in block.modules()}
        self._swap()

    def take(self, name: str, tensor: Tensor) -> None:
        """Hold one tensor of the checkpoint, and whatever is tied to it."""
        for each in self._same(name):
            if each in self._filled:
                continue
            if each in self.narrow:
                self.narrow[each].fill(tensor, self.home(each))
                self._filled.add(each)
            else:
                self.put(each, tensor)

    def put(self, name: str, tensor: Tensor) -> None:
        """Hold a tensor that is not rounded, in the dtype of computing."""
        module, leaf = self._owners[name]
        dtype = DTYPES[self._plan.compute] if tensor.is_floating_point() else tensor.dtype
        if leaf in module._buffers:
            module._buffers[leaf] = tensor.to(self.home(name), dtype)
        else:
            twin = self._twin(name)
            if twin is None:
                twin = nn.Parameter(tensor.to(self.home(name), dtype), requires_grad=False)
            module._parameters[leaf] = twin
        self._filled.add(name)

    def restore(self, name: str, raw: dict[str, Tensor]) -> None:
        """Hold a rounded matrix as it was held before. KeyError where it was held otherwise."""
        self.narrow[name].restore(raw, self.home(name))
        self._filled.add(name)

    @property
    def complete(self) -> bool:
        """True once nothing is missing."""
        return all(self._filled.intersection(self._same(name)) for name in self.expected)

    def home(self, name: str) -> torch.device:
        """Where a tensor lies."""
        holding = self._plan.of(part_of(name, self._parts))
        module, _ = self._owners[name]
        if holding.place is Place.HOST or id(module) in self._lent:
            return CPU
        return self._device

    def check(self, found: dict[str, tuple[int, ...]]) -> None:
        """CheckpointError naming what is missing, left over or of another shape."""
        check_names(self._source, found, self.expected, self.model)

    def finish(self) -> PreTrainedModel:
        """Everything is there: place the tables, and let parts in the computer's memory serve."""
        for name in self.expected.keys() - self._filled:
            # One of two tied weights stands in the checkpoint; both are the same tensor here.
            module, leaf = self._owners[name]
            module._parameters[leaf] = self._twin(name)
        for _, module, tensor, leaf, saved in every_tensor(self.model):
            if not saved and tensor.device != self._device:
                module._buffers[leaf] = tensor.to(self._device)
        if self._plan.of(Part.EMBEDDINGS).place is Place.HOST:
            for path in self._parts.embeddings:
                use_on_host(self.model.get_submodule(path), self._device)
        for block in self._streamed:
            lend(block, self._device)
        self.model.generation_config = deepcopy(self._source.generation)
        return self.model.eval()

    def plain(self) -> Iterator[tuple[str, Tensor]]:
        """Every saved tensor that is not rounded, under one name."""
        met: set[int] = set()
        for name, (module, leaf) in self._owners.items():
            held = module._parameters.get(leaf, module._buffers.get(leaf))
            if name in self.expected and name not in self.narrow and held is not None:
                if id(held) not in met:
                    yield name, held
                met.add(id(held))

    def _same(self, name: str) -> list[str]:
        """The names that stand for one weight: this one first."""
        return [name, *(other for pair in self.tied if name in pair for other in pair - {name})]

    def _twin(self, name: str) -> nn.Parameter | None:
        """The parameter that this name shares with another one, if that is there already."""
        for other in self._same(name)[1:]:
            if other in self._filled - self.narrow.keys() and self.home(other) == self.home(name):
                module, leaf = self._owners[other]
                return module._parameters[leaf]
        return None

    def _swap(self) -> None:
        make = _makers(self._plan)
        for name, (module, leaf) in list(self._owners.items()):
            part = part_of(name, self._parts)
            held = self._plan.of(part).held
            if not held.quantised or not is_matrix(module, leaf, part):
                continue
            if not isinstance(module, nn.Linear):
                raise TypeError(f"{name} is not the weight of a linear layer")
            path = name.removesuffix(".weight")
            layer = make[held](part, module)
            layer.eval()
            self.model.set_submodule(path, layer)
            self.narrow[name] = layer
            self._owners[name] = (layer, leaf)
            if f"{path}.bias" in self._owners:
                self._owners[f"{path}.bias"] = (layer, "bias")


def _makers(plan: Plan) -> dict[Held, Callable[[Part, nn.Linear], Narrow]]:
    """How a linear layer of a part is made into one of few bits."""
    makers: dict[Held, Callable[[Part, nn.Linear], Narrow]] = {
        Held.INT8: lambda _, linear: Int8Linear(linear)
    }
    if any(holding.held is Held.NF4 for holding in plan.holdings.values()):
        # Only here: machines without bitsandbytes never come this way.
        from engine.venus.quantise.nf4 import Codes, four_bit

        codes = {part: Codes() for part in Part}
        makers[Held.NF4] = lambda part, linear: four_bit(
            linear, compute=DTYPES[plan.compute], packed=plan.packed, codes=codes[part]
        )
    return makers
