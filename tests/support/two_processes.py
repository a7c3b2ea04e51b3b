"""Runs a function of this file in two processes that talk through gloo, as torchrun starts them.

python -m torch.distributed.run --standalone --nproc_per_node 2 two_processes.py NAME ARGUMENT…
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import tiny_training as tiny
import torch
import torch.distributed as dist
from accelerate import Accelerator
from parts_on_cpu import gradients, kinds, use_fsdp, use_zero
from torch.distributed.tensor import DTensor
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.optimizer import register_optimizer_step_pre_hook

from engine.venus.families.registry import recognise
from trainer.loop.run import Event, Job, Saved, Stepped, train
from trainer.loop.sharding import whole_weights
from trainer.loop.state import ResumeError
from trainer.loop.zero import is_parted
from trainer.recipe import Batch, Lora, Method, Optimiser, Part

REFUSED = 3
PAIR = Batch(devices=2, per_device=1, accumulation=2)


def start(name: str, *arguments: str, processes: int = 2) -> subprocess.CompletedProcess[str]:
    """Run `name` in so many processes; what they print comes back."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc_per_node", str(processes), __file__, name, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def run(folder: str, stop_at: str) -> None:
    """Train in `folder`; rank 1 alone is told to stop, at its so-manieth question (−1: never).

    The checkpoint and the photos lie there already. Rank 0 saves the weights at the end.
    """
    chosen = tiny.recipe(method=Method.LORA, parts=(Part.LANGUAGE,), batch=PAIR)
    accelerator = Accelerator(cpu=True)
    asked = iter(range(10_000))
    rank = accelerator.process_index

    def stop() -> bool:
        return next(asked) == int(stop_at) and rank == 1

    job = tiny.job(Path(folder), chosen, accelerator=accelerator)
    events: list[Event] = []
    try:
        events.extend(train(job, stop=stop))
    except ResumeError as error:
        print(error)
        sys.exit(REFUSED)
    assert isinstance(events[-1], Saved) == (int(stop_at) >= 0)
    torch.save(tiny.weights(job.model), Path(folder) / f"weights-{rank}.pt")
    dist.destroy_process_group()


SHARDED_RECIPE = replace(
    tiny.recipe(batch=PAIR),
    # Gradients are compared as they are, before any clipping.
    optimiser=Optimiser(learning_rate=1e-3, warmup=0.2, clip_norm=1e9),
)


def sharded(folder: str, *modes: str) -> None:
    """Train in `folder` once for each mode, in each way that is compared.

    A mode is how a model lies on the processes: "alone" on one, "accelerate" by
    accelerate's FSDP, "zero" and "zero in bf16" by DeepSpeed. One of those that accelerate makes
    must be the last: it is told for good that it may on a CPU. Each can be "with adapters" alone
    learning.
    """
    for mode in modes:
        _train_as(mode, Path(folder))
    if dist.is_initialized():
        dist.destroy_process_group()


def _train_as(mode: str, place: Path) -> None:
    """A first step, a whole run, and one that stops and goes on; what came of it as `mode`.pt."""
    first = _first_step(_sharded_job(place, mode, "first"))
    whole = _sharded_job(place, mode, "whole")
    losses = [each.loss for each in train(whole, stop=lambda: False) if isinstance(each, Stepped)]
    asked = iter(range(10_000))
    for _ in train(_sharded_job(place, mode, "parts"), stop=lambda: next(asked) == STOPPED_AT):
        pass
    again = _sharded_job(place, mode, "parts")
    rest = [each.loss for each in train(again, stop=lambda: False) if isinstance(each, Stepped)]
    found = {
        **first,
        "losses": losses,
        "rest": rest,
        "weights": whole_weights(whole.model),
        "resumed": whole_weights(again.model),
    }
    if whole.accelerator.is_main_process:
        torch.save(found, place / f"{mode}.pt")


STOPPED_AT = 7
ADAPTERS = " with adapters"


def _sharded_job(place: Path, mode: str, out: str) -> Job:
    way = mode.removesuffix(ADAPTERS)
    processes = 1 if way == "alone" else 2
    batch = Batch(devices=processes, per_device=1, accumulation=4 // processes)
    chosen = replace(SHARDED_RECIPE, batch=batch)
    if way != mode:
        lora = Lora(rank=4, alpha=8, dropout=0)
        chosen = replace(chosen, method=Method.LORA, parts=(Part.LANGUAGE,), lora=lora)
    accelerator = Accelerator(cpu=True)
    job = tiny.job(place, chosen, accelerator=accelerator)
    family = recognise(place / "checkpoint")
    parts = family.parts(None)
    if way == "accelerate":
        _hollow(job)
        use_fsdp(accelerator, job.model, parts)
    if way in ("zero", "zero in bf16"):
        _hollow(job)
        use_zero(accelerator, mixed_precision="bf16" if "bf16" in way else "no")
    return replace(job, out=place / mode / out)


def _hollow(job: Job) -> None:
    """Only the first process has the model: what the others begin with must not matter."""
    if not job.accelerator.is_main_process:
        for each in job.model.parameters():
            each.data.fill_(float("nan"))


def _first_step(job: Job) -> dict[str, Any]:
    """The first step's loss and whole gradients, and the weights after a step of plain SGD."""
    found: dict[str, Any] = {}

    def look(optimiser: Optimizer, *_: object) -> None:
        if found or not isinstance(optimiser, AdamW):
            return
        named = dict(job.model.named_parameters())
        found["parameters"] = {name: type(each).__name__ for name, each in named.items()}
        if is_parted(job.model):
            found["parameters"] = kinds(job.model)
            found["gradients"] = gradients(job.model)
            return
        found["gradients"] = {
            name: _whole(each.grad) for name, each in named.items() if each.grad is not None
        }
        SGD([each for each in named.values() if each.requires_grad], lr=0.1).step()
        after = whole_weights(job.model)
        found["after_sgd"] = {name: each.clone() for name, each in after.items()}

    handle = register_optimizer_step_pre_hook(look)
    try:
        step = next(each for each in train(job, stop=lambda: False) if isinstance(each, Stepped))
    finally:
        handle.remove()
    return {**found, "loss": step.loss, "norm": step.norm}


def _whole(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.full_tensor() if isinstance(gradient, DTensor) else gradient.clone()


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"run": run, "sharded": sharded}[sys.argv[1]](*sys.argv[2:])
