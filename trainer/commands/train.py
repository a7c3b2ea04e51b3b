"""`venus-trainer train`: one stage of training, begun or gone on with."""

from __future__ import annotations

import argparse
from pathlib import Path

from trainer.commands.command import Parsers
from trainer.commands.data import share
from trainer.commands.files import require_folder
from trainer.commands.recipes import open_recipe

_WORDS = """\
Trains one stage by a recipe (see `venus-trainer recipes`). The same command goes on with a run that
was stopped, from the newest checkpoint in --out. On several cards or machines, start it with
`torchrun -m trainer.cli train …` or `accelerate launch -m trainer.cli train …`."""


def add(parsers: Parsers) -> None:
    """Make the command known."""
    train = parsers.add_parser("train", help="train a stage", description=_WORDS)
    train.add_argument("recipe", help="a recipe's name, or a TOML file")
    train.add_argument(
        "--checkpoint", type=Path, required=True, metavar="DIR", help="the model to begin from"
    )
    train.add_argument("--base", type=Path, metavar="DIR", help="of an adapter: its whole model")
    train.add_argument(
        "--data", type=Path, nargs="+", required=True, metavar="FILE", help="training files"
    )
    train.add_argument("--root", type=Path, required=True, metavar="DIR", help="where photos lie")
    train.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the run's folder, made if missing"
    )
    train.add_argument(
        "--held-out",
        type=share,
        default=0.05,
        metavar="SHARE",
        help="of the photos, to measure on (0.05)",
    )
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="change a field of the recipe, such as optimiser.learning_rate=1e-4 (repeatable)",
    )
    train.add_argument(
        "--keep-adapter", action="store_true", help="write a LoRA as it is, not merged"
    )
    train.add_argument("--name", default="", help="what to call the model (else as the folder)")
    train.add_argument(
        "--save-every",
        type=_positive,
        default=200,
        metavar="N",
        help="steps between checkpoints (200)",
    )
    train.add_argument(
        "--workers", type=_count, default=2, metavar="N", help="processes that read photos (2)"
    )
    train.add_argument(
        "--measure-samples",
        type=_positive,
        default=500,
        metavar="N",
        help="most for the loss (500)",
    )
    train.add_argument(
        "--measure-photos", type=_count, default=50, metavar="N", help="most to ask about (50)"
    )
    train.add_argument(
        "--no-memory-check", action="store_true", help="begin even where the estimate says no"
    )
    train.set_defaults(run=_train)


def _count(text: str) -> int:
    """A whole number from 0."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return value


def _positive(text: str) -> int:
    """A whole number from 1."""
    value = _count(text)
    if value == 0:
        raise argparse.ArgumentTypeError("it must be 1 at least")
    return value


def _train(options: argparse.Namespace) -> int:
    recipe = open_recipe(options.recipe, options.set)
    require_folder(options.out)
    from engine.venus.quiet import quiet

    quiet()
    from trainer.commands.training import Wanted, run

    return run(
        Wanted(
            recipe=recipe,
            checkpoint=options.checkpoint,
            base=options.base,
            data=tuple(options.data),
            root=options.root,
            out=options.out,
            held_out=options.held_out,
            keep_adapter=options.keep_adapter,
            name=options.name or options.out.absolute().name,
            save_every=options.save_every,
            workers=options.workers,
            measure_samples=options.measure_samples,
            measure_photos=options.measure_photos,
            check_memory=not options.no_memory_check,
        )
    )
