"""The options of a command that name a model to be asked: a server or a checkpoint's folder."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from engine.remote.client import Patience
from engine.stop import Stop
from trainer.commands.command import CommandError
from trainer.endpoints.account import Account, Prices
from trainer.endpoints.asker import Asker
from trainer.endpoints.asking import Endpoint, Sampling
from trainer.endpoints.kept import Kept
from trainer.endpoints.local import Local
from trainer.endpoints.server import PATIENCE, open_server

_ADDRESS: Final = ("http://", "https://")


def add_endpoint(
    parser: argparse.ArgumentParser,
    role: str,
    told: str,
    *,
    temperature: float | None = None,
    required: bool = True,
) -> None:
    """`--ROLE` and what goes with it; `asker_of` reads them."""
    default = "the model's own" if temperature is None else f"{temperature:g}"
    parser.add_argument(
        f"--{role}",
        required=required,
        metavar="URL|DIR",
        help=f"{told}: an OpenAI-compatible server's address, or a checkpoint's folder",
    )
    parser.add_argument(
        f"--{role}-model", default="", metavar="NAME", help="which model of the server"
    )
    parser.add_argument(
        f"--{role}-prices",
        type=_prices,
        metavar="IN,OUT",
        help="of a million tokens read and written, for the account",
    )
    parser.add_argument(
        f"--{role}-temperature",
        type=float,
        default=temperature,
        metavar="T",
        help=f"of a server's answers ({default})",
    )


def add_bounds(parser: argparse.ArgumentParser) -> None:
    """What holds for all endpoints of a command."""
    parser.add_argument(
        "--at-once", type=positive, default=4, metavar="N", help="requests at a time and model (4)"
    )
    parser.add_argument(
        "--tries", type=positive, default=3, metavar="N", help="for a malformed answer (3)"
    )
    parser.add_argument(
        "--most-tokens", type=positive, default=2048, metavar="N", help="of an answer (2048)"
    )
    parser.add_argument(
        "--silence",
        type=float,
        default=PATIENCE.silence,
        metavar="S",
        help=f"seconds until a server that says nothing is given up ({PATIENCE.silence:g})",
    )
    parser.add_argument(
        "--answers", type=Path, metavar="DIR", help="where answers are kept (OUT/answers)"
    )


def asker_of(
    options: argparse.Namespace, role: str, *, kept: Kept, stop: Stop, asking: bool = True
) -> Asker:
    """The endpoint that the options name, ready to be asked; without `asking` nobody is called and
    no weights are read. EngineError, CommandError, engine.photo.Stopped.
    """
    endpoint = _endpoint(options, role, stop, asking)
    account = Account(role, endpoint.name, _option(options, role, "prices"))
    return Asker(endpoint, kept=kept, account=account, at_once=options.at_once)


def sampling_of(options: argparse.Namespace, role: str) -> Sampling:
    """How this role's answers are drawn."""
    return Sampling(
        temperature=_option(options, role, "temperature"),
        most_tokens=options.most_tokens,
        seed=options.seed,
    )


def positive(text: str) -> int:
    """A whole number from 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def _endpoint(options: argparse.Namespace, role: str, stop: Stop, asking: bool) -> Endpoint:
    given, model = getattr(options, role), _option(options, role, "model")
    if given.startswith(_ADDRESS):
        patience: Patience = replace(PATIENCE, silence=options.silence)
        return open_server(given, model, stop=stop, patience=patience, ask=asking)
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise CommandError(
            f"--{role} {given!r} is neither a server's address, which begins with http:// or"
            " https://, nor a checkpoint's folder."
        )
    local = Local(folder, seed=options.seed)
    if asking:
        local.load(stop)
    return local


def _option(options: argparse.Namespace, role: str, name: str) -> Any:
    return getattr(options, f"{role}_{name}".replace("-", "_"))


def _prices(text: str) -> Prices:
    try:
        return Prices.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no pair of prices: write 2.5,10") from error
