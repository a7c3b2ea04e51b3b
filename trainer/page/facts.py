"""What a run was: everything that its page and its model card tell beside the figures."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from engine.wire import to_json
from trainer.recipe import Recipe

PACKAGES: Final = (
    "venus-photo",
    "torch",
    "transformers",
    "accelerate",
    "peft",
    "bitsandbytes",
    "deepspeed",
)
"""Those whose versions are told, where they are installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCounts:
    """The samples of a run; `hash` is over the words, names and boxes of those trained on."""

    files: tuple[str, ...]
    samples: int
    photos: int
    turns: int
    tasks: Mapping[str, int]
    held_out_samples: int
    held_out_photos: int
    held_out_share: float
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A run: its recipe, the model that it began from, its data, and what it ran on.

    `split_seed` parts training from held-out photos; the recipe has the seed of everything else.
    """

    recipe: Recipe
    checkpoint: str
    family: str
    data: DataCounts
    split_seed: int
    processes: int
    device: str
    precision: str
    versions: Mapping[str, str]


def versions() -> dict[str, str]:
    """Of Python and of the packages that decide what a run computes."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def rows(facts: Facts) -> list[tuple[str, str]]:
    """The run's facts but for its recipe and versions, as names and values for people."""
    data = facts.data
    return [
        ("Model at the start", facts.checkpoint),
        ("Family", facts.family),
        ("Data files", ", ".join(data.files)),
        ("Trained on", f"{data.samples} samples, {data.photos} photos, {data.turns} turns"),
        ("Tasks", ", ".join(f"{name} {count}" for name, count in sorted(data.tasks.items()))),
        (
            "Held out",
            f"{data.held_out_samples} samples, {data.held_out_photos} photos"
            f" ({data.held_out_share:.0%} of the photos, parted by seed {facts.split_seed})",
        ),
        ("Hash of the training data", data.hash),
        ("Seed", str(facts.recipe.seed)),
        ("Processes", str(facts.processes)),
        ("Device", facts.device),
        ("Computed in", facts.precision),
    ]


def fields(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Every field's dotted name and its value in words, in the table's order."""
    yield from _flat(to_json(recipe), "")


def _flat(table: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif value is not None:
            yield f"{before}{name}", _words(value)


def _words(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
        case float():
            return f"{value:g}"
        case _:
            return str(value)
