"""Downloading a checkpoint: all of it, checked, or a part that the next attempt goes on with.

The work is done in a thread, so that whoever asks for progress also can stop: the thread may wait
for bytes for half a minute, and is woken or left behind.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from engine.checkpoints.catalogue import Entry
from engine.checkpoints.fetching import Fetching
from engine.checkpoints.hub import Hub
from engine.checkpoints.installed import Installed
from engine.checkpoints.progress import Meter, Phase, Transfer
from engine.checkpoints.store import Store
from engine.stop import Stop

TICK_S: Final = 0.1
"""How often progress is told and the wish to stop is asked for."""

PARTING_S: Final = 0.5
"""How long the thread may take to end once it was woken."""

PAUSES_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Between attempts that get no further; one that does begins the row anew."""


def free_bytes(folder: Path) -> int:
    """Room on the disk of a folder that is there."""
    return shutil.disk_usage(folder).free


def download(
    entry: Entry,
    store: Store,
    *,
    stop: Stop,
    endpoint: str | None = None,
    pauses: Sequence[float] = PAUSES_S,
    free: Callable[[Path], int] = free_bytes,
) -> Generator[Transfer | Installed, None, None]:
    """Fetch a checkpoint into the store; the last value is the checkpoint, ready.

    Yields about ten times a second. Once `stop` is true, returns without a further word within a
    second; what has come stays, as it does after an error, and the next call goes on from there. A
    download that has lost files is mended: only those are fetched.
    Raises EngineError: `already_here`, `busy`, `bad_endpoint`, `offline`, `gated`, `not_found`,
    `refused`, `no_hub`, `unreachable`, `disk_full`, `write_failed`, `wrong_sha256`,
    `no_checkpoint`, `bad_config`.
    """
    with store.lock(entry.name):
        store.reopen(entry.name)
        fetching = Fetching(entry, store, Hub(endpoint), pauses=pauses, free=free)
        thread = threading.Thread(target=fetching.run, name="venus-download", daemon=True)
        thread.start()
        meter = Meter()
        try:
            while not fetching.ended.wait(TICK_S):
                if stop():
                    return
                yield _with_speed(fetching.at, fetching.come, meter)
        finally:
            fetching.cancel()
            thread.join(PARTING_S)
        fetching.raise_failure()
    yield store.find(entry.name)


def _with_speed(at: Transfer, come: int, meter: Meter) -> Transfer:
    if at.phase not in (Phase.FETCHING, Phase.WAITING):
        return at  # asking and checking are no slow download
    speed = meter.mark(time.monotonic(), come)
    return replace(at, speed=speed) if at.phase is Phase.FETCHING else at
