"""Loads a checkpoint of any family by a plan, a tensor at a time: rounded as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from transformers import PreTrainedModel

from engine.contract import EngineError, Progress
from engine.stop import Stop
from engine.venus.family import Family, Source
from engine.venus.quantise.plan import Plan
from engine.venus.quantise.saved import BrokenError, Copy
from engine.venus.quantise.shell import Shell

GB: Final = 1e9
NO_MEMORY: Final = ("out of memory", "allocate memory", "not enough memory")
"""In the messages of PyTorch's allocators."""
READ: Final = 0.8
"""The share of loading that is reading, where what was read is then kept."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A model in eval mode, held as its plan says; `notes` say what happened on the way."""

    model: PreTrainedModel
    plan: Plan
    notes: tuple[str, ...] = ()


def load(
    family: Family, source: Source, plan: Plan, *, stop: Stop, cache: Path | None = None
) -> Iterator[Progress | Ready]:
    """Read, round and place every tensor; no more than one of them is held wide at a time.

    With a `cache` folder, a model in few bits is kept there once it is made, and taken from there
    the next time. Ends without `Ready` once `stop` is true, asked between tensors. Raises
    CheckpointError where the weights are not the config's, EngineError where memory ends.
    """
    notes: list[str] = []
    copy = Copy.of(cache, source, plan) if cache is not None else None
    with _out_of_memory_told(plan):
        shell = None
        if copy is not None and copy.there:
            shell = Shell(family, source, plan)
            try:
                yield from copy.restore(shell, stop)
            except BrokenError as error:
                notes.append(f"{error}: it is made anew.")
                shell = None
        if shell is None and not stop():
            shell = Shell(family, source, plan)
            yield from fill(shell, family, source, stop, share=READ if copy is not None else 1.0)
            if copy is not None and not stop():
                notes.extend((yield from copy.save(shell, stop, begun=READ)))
        if shell is None or stop():
            return
        model = shell.finish()
    if torch.device(plan.device).type == "cuda":
        # What rounding took and gave back: the driver counts it until then.
        torch.cuda.empty_cache()
    yield Ready(model, plan, tuple(notes))


def fill(
    shell: Shell, family: Family, source: Source, stop: Stop, *, share: float = 1.0
) -> Iterator[Progress]:
    """Give a shell the tensors of its checkpoint, the first of them where it is stopped.

    The fractions of progress end at `share`.
    """
    found: dict[str, tuple[int, ...]] = {}
    doing = "Reading and rounding weights" if shell.narrow else "Reading weights"
    read = numbers = 0
    for name, tensor in family.tensors(source):
        if stop():
            return
        found[name] = tuple(tensor.shape)
        if shell.expected.get(name) == found[name]:
            shell.take(name, tensor)
        read, numbers = read + tensor.nbytes, numbers + tensor.numel()
        del tensor
        fraction = min(numbers / shell.numbers, 1.0)
        whole = read / max(fraction, 1e-9)
        text = f"{doing}: {read / GB:.1f} of {whole / GB:.1f} GB"
        yield Progress(share * fraction, text)
    shell.check(found)


@contextmanager
def _out_of_memory_told(plan: Plan) -> Iterator[None]:
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # torch has a class of its own for a card only.
        told = str(error).lower()
        if not isinstance(error, MemoryError) and not any(each in told for each in NO_MEMORY):
            raise
        raise EngineError(
            "memory",
            f"Memory ended while the model was loaded on {plan.device}.",
            "Close other programs that use it, or choose a smaller plan.",
        ) from error
