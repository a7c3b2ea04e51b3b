"""What engines are called in the window, before they are loaded and could say it themselves."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication

from engine.choice import EngineChoice, EngineName

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


def server_name(choice: EngineChoice) -> str:
    """A server's model and its host: "llava at 127.0.0.1:8000"."""
    host = urlsplit(choice.url).netloc or choice.url
    if not choice.model:
        return host
    return translate("Engines", "{model} at {host}").format(model=choice.model, host=host)
