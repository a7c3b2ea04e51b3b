"""Which engine is meant: by a checkpoint of this machine, or by what is typed in a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.choice import BUILTIN, EngineChoice, EngineName
from engine.contract import EngineError

if TYPE_CHECKING:
    from engine.checkpoints.store import Installed


def checkpoint_choice(found: Installed, all_here: Iterable[Installed]) -> EngineChoice:
    """The choice of a checkpoint, with the prompts that were kept with it.

    An adapter's base may be a folder, or another checkpoint under its name on the hub; what is
    neither is left to the engine, which says what it lacks.
    """
    base = found.record.base
    if base and (found.folder / base).is_dir():
        base = str((found.folder / base).resolve())
    elif base:
        named = (each for each in all_here if each.record.repo.lower() == base.lower())
        base = next((str(each.folder) for each in named), "")
    return EngineChoice(
        engine=EngineName.VENUS, checkpoint=str(found.folder), base=base, wording=found.wording
    )


def named_choice(text: str, *, model: str = "", root: Path | None = None) -> EngineChoice:
    """What `--engine` means: "builtin", the address of a server, a checkpoint's name, a folder.

    `root` is where checkpoints are kept, unless it is the usual place. Raises EngineError for a
    bad address, for what is none of these, and for a `model` without a server.
    """
    if text.startswith(("http://", "https://")):
        from engine.remote import address

        return EngineChoice(engine=EngineName.REMOTE, url=address.parse(text).url, model=model)
    if model:
        raise EngineError(
            "model_without_server",
            "A model is named, but no server.",
            "Give the server's address as the engine, such as http://127.0.0.1:8000/v1.",
        )
    if text == EngineName.BUILTIN:
        return BUILTIN
    from engine.checkpoints.store import State, Store

    here = Store(root).checkpoints()
    folder = Path(text).expanduser()
    for each in here:
        if each.name == text or each.folder == folder.absolute():
            if each.state is not State.READY:
                raise EngineError(
                    each.state, each.reason, f"Look at: venus models verify {each.name}"
                )
            return checkpoint_choice(each, here)
    if folder.is_dir():
        return EngineChoice(engine=EngineName.VENUS, checkpoint=str(folder.absolute()))
    names = ", ".join(("builtin", *(each.name for each in here)))
    raise EngineError(
        "unknown_engine",
        f"{text} is no engine: no checkpoint of that name, no folder and no address is there.",
        f"Give one of {names}, a folder with a model, or the address of a server.",
    )
