"""A checkpoint on this machine as an endpoint: one question at a time, with its own sampling."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from engine.checkpoints.weights import weight_files
from engine.choice import EngineChoice, EngineName
from engine.contract import Engine, EngineError, Opened
from engine.registry import create
from engine.stop import Stop
from trainer.endpoints.asking import Asked, Heard
from trainer.endpoints.pictures import blank, jpeg

_SMALL: Final = 1 << 20
"""Bytes of the files that are part of a checkpoint's sum whole; of larger ones the size is."""


class Local:
    """A checkpoint of any family that the Venus engine reads. A question without a photo is asked
    with a grey picture, because these models know no other.
    """

    def __init__(self, folder: Path, *, seed: int = 0) -> None:
        self._folder = folder
        self._seed = seed
        self._sum = checkpoint_sum(folder)
        self._engine: Engine | None = None

    def load(self, stop: Stop) -> None:
        """Read the weights. EngineError where that cannot be."""
        choice = EngineChoice(
            engine=EngineName.VENUS, checkpoint=str(self._folder), seed=self._seed
        )
        engine = create(choice)
        for _ in engine.load(stop):
            pass
        self._engine = engine

    @property
    def name(self) -> str:
        return f"{self._folder.name} on this machine"

    @property
    def identity(self) -> Mapping[str, Any]:
        return {"checkpoint": self._sum, "seed": self._seed}

    @property
    def at_most(self) -> int | None:
        """There is one model, and it has its own batches."""
        return 1

    async def ask(self, asked: Asked) -> Heard:
        """The model's answer, in a thread that ends with the task."""
        given_up = threading.Event()
        try:
            return await asyncio.to_thread(self._say, asked, given_up.is_set)
        except asyncio.CancelledError:
            given_up.set()
            raise

    def _say(self, asked: Asked, stop: Stop) -> Heard:
        engine = self._engine
        if engine is None:
            raise EngineError("not_loaded", f"{self._folder} is not loaded.", "Load it first.")
        with tempfile.TemporaryDirectory(prefix="venus-") as folder:
            picture = Path(folder) / "photo.jpg"
            picture.write_bytes(blank() if asked.shown is None else jpeg(asked.shown))
            opened = [step for step in engine.open(picture, stop) if isinstance(step, Opened)]
        if not opened:
            return Heard("", 0, cut=True)
        conversation = opened[0].conversation
        pieces: list[str] = []
        tokens, most = 0, asked.sampling.most_tokens
        try:
            for said in conversation.speaker.say(asked.history, asked.words, stop=stop):
                pieces.append(said.text)
                tokens += said.tokens
                if tokens >= most:
                    return Heard("".join(pieces), tokens, cut=True)
        finally:
            engine.close(conversation)
        return Heard("".join(pieces), tokens)


def checkpoint_sum(folder: Path) -> str:
    """A sum that tells checkpoints apart without reading their weights: small files whole, large
    ones by name, size and time of change. EngineError where the folder holds no weights.
    """
    weights = set(weight_files(folder)) if folder.is_dir() else set()
    if not weights:
        raise EngineError(
            "checkpoint",
            f"{folder} holds no model's weights.",
            "Give a checkpoint's folder, or a server's address with http:// or https://.",
        )
    found = hashlib.sha256()
    for file in sorted(each for each in folder.iterdir() if each.is_file()):
        status = file.stat()
        found.update(f"\0{file.name}\0{status.st_size}\0".encode())
        if file in weights or status.st_size > _SMALL:
            found.update(str(status.st_mtime_ns).encode())
        else:
            found.update(file.read_bytes())
    return found.hexdigest()
