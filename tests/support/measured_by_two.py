"""Trains, measures and writes a tiny model in two processes, as copies of it or in parts.

python -m torch.distributed.run --standalone --nproc_per_node 2 measured_by_two.py MODE FOLDER NAME
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import tiny_training as tiny
import torch
import torch.distributed as dist
import trained
from parts_on_cpu import use_fsdp, use_zero

from trainer.export.checkpoint import write
from trainer.loop.run import Measured, train
from trainer.loop.sharding import whole_weights
from trainer.recipe import Batch

TURNED = 4
"""Samples whose first question is for a crop."""


def measured(mode: str, folder: Path, family: str) -> dict[str, Any]:
    """One epoch, measured before and after: figures and answers, and the model in `folder`/mode.

    A mode is how the model lies on the processes: "alone" on one, as "copies", in FSDP's "parts",
    or in DeepSpeed's ("zero").
    """
    processes = 1 if mode == "alone" else 2
    batch = Batch(devices=processes, per_device=1, accumulation=4 // processes)
    made = trained.ready(folder, tiny.recipe(batch=batch, epochs=1), family=family)
    if mode == "parts":
        use_fsdp(made.job.accelerator, made.job.model, made.loaded.parts)
    if mode == "zero":
        use_zero(made.job.accelerator)
    held_out = tuple(
        replace(each, exchanges=each.exchanges[::-1] if place < TURNED else each.exchanges)
        for place, each in enumerate(made.job.samples[:7])
    )
    evaluation = trained.evaluation(made, held_out, shown=10)
    job = replace(made.job, out=folder / f"{mode}-run", measure=evaluation)
    told = []
    for event in train(job, stop=lambda: False):
        if isinstance(event, Measured):
            said = {each.photo: each.said for each in evaluation.answers}
            told.append({"figures": dict(event.figures), "said": said})
    weights = whole_weights(job.model, learning=True)
    if job.accelerator.is_main_process:
        write(
            job.model,
            weights,
            folder / mode,
            family=made.loaded.family,
            source=made.loaded.source,
            processor=job.processor,
            card="",
        )
    return {"told": told}


def start(mode: str, folder: Path, family: str) -> dict[str, Any]:
    """`measured` in two processes; what the first one found."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc_per_node", "2", __file__, mode, str(folder), family]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads((folder / f"{mode}.json").read_text("utf-8"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    name, place, kind = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    found = measured(name, place, kind)
    if dist.get_rank() == 0:
        (place / f"{name}.json").write_text(json.dumps(found), "utf-8")
    dist.destroy_process_group()
