"""Tiny checkpoints, plans of our own making for them, and rooms of many machines to plan for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tiny_checkpoints import make

from engine.stop import never
from engine.venus.families.registry import recognise
from engine.venus.family import Family, Source
from engine.venus.quantise.holding import Held, Holding, Part, Place
from engine.venus.quantise.load import Ready, load
from engine.venus.quantise.memory import FourBit, Room
from engine.venus.quantise.plan import GIB, Plan, Width
from engine.venus.quantise.planner import weights
from engine.venus.quantise.sizes import Sizes, measure

PLENTY = 64 * GIB


@dataclass(frozen=True)
class Tiny:
    """A checkpoint of this machine, read but not loaded."""

    family: Family
    source: Source
    sizes: Sizes

    @classmethod
    def made(cls, name: str, folder: Path, *, seed: int = 0) -> Tiny:
        """A new one in this folder."""
        make(name, folder, seed=seed)
        family = recognise(folder)
        source = family.read(folder)
        return cls(family, source, measure(family, source.config))

    def plan(self, **more: Any) -> Plan:
        return plan_for(self.sizes, **more)

    def load(self, plan: Plan, cache: Path | None = None) -> Ready:
        ready = list(load(self.family, self.source, plan, stop=never, cache=cache))[-1]
        assert isinstance(ready, Ready)
        return ready


def plan_for(
    sizes: Sizes,
    *,
    device: str = "cpu",
    compute: Held = Held.BF16,
    packed: bool = False,
    **holdings: Holding | Held,
) -> Plan:
    """A plan of our own making: parts not named are in the dtype of computing on the device."""
    given = {
        Part(name): each if isinstance(each, Holding) else Holding(each)
        for name, each in holdings.items()
    }
    held = {part: given.get(part, Holding(compute)) for part in Part}
    room = Room(device=device, free=PLENTY, total=PLENTY, host_free=PLENTY, compute=compute)
    return Plan(
        device=device,
        compute=compute,
        packed=packed,
        holdings=held,
        weights=weights(sizes, held, compute=compute, packed=packed),
        width=Width(),
        cache=0,
        working=0,
        room=room,
    )


HOSTED = Holding(Held.BF16, Place.HOST)
STREAMED = Holding(Held.BF16, Place.STREAMED)
IN_FOUR_BITS = {"language": Held.NF4, "vision": Held.NF4, "head": Held.NF4}
IN_EIGHT_BITS = {"language": Held.INT8, "vision": Held.INT8, "head": Held.INT8}


def card(free: float, *, host: float = 12, **more: Any) -> Room:
    """A graphics card with so many GiB free after the desktop and the CUDA context."""
    room = Room(
        device="cuda:0",
        free=int(free * GIB),
        total=int((free + 2) * GIB),
        host_free=int(host * GIB),
        bandwidth=400e9,
        speed=50e12,
    )
    return replace(room, **more)


def computer(free: float, four_bit: FourBit, **more: Any) -> Room:
    """A CPU with so many GiB free: with AVX-512 BF16 if `four_bit` is packed, else without bf16."""
    size = int(free * GIB)
    compute = Held.BF16 if four_bit is FourBit.PACKED else Held.FP32
    room = Room(
        device="cpu",
        free=size,
        total=size,
        host_free=size,
        compute=compute,
        four_bit=four_bit,
        bandwidth=40e9,
        speed=4e11,
        without="bitsandbytes is not installed" if four_bit is FourBit.NONE else "",
    )
    return replace(room, **more)
