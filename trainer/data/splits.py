"""Training and held-out samples, parted by photo: no photo is on both sides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePath

from trainer.data.sample import Sample


@dataclass(frozen=True, slots=True)
class Split:
    """Samples to train on and samples to measure on."""

    training: tuple[Sample, ...]
    held_out: tuple[Sample, ...]


def split(samples: Iterable[Sample], *, held_out: float = 0.05, seed: int = 0) -> Split:
    """Part samples by a hash of their photo's name: the same photo always falls on the same side,
    also when samples are added later or folders are renamed.
    """
    sides: tuple[list[Sample], list[Sample]] = ([], [])
    for sample in samples:
        sides[_place(sample.photo, seed) < held_out].append(sample)
    return Split(tuple(sides[0]), tuple(sides[1]))


def _place(photo: str, seed: int) -> float:
    """Evenly spread over 0..1."""
    name = PurePath(photo).name
    digest = blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
