"""Whether a checkpoint is whole: a download byte for byte, a folder as far as its files tell."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

from engine.checkpoints.installed import Installed, State
from engine.checkpoints.part import sha256_of
from engine.checkpoints.progress import Meter, Phase, Transfer
from engine.checkpoints.recognise import recognise
from engine.checkpoints.weights import Problem, problems_of, weight_files
from engine.contract import EngineError
from engine.stop import Stop

TICK_S: Final = 0.1

FETCH_AGAIN: Final = "Delete this file and download the checkpoint again: only it is fetched."


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the check found. `by_bytes` is true where every byte was compared with what the hub
    promised, false where only the files' own headers could be read.
    """

    files: int
    size: int
    by_bytes: bool
    problems: tuple[Problem, ...]

    @property
    def is_whole(self) -> bool:
        return not self.problems


def verify(installed: Installed, *, stop: Stop) -> Generator[Transfer | Verdict, None, None]:
    """Read the checkpoint's files; the last value is the verdict. No connection is opened.

    Returns without a further word once `stop` is true. Raises EngineError: `missing`,
    `unreadable`, and those of `recognise`.
    """
    if installed.state in (State.MISSING, State.UNREADABLE):
        raise EngineError(
            installed.state.value,
            installed.reason,
            f"Put it back where it was, or remove {installed.name} from the list.",
        )
    problems: list[Problem] = []
    files = installed.record.files
    if files:
        for step in _compared(installed, stop):
            if isinstance(step, Problem):
                problems.append(step)
            else:
                yield step
        if stop():
            return
    else:
        recognise(installed.folder)
    named = {problem.file for problem in problems}
    problems += [each for each in problems_of(installed.folder) if each.file not in named]
    held = [installed.folder / name for name in files] or weight_files(installed.folder)
    size = sum(file.stat().st_size for file in held if file.is_file())
    yield Verdict(files=len(held), size=size, by_bytes=bool(files), problems=tuple(problems))


def _compared(installed: Installed, stop: Stop) -> Iterator[Transfer | Problem]:
    """Every file of a download against what was noted when it came."""
    total = sum(file.size for file in installed.record.files.values())
    done, told, meter = 0, time.monotonic(), Meter()
    for name, expected in installed.record.files.items():
        path = installed.folder / name
        start = done
        yield Transfer(phase=Phase.CHECKING, done=done, total=total, file=name)
        if not path.is_file():
            yield Problem(
                name, "It is not there.", "Download the checkpoint again: only it is fetched."
            )
        elif path.stat().st_size != expected.size:
            reason = f"It has {path.stat().st_size} bytes instead of {expected.size}."
            yield Problem(name, reason, FETCH_AGAIN)
        else:
            digest = ""
            for step in sha256_of(path):
                if stop():
                    return
                if isinstance(step, str):
                    digest = step
                    continue
                done += step
                now = time.monotonic()
                if now - told >= TICK_S:
                    told = now
                    speed = meter.mark(now, done)
                    yield Transfer(
                        phase=Phase.CHECKING, done=done, total=total, file=name, speed=speed
                    )
            if digest != expected.sha256:
                reason = f"Its sha256 is {digest[:12]}…, not {expected.sha256[:12]}…."
                yield Problem(name, reason, FETCH_AGAIN)
        done = start + expected.size
