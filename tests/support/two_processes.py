"""Runs a function of this file in two processes that talk through gloo, as torchrun starts them.

python -m torch.distributed.run --standalone --nproc_per_node 2 two_processes.py NAME ARGUMENT…
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import tiny_training as tiny
import torch
import torch.distributed as dist
from accelerate import Accelerator

from trainer.loop.run import Event, Saved, train
from trainer.loop.state import ResumeError
from trainer.recipe import Batch, Method, Part

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


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"run": run}[sys.argv[1]](*sys.argv[2:])
