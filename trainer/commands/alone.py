"""One run at a time in a folder, held by a lock that opens with the end of the process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from trainer.commands.command import CommandError


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """No other run writes into this folder meanwhile. CommandError where one does."""
    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise CommandError(f"Another run is at work in {out}. Wait for it, or stop it.") from error
    try:
        yield
    finally:
        lock.release()
