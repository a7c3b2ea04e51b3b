"""How large the parts of a model are, from its config alone: no weight is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from torch import Tensor, nn

from engine.venus.families.building import tied_names
from engine.venus.family import Family, Parts
from engine.venus.quantise.holding import (
    CODE_BYTES,
    NESTED_CODE_BYTES,
    Held,
    Part,
    int8_bytes,
    nf4_bytes,
    packable,
    row_chunks,
)

QUANTISABLE: Final = frozenset({Part.LANGUAGE, Part.VISION, Part.HEAD})
"""Never a connector: Qwen-VL's reads its weights directly, and it is small in every family."""


@dataclass(frozen=True, slots=True)
class PartSize:
    """One part: its matrices (rows, columns, how many), and all else.

    `numbers` count what is held in the dtype of computing in every plan (norms, biases,
    convolutions, tables of positions), `table_bytes` what has a dtype of its own, and `blocks` the
    numbers, matrices included, of each block that may be streamed.
    """

    matrices: tuple[tuple[int, int, int], ...] = ()
    numbers: int = 0
    table_bytes: int = 0
    blocks: tuple[int, ...] = ()

    @property
    def matrix_numbers(self) -> int:
        return sum(rows * columns * count for rows, columns, count in self.matrices)

    @property
    def all_numbers(self) -> int:
        return self.matrix_numbers + self.numbers

    def size(self, held: Held, *, compute: Held, packed: bool = False) -> int:
        """Bytes of the whole part, tables and codes included."""
        rest = self.numbers * compute.number_bytes + self.table_bytes
        if held is Held.INT8:
            return rest + sum(int8_bytes(r, c) * count for r, c, count in self.matrices)
        if held is Held.NF4:
            sizes = (nf4_bytes(r, c, packed=packed) * count for r, c, count in self.matrices)
            return rest + sum(sizes) + self._codes(packed=packed)
        return rest + self.matrix_numbers * held.number_bytes

    def _codes(self, *, packed: bool) -> int:
        if not self.matrices:
            return 0
        nested = any(
            not (packed and packable(each, columns))
            for rows, columns, _ in self.matrices
            for each in row_chunks(rows, columns)
        )
        return CODE_BYTES + (NESTED_CODE_BYTES if nested else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The parts of a model, and what its language model needs to run.

    `cache_numbers` are the numbers of one token in the KV cache. Layers with linear attention keep
    a state for each row instead: `running_numbers` in fp32 always, `filter_numbers` in the dtype
    of computing. `hidden`, `inner` and `vocabulary` are the widths of the language model. `tied`:
    embeddings and head are one matrix.
    """

    parts: dict[Part, PartSize]
    cache_numbers: int
    hidden: int
    inner: int
    vocabulary: int
    tied: bool = False
    running_numbers: int = 0
    filter_numbers: int = 0

    def state_bytes(self, compute: Held) -> int:
        """Bytes of one row's state, however long it is; 0 in most families."""
        return 4 * self.running_numbers + self.filter_numbers * compute.number_bytes

    @property
    def numbers(self) -> int:
        """Of the whole model; a tied matrix counts once."""
        twice = self.parts[Part.HEAD].matrix_numbers if self.tied else 0
        return sum(part.all_numbers for part in self.parts.values()) - twice

    @property
    def largest(self) -> int:
        """Numbers of the largest matrix."""
        return max((r * c for part in self.parts.values() for r, c, _ in part.matrices), default=0)


def measure(family: Family, config: Any) -> Sizes:
    """The sizes of a family's model with this config, built on the meta device."""
    model = family.build(deepcopy(config))
    parts = family.parts(config)
    matrices: dict[Part, Counter[tuple[int, int]]] = {part: Counter() for part in Part}
    numbers: Counter[Part] = Counter()
    tables: Counter[Part] = Counter()
    inner = 0
    for name, module, tensor, leaf, saved in every_tensor(model):
        part = part_of(name, parts)
        if is_matrix(module, leaf, part):
            matrices[part][tensor.shape[0], tensor.shape[1]] += 1
            inner = max(inner, tensor.shape[0] if part is Part.LANGUAGE else 0)
        elif saved and tensor.is_floating_point():
            numbers[part] += tensor.numel()
        else:
            tables[part] += tensor.nbytes
    text = config.get_text_config()
    running, filters = _state_numbers(text)
    return Sizes(
        parts={
            part: PartSize(
                matrices=tuple((r, c, count) for (r, c), count in sorted(matrices[part].items())),
                numbers=numbers[part],
                table_bytes=tables[part],
                blocks=tuple(map(_numbers, streamable(model, parts)))
                if part is Part.VISION
                else (),
            )
            for part in Part
        },
        cache_numbers=_cache_numbers(text),
        hidden=text.hidden_size,
        inner=inner,
        vocabulary=text.vocab_size,
        tied=head_is_tied(model, parts),
        running_numbers=running,
        filter_numbers=filters,
    )


def part_of(name: str, parts: Parts) -> Part:
    """The part that a dotted name belongs to: the longest that it is or lies in, else language."""
    found, length = Part.LANGUAGE, -1
    for part in Part:
        for each in getattr(parts, part.value):
            if len(each) > length and (name == each or name.startswith(f"{each}.")):
                found, length = part, len(each)
    return found


def every_tensor(model: nn.Module) -> Iterator[tuple[str, nn.Module, Tensor, str, bool]]:
    """Each parameter and buffer under each name that it has: (name, owner, tensor, leaf, saved)."""
    for path, module in model.named_modules():
        prefix = f"{path}." if path else ""
        for leaf, tensor in module.named_parameters(recurse=False):
            yield prefix + leaf, module, tensor, leaf, True
        for leaf, tensor in module.named_buffers(recurse=False):
            yield (
                prefix + leaf,
                module,
                tensor,
                leaf,
                leaf not in module._non_persistent_buffers_set,
            )


def is_matrix(module: nn.Module, leaf: str, part: Part) -> bool:
    """True if this tensor is one that a plan may hold in 4 or 8 bits."""
    return type(module) is nn.Linear and leaf == "weight" and part in QUANTISABLE


def streamable(model: nn.Module, parts: Parts) -> list[nn.Module]:
    """The blocks of the vision tower: the members of its outermost lists of modules."""
    found: list[nn.Module] = []
    inside: list[str] = []
    for name, module in model.named_modules():
        if any(name.startswith(f"{each}.") for each in inside):
            continue
        if isinstance(module, nn.ModuleList) and part_of(name, parts) is Part.VISION:
            inside.append(name)
            found.extend(module)
    return found


def head_is_tied(model: Any, parts: Parts) -> bool:
    """True if the head and the embeddings are one matrix of the checkpoint."""
    return any(
        {part_of(name, parts) for name in pair} == {Part.EMBEDDINGS, Part.HEAD}
        for pair in tied_names(model)
    )


def _numbers(module: nn.Module) -> int:
    return sum(tensor.numel() for tensor in module.state_dict().values())


def _cache_numbers(text: Any) -> int:
    """Keys and values of one token in every layer that keeps them."""
    heads = getattr(text, "num_key_value_heads", None) or text.num_attention_heads
    width = getattr(text, "head_dim", None) or getattr(text, "kv_channels", None)
    width = width or text.hidden_size // text.num_attention_heads
    kinds = getattr(text, "layer_types", None) or ["full_attention"] * text.num_hidden_layers
    return 2 * heads * width * sum("linear" not in kind for kind in kinds)


def _state_numbers(text: Any) -> tuple[int, int]:
    """Of all layers with (gated delta) linear attention: the running state, the convolution's."""
    kinds = getattr(text, "layer_types", None) or []
    layers = sum("linear" in kind for kind in kinds)
    if not layers:
        return 0, 0
    keys = text.linear_num_key_heads * text.linear_key_head_dim
    values = text.linear_num_value_heads * text.linear_value_head_dim
    running = values * text.linear_key_head_dim
    return layers * running, layers * (2 * keys + values) * text.linear_conv_kernel_dim
