"""Checkpoints of a run: everything that the next step depends on, whole or not there at all."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from engine.wire import WireError, from_json, to_json
from trainer.data.sample import Sample
from trainer.loop.ranks import Ranks
from trainer.loop.strategy import Strategy

PROGRESS: Final = "progress.json"
_PARTS: Final = "state"


class ResumeError(Exception):
    """A run cannot go on from a checkpoint; the message says why and what would work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands, between two steps.

    `step` counts the optimiser's steps from the start, `taken` those of this epoch; with `seed` and
    the layout they give the next sample. The rate of a step follows from its number. `strategy` is
    whose parts lie in the checkpoint, `origin` a fingerprint of the model that the run began from.
    """

    step: int
    epoch: int
    taken: int
    seed: int
    ranks: int
    per_device: int
    accumulation: int
    data: str
    recipe: str
    strategy: str
    origin: str = ""

    @property
    def next_sample(self) -> int:
        """How many samples of this epoch have been taken."""
        return self.taken * self.ranks * self.per_device * self.accumulation


def data_hash(samples: Iterable[Sample]) -> str:
    """Over all words, photos' names and boxes, in their order."""
    digest = blake2b(digest_size=16)
    for sample in samples:
        digest.update(json.dumps(to_json(sample), ensure_ascii=False).encode())
    return digest.hexdigest()


def random_states() -> dict[str, Any]:
    """The states of all generators that a step may draw from."""
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def set_random_states(states: dict[str, Any]) -> None:
    random.setstate(states["python"])
    np.random.set_state(states["numpy"])
    torch.set_rng_state(states["torch"])
    if states["cuda"]:
        torch.cuda.set_rng_state_all(states["cuda"])


def save(
    runs: Path,
    strategy: Strategy,
    progress: Progress,
    states: dict[str, Any],
    ranks: Ranks,
    *,
    keep: int = 2,
) -> Path:
    """Write `runs`/step-…: every rank its part, then rank 0 gives the folder its name.

    Older checkpoints go, but for the newest `keep`. A folder without the name is not a checkpoint.
    """
    folder = _folder(runs, progress.step)
    unfinished = runs / f".{folder.name}.saving"
    if ranks.first:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
    ranks.wait()
    if ranks.any(not unfinished.is_dir()):
        raise ResumeError(
            f"{runs} is not on a disk that all computers of this run share: each would keep a part"
            " of the checkpoint. Give an --out that is."
        )
    strategy.save(unfinished / _PARTS)
    torch.save(states, unfinished / f"random-{ranks.index}.pt")
    ranks.wait()
    if ranks.first:
        (unfinished / PROGRESS).write_text(json.dumps(to_json(progress), indent=2), "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
        for old in checkpoints(runs)[:-keep]:
            shutil.rmtree(old)
    ranks.wait()
    return folder


def checkpoints(runs: Path) -> list[Path]:
    """The whole checkpoints of a run, the oldest first."""
    return sorted(each for each in runs.glob("step-*") if (each / PROGRESS).is_file())


def newest(runs: Path, ranks: Ranks) -> Path | None:
    """The newest whole checkpoint that the first process sees, for all; None where it sees none.

    ResumeError where another process does not see it.
    """
    seen = checkpoints(runs)[-1:] if ranks.first else []
    number = int(ranks.total(read_progress(seen[0]).step + 1 if seen else 0)) - 1
    if number < 0:
        return None
    folder = _folder(runs, number)
    if ranks.any(not (folder / PROGRESS).is_file()):
        raise ResumeError(f"{folder} is not seen by every computer of this run: share its disk.")
    return folder


def read_progress(folder: Path) -> Progress:
    """Where the run stood. ResumeError if the folder is no checkpoint."""
    try:
        return from_json(Progress, json.loads((folder / PROGRESS).read_text("utf-8")))
    except (OSError, ValueError, WireError) as error:
        raise ResumeError(f"{folder} is no checkpoint of a run: {error}") from error


def require_same(there: Progress, here: Progress, folder: Path) -> None:
    """ResumeError in words where going on would not be the same run."""
    if there.ranks != here.ranks:
        raise ResumeError(
            f"{folder} was written by {there.ranks} processes, and this run has {here.ranks}:"
            f" the samples would fall differently. Start {there.ranks} processes, or begin anew"
            " from its weights."
        )
    layout = (there.per_device, there.accumulation)
    if layout != (here.per_device, here.accumulation):
        raise ResumeError(
            f"{folder} was written with {layout[0]} samples a device and {layout[1]} micro-batches"
            f" a step, and this run has {here.per_device} and {here.accumulation}."
        )
    if there.strategy != here.strategy:
        raise ResumeError(
            f"{folder} was written by {there.strategy}, and this run is on {here.strategy}: launch"
            " it as it was launched, or begin anew from its weights."
        )
    if there.origin != here.origin:
        raise ResumeError(
            f"{folder} goes on from another --checkpoint: give it the same one, or another --out."
        )
    if there.data != here.data:
        raise ResumeError(f"{folder} was trained on other data: give it the same files.")
    if there.seed != here.seed or there.recipe != here.recipe:
        raise ResumeError(f"{folder} was trained by another recipe or seed: give it the same one.")


def restore(folder: Path, strategy: Strategy, ranks: Ranks) -> None:
    """Put weights, moments and this rank's random states back, in place."""
    strategy.restore(folder / _PARTS)
    set_random_states(torch.load(folder / f"random-{ranks.index}.pt", weights_only=False))


def _folder(runs: Path, step: int) -> Path:
    return runs / f"step-{step:07d}"
