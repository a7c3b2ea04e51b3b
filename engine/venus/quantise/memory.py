"""What this machine has free, by the driver's own count, and what its processors can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import Final

import psutil
import torch
from torch import Tensor

from engine.contract import EngineError
from engine.venus.quantise.holding import Held
from engine.venus.quiet import quiet

COPIED: Final = 64 * 2**20
"""Bytes that are copied to measure a memory's speed."""
MULTIPLIED: Final = 768
"""Side of the matrices that are multiplied to measure a processor's."""
LIMITED: Final = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)
"""Where a container's limit and use stand, by version of cgroups."""


class FourBit(StrEnum):
    """What bitsandbytes can do on a device.

    NONE: it is not there, or does not work. UNPACKED: it turns a matrix back into wide numbers for
    each product. FUSED: a kernel reads the 4 bits directly. PACKED: the same on a CPU with AVX-512
    BF16, which wants a layout of its own.
    """

    NONE = "none"
    UNPACKED = "unpacked"
    FUSED = "fused"
    PACKED = "packed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A device to run on, and the memory there in bytes.

    `free` is what may still be taken (the display and other programs have theirs, and so has a
    CUDA context that is open), `host_free` the same of the computer's own memory; the two are one
    where `shared`. `compute` is what the device reckons in; `bandwidth` in bytes a second and
    `speed` in operations a second are measured, 0 where they were not. `without` says why
    bitsandbytes does not work here.
    """

    device: str
    free: int
    total: int
    host_free: int
    compute: Held = Held.BF16
    four_bit: FourBit = FourBit.FUSED
    bandwidth: float = 0.0
    speed: float = 0.0
    without: str = ""

    @property
    def kind(self) -> str:
        """The device without its number: cuda, mps or cpu."""
        return self.device.partition(":")[0]

    @property
    def shared(self) -> bool:
        return self.kind in ("mps", "cpu")


def rooms(device: str = "") -> list[Room]:
    """The rooms of this machine, the fastest first, or the one that is asked for.

    Opens a context on each graphics card that it looks at. Raises EngineError for a device that
    is not there.
    """
    if not device:
        return [room(each) for each in _devices()]
    kind, _, number = device.partition(":")
    there = {
        "cuda": torch.cuda.is_available() and int(number or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if not there.get(kind, False):
        raise EngineError(
            "device",
            f"This machine has no device {device} that PyTorch {torch.__version__} can use.",
            f"Choose one of: {', '.join(_devices())}; or install the PyTorch for your card.",
        )
    return [room(device)]


def room(device: str) -> Room:
    """What one device has free now. Takes some milliseconds to measure its speed."""
    host = host_free()
    free, total = _free(device, host)
    compute = computing(device)
    four_bit, without = four_bits(device)
    bandwidth, speed = _measured(device, compute)
    return Room(
        device=device,
        free=free,
        total=total,
        host_free=host,
        compute=compute,
        four_bit=four_bit,
        bandwidth=bandwidth,
        speed=speed,
        without=without,
    )


def computing(device: str) -> Held:
    """bf16 where the processor has it, else fp16 on a card and fp32 on a CPU."""
    kind = device.partition(":")[0]
    if kind == "cuda":
        with torch.cuda.device(device):
            native = torch.cuda.is_bf16_supported(including_emulation=False)
        return Held.BF16 if native else Held.FP16
    if kind == "cpu":
        # torch multiplies bf16 without oneDNN too, many times slower than fp32.
        native = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)()
        return Held.BF16 if native else Held.FP32
    return Held.BF16


def four_bits(device: str) -> tuple[FourBit, str]:
    """What bitsandbytes can do on a device, found by using it; with the reason if nothing."""
    quiet()
    try:
        import bitsandbytes.functional as bnb

        packed, state = bnb.quantize_4bit(torch.ones(1, 64, device=device), quant_type="nf4")
        bnb.dequantize_4bit(packed, state)
    except ImportError as error:
        return FourBit.NONE, f"bitsandbytes is not installed or cannot be loaded ({error})"
    except (RuntimeError, NotImplementedError, OSError, AttributeError, ValueError) as error:
        return FourBit.NONE, f"bitsandbytes does not work on {device} ({error})"
    kind = device.partition(":")[0]
    if kind == "cuda":
        return FourBit.FUSED, ""
    if kind == "cpu" and getattr(bnb, "has_avx512bf16", lambda: False)():
        return FourBit.PACKED, ""
    return FourBit.UNPACKED, ""


def host_free() -> int:
    """Bytes of the computer's own memory that can be had without swapping."""
    free = psutil.virtual_memory().available
    for limit, used in LIMITED:
        if limit.is_file() and used.is_file():
            free = min(free, allowed(limit.read_text("utf-8"), used.read_text("utf-8"), free))
    return free


def allowed(limit: str, used: str, otherwise: int) -> int:
    """What a container's limit leaves, from the texts of its two files."""
    if not limit.strip().isdigit():
        return otherwise
    return max(int(limit) - int(used), 0)


def _devices() -> list[str]:
    found = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def _free(device: str, host: int) -> tuple[int, int]:
    kind = device.partition(":")[0]
    if kind == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return free, total
    if kind == "mps":
        most = torch.mps.recommended_max_memory()
        return max(min(most - torch.mps.driver_allocated_memory(), host), 0), most
    return host, psutil.virtual_memory().total


def _measured(device: str, compute: Held) -> tuple[float, float]:
    """Bytes a second of a copy (read and written) and operations a second of a product."""
    dtype = {Held.BF16: torch.bfloat16, Held.FP16: torch.float16}.get(compute, torch.float32)
    block, other = torch.zeros(2, COPIED, dtype=torch.uint8, device=device)
    matrix = torch.zeros(MULTIPLIED, MULTIPLIED, dtype=dtype, device=device)
    copy = _seconds(device, lambda: other.copy_(block))
    product = _seconds(device, lambda: matrix @ matrix)
    return 2 * COPIED / copy, 2 * MULTIPLIED**3 / product


def _seconds(device: str, work: Callable[[], Tensor]) -> float:
    """The shortest of three runs after a first one."""
    taken = []
    for _ in range(4):
        _wait(device)
        begun = perf_counter()
        work()
        _wait(device)
        taken.append(perf_counter() - begun)
    return max(min(taken[1:]), 1e-9)


def _wait(device: str) -> None:
    kind = device.partition(":")[0]
    if kind == "cuda":
        torch.cuda.synchronize(device)
    elif kind == "mps":
        torch.mps.synchronize()
