"""Linear layers whose matrix is held in NF4 with double quantisation, by bitsandbytes."""

from __future__ import annotations

from typing import Any, Final

import bitsandbytes
import torch
from bitsandbytes import functional as bnb
from bitsandbytes.nn.modules import Linear4bit, Params4bit
from torch import Tensor, nn

from engine.venus.quantise.holding import NESTED_BLOCK, NF4_BLOCK, packable, row_chunks

VERSION: Final = str(bitsandbytes.__version__)

FILLED_NUMBERS: Final = 2**22
"""Numbers that are rounded at once: bitsandbytes makes many wide copies of them on a CPU."""


class Codes:
    """The tables of values that the layers of one part share; bitsandbytes makes one a layer."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Tensor] = {}

    def nf4(self, device: torch.device) -> Tensor:
        return self._table("nf4", device)

    def nested(self, device: torch.device) -> Tensor:
        """The values that scales are rounded to."""
        return self._table("nested", device)

    def _table(self, name: str, device: torch.device) -> Tensor:
        key = (name, str(device))
        if key not in self._made:
            values = bnb.get_4bit_type("nf4", "cpu") if name == "nf4" else bnb.create_dynamic_map()
            self._made[key] = values.to(device)
        return self._made[key]


class Nf4Linear(Linear4bit):
    """bitsandbytes' layer, made on the meta device and filled afterwards.

    `packed`: hold the layout that a CPU with AVX-512 BF16 wants. bitsandbytes changes to it by
    itself at the first run, and fails there for matrices that do not divide evenly.
    """

    def __init__(
        self, linear: nn.Linear, *, compute: torch.dtype, packed: bool, codes: Codes
    ) -> None:
        super().__init__(
            linear.in_features,
            linear.out_features,
            bias=linear.bias is not None,
            compute_dtype=compute,
            quant_type="nf4",
            device=torch.device("meta"),
        )
        self.codes: Final = codes
        self.support_avx512bf16_for_cpu = packed and packable(
            linear.out_features, linear.in_features
        )
        self.eval()

    @property
    def packed(self) -> bool:
        return self.support_avx512bf16_for_cpu

    def fill(self, weight: Tensor, device: torch.device) -> None:
        """Take a matrix (out features, in features) of any floating dtype, rounding it."""
        rows = max(FILLED_NUMBERS // self.in_features // NF4_BLOCK * NF4_BLOCK, NF4_BLOCK)
        rounded = [
            bnb.quantize_4bit(part.to(device).contiguous(), blocksize=NF4_BLOCK, quant_type="nf4")
            for part in weight.split(rows)
        ]
        data = torch.cat([part for part, _ in rounded])
        largest = torch.cat([state.absmax for _, state in rounded if state.absmax is not None])
        offset = largest.mean()
        # As bitsandbytes nests them, with a table that is shared instead of copied.
        table = self.codes.nested(device)
        scales, nested = bnb.quantize_blockwise(
            largest - offset, code=table, blocksize=NESTED_BLOCK
        )
        self._hold(data, self._state(scales, nested.absmax, offset))
        if self.packed and device.type == "cpu":
            with torch.no_grad():
                self(torch.zeros(1, self.in_features, dtype=self.compute_dtype))
            self.quant_state.offset = None  # of the nested scales, which are no more

    def raw(self) -> dict[str, Tensor]:
        """Every tensor that `restore` needs."""
        state = self.quant_state
        if getattr(state, "packing_format_for_cpu", False):
            return {"packed": self.weight.data, "absmax": state.absmax}
        nested, offset = state.state2.absmax, state.offset.reshape(1)
        return {
            "weight": self.weight.data,
            "absmax": state.absmax,
            "nested": nested,
            "offset": offset,
        }

    def restore(self, raw: dict[str, Tensor], device: torch.device) -> None:
        """Take what `raw` gave. KeyError where something is missing."""
        on = {name: tensor.to(device) for name, tensor in raw.items()}
        if "packed" not in on:
            self._hold(on["weight"], self._state(on["absmax"], on["nested"], on["offset"][0]))
            return
        state = self._quant_state(absmax=on["absmax"], dtype=torch.bfloat16)
        state.packing_format_for_cpu = True
        # What bitsandbytes wants to know should it ever lay the matrix out as before.
        state.original_dtype, state.original_nested = self.compute_dtype, True
        state.original_qshape = torch.Size((on["packed"].numel(), 1))
        self._hold(on["packed"], state)

    def _state(self, scales: Tensor, nested: Tensor, offset: Tensor) -> Any:
        inner = bnb.QuantState(
            absmax=nested,
            code=self.codes.nested(nested.device),
            blocksize=NESTED_BLOCK,
            dtype=torch.float32,
        )
        return self._quant_state(
            absmax=scales, dtype=self.compute_dtype, offset=offset, state2=inner
        )

    def _quant_state(self, *, absmax: Tensor, dtype: torch.dtype | None, **more: Any) -> Any:
        return bnb.QuantState(
            absmax=absmax,
            shape=torch.Size((self.out_features, self.in_features)),
            code=self.codes.nf4(absmax.device),
            blocksize=NF4_BLOCK,
            quant_type="nf4",
            dtype=dtype,
            **more,
        )

    def _hold(self, data: Tensor, state: Any) -> None:
        # Its stubs know the arguments of plain parameters only.
        make: Any = Params4bit
        self.weight = make(
            data,
            requires_grad=False,
            quant_state=state,
            blocksize=NF4_BLOCK,
            quant_type="nf4",
            bnb_quantized=True,
            module=self,
        )
        self.quant_state = state


class Nf4Rows(nn.Module):
    """One matrix held as several, one under another: widening one at a time takes little memory."""

    bias: Tensor | None

    def __init__(
        self, linear: nn.Linear, *, compute: torch.dtype, packed: bool, codes: Codes
    ) -> None:
        super().__init__()
        self.in_features: Final = linear.in_features
        self.out_features: Final = linear.out_features
        self.rows: Final = row_chunks(linear.out_features, linear.in_features)
        self.pieces = nn.ModuleList(
            Nf4Linear(
                nn.Linear(linear.in_features, rows, bias=False, device="meta"),
                compute=compute,
                packed=packed,
                codes=codes,
            )
            for rows in self.rows
        )
        self.register_parameter("bias", linear.bias)

    def forward(self, states: Tensor) -> Tensor:
        """(…, in features) → (…, out features)."""
        out = torch.cat([piece(states) for piece in self.pieces], -1)
        return out if self.bias is None else out + self.bias.to(out.dtype)

    def fill(self, weight: Tensor, device: torch.device) -> None:
        for piece, part in zip(self._pieces(), weight.split(self.rows), strict=True):
            piece.fill(part, device)

    def raw(self) -> dict[str, Tensor]:
        return {
            f"{place}.{name}": tensor
            for place, piece in enumerate(self._pieces())
            for name, tensor in piece.raw().items()
        }

    def restore(self, raw: dict[str, Tensor], device: torch.device) -> None:
        for place, piece in enumerate(self._pieces()):
            start = f"{place}."
            own = {name.removeprefix(start): raw[name] for name in raw if name.startswith(start)}
            piece.restore(own, device)

    def _pieces(self) -> list[Nf4Linear]:
        return [piece for piece in self.pieces if isinstance(piece, Nf4Linear)]


def four_bit(
    linear: nn.Linear, *, compute: torch.dtype, packed: bool, codes: Codes
) -> Nf4Linear | Nf4Rows:
    """The layer that holds this one in 4 bits, empty, on the meta device."""
    many = len(row_chunks(linear.out_features, linear.in_features)) > 1
    kind = Nf4Rows if many else Nf4Linear
    return kind(linear, compute=compute, packed=packed, codes=codes)
