"""Answers on the disk, one file each under its request's sum: what was paid for is never lost."""

from __future__ import annotations

import json
from pathlib import Path

from engine.saving import write_whole
from engine.wire import WireError, from_json, to_json
from trainer.endpoints.asking import Reply


class KeptError(Exception):
    """The folder of answers cannot be used; the message names the file and what to do."""


class Kept:
    """The answers in a folder, made when the first one comes. Several runs may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, request: str) -> Reply | None:
        """The answer to a request, if there is one. KeptError where its file is damaged."""
        file = self._file(request)
        try:
            return from_json(Reply, json.loads(file.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeptError(f"{file} cannot be read: {error.strerror}.") from error
        except (ValueError, WireError) as error:
            raise KeptError(
                f"{file} is damaged ({error}). Remove it, and its question is asked again."
            ) from error

    def keep(self, reply: Reply) -> None:
        """Put an answer on the disk. KeptError where that cannot be."""
        file = self._file(reply.request)
        try:
            write_whole(file, json.dumps(to_json(reply), ensure_ascii=False).encode("utf-8"))
        except OSError as error:
            raise KeptError(
                f"{file} cannot be written: {error.strerror}. Make room, then go on."
            ) from error

    def _file(self, request: str) -> Path:
        return self.folder / request[:2] / f"{request}.json"
