"""The options of a command that name an engine: a name, a checkpoint's folder, or an address."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engine.choice import EngineChoice, EngineName, MemoryPlan, Wording
from engine.contract import Engine, EngineError, Loaded, Progress, Stop
from engine.registry import named
from engine.vocabulary import EngineInfo
from trainer.commands.command import CommandError

_ADDRESS: Final = ("http://", "https://")


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


def load(engine: Engine, stop: Stop) -> EngineInfo:
    """Load an engine to its end. EngineError where it cannot be, or was told to stop."""
    for step in engine.load(stop):
        match step:
            case Loaded(info):
                return info
            case Progress():
                pass
    raise EngineError("stopped", "The engine was stopped while it was loading.", "")
