"""The options of a command that name an engine: a name, a checkpoint's folder, or an address."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final, TextIO

from engine.choice import EngineChoice, EngineName, MemoryPlan, Wording
from engine.contract import Engine, EngineError, Loaded, Progress
from engine.registry import named
from engine.stop import Stop
from engine.vocabulary import EngineInfo
from trainer.commands.command import CommandError

_ADDRESS: Final = ("http://", "https://")
_LONGEST: Final = 70
"""Characters of a step: longer ones would break the terminal's line."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--engine` and what goes with it; `choice_of` reads them."""
    parser.add_argument(
        "--engine",
        default="builtin",
        metavar="ENGINE",
        help="builtin, a checkpoint's folder, or a server's address, http://… (builtin)",
    )
    parser.add_argument("--model", default="", metavar="NAME", help="which model of the server")
    parser.add_argument("--base", default="", metavar="DIR", help="what an adapter belongs to")
    parser.add_argument(
        "--memory",
        choices=[each.value for each in MemoryPlan],
        default=MemoryPlan.AUTO.value,
        help="how a checkpoint's weights are held (auto)",
    )
    parser.add_argument("--device", default="", help="cpu, cuda:0, … (what fits)")
    parser.add_argument(
        "--wording",
        choices=[each.value for each in Wording],
        default=Wording.AUTO.value,
        help="the prompts that the model was trained on (auto)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn by chance (0)")


def choice_of(options: argparse.Namespace) -> EngineChoice:
    """The engine that the options name. EngineError or CommandError says what is wrong."""
    given: str = options.engine
    shared = {"wording": Wording(options.wording), "seed": options.seed}
    if given.startswith(_ADDRESS):
        return EngineChoice(engine=EngineName.REMOTE, url=given, model=options.model, **shared)
    if given == EngineName.BUILTIN:
        return named(given)
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise CommandError(
            f"There is no engine {given!r}. Give builtin, a checkpoint's folder,"
            " or a server's address that begins with http:// or https://."
        )
    return EngineChoice(
        engine=EngineName.VENUS,
        checkpoint=str(folder),
        base=options.base,
        memory=MemoryPlan(options.memory),
        device=options.device,
        **shared,
    )


def load(engine: Engine, stop: Stop, *, stream: TextIO | None = None) -> EngineInfo:
    """Load an engine to its end, its steps told on `stream` (stderr) where that is a terminal.

    EngineError where it cannot be loaded, or was told to stop.
    """
    out = stream or sys.stderr
    shown = out.isatty()
    try:
        for step in engine.load(stop):
            match step:
                case Loaded(info):
                    return info
                case Progress(fraction, text) if shown:
                    out.write(f"\r\x1b[K{fraction:4.0%} {text[:_LONGEST]}")
                    out.flush()
                case Progress():
                    pass
    finally:
        if shown:
            out.write("\r\x1b[K")
            out.flush()
    raise EngineError("stopped", "The engine was stopped while it was loading.", "")
