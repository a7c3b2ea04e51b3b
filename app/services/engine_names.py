"""What engines are called in the window, before they are loaded and could say it themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication

from engine.choice import EngineChoice, EngineName

_LONGEST: Final = 28
"""Characters of a name on a button."""

translate = QCoreApplication.translate  # pyside6-lupdate looks for this name


def engine_name(choice: EngineChoice) -> str:
    """A name for people: a checkpoint's title where the catalogue knows it, a server's model."""
    match choice.engine:
        case EngineName.BUILTIN:
            return translate("Engines", "Built-in engine")
        case EngineName.REMOTE:
            return server_name(choice)
        case EngineName.VENUS:
            from engine.checkpoints.recognise import known_entry

            folder = Path(choice.checkpoint)
            entry = known_entry(folder)
            return entry.title if entry is not None else folder.name


def short_name(choice: EngineChoice) -> str:
    """A name for a button: without the host where a model is named, and cut where it is long."""
    name = choice.model if choice.engine is EngineName.REMOTE and choice.model else ""
    name = name.rpartition("/")[2] or engine_name(choice)
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def server_name(choice: EngineChoice) -> str:
    """A server's model and its host: "llava at 127.0.0.1:8000"."""
    host = urlsplit(choice.url).netloc or choice.url
    if not choice.model:
        return host
    return translate("Engines", "{model} at {host}").format(model=choice.model, host=host)
