"""An engine that does what the words of a question say, served by the real host process.

Run as a script it is a host like any other; `COMMAND` starts it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.choice import EngineChoice
from engine.contract import Answered, EngineError, Loaded, Opened, Progress
from engine.stop import Stop
from engine.vocabulary import (
    Box,
    Crop,
    EngineInfo,
    Event,
    Finished,
    Part,
    Question,
    Size,
    Task,
    Text,
)

COMMAND = [sys.executable, str(Path(__file__))]
SIZE = Size(600, 400)
CROP = Crop(Box(0.1, 0.1, 0.9, 0.9), rationale="It is one.", score=0.8)


class ScriptedEngine:
    """Words: "count" N tokens; "freeze", "crash", "hungry", "print", "refuse".

    With the model "slow" it takes its time to load, and heeds a stop; with "broken" it cannot be
    loaded; "many" has 2000 steps to load; "wordy" counts its tokens, and says what memory it holds.
    """

    def __init__(self, choice: EngineChoice) -> None:
        self._model = choice.model

    def load(self, stop: Stop) -> Iterator[Progress | Loaded]:
        yield Progress(0.5, "half")
        if self._model == "broken":
            raise EngineError("broken", "It cannot be loaded.", "Mend it.")
        if self._model == "many":
            yield from (Progress(step / 2000, f"step {step}") for step in range(2000))
        if self._model == "slow":
            time.sleep(0.3)
        if not stop():
            yield Loaded(self._info())

    def _info(self) -> EngineInfo:
        name = f"scripted {self._model}".strip()
        if self._model == "wordy":
            return EngineInfo(name, "1", 0, "cuda:0", 7 << 30, "All in 4 bits.", ("It guesses.",))
        return EngineInfo(name, "1")

    def open(self, photo: Path, stop: Stop) -> Iterator[Progress | Opened]:
        if photo.name == "crash.jpg":
            os.kill(os.getpid(), signal.SIGSEGV)
        if photo.name == "slow.jpg":
            while not stop():
                time.sleep(0.005)
            return
        if not photo.exists():
            raise EngineError("missing", f"There is no {photo.name}.", "Choose another.")
        yield Opened({"photo": str(photo)}, SIZE)

    def ask(
        self, conversation: Any, questions: Sequence[Question], stop: Stop
    ) -> Iterator[Answered]:
        for question in questions:
            for event in self._answer(question, stop):
                if stop():
                    return
                yield Answered(question.id, event)
            wordy = self._model == "wordy"
            yield Answered(question.id, Finished(0.5, 10) if wordy else Finished(0.0))

    def close(self, conversation: Any) -> None:
        print("closed", flush=True)

    def _answer(self, question: Question, stop: Stop) -> Iterator[Event]:
        if question.task is Task.CROP:
            yield replace(CROP, score=0.8 - question.tighter / 2)
        elif question.task is Task.WHY:
            assert question.crop is not None
            yield Text(f"area {question.crop.box.area:.3f}", Part.FOR)
            yield Text("none", Part.AGAINST)
        elif question.task is Task.ASK:
            yield from self._obey(question.words.split(), stop)
        else:
            yield Text(f"{question.task} ")
            yield Text("told" if question.language == "en" else f"told in {question.language}")

    def _obey(self, words: list[str], stop: Stop) -> Iterator[Event]:
        match words:
            case ["count", number]:
                for token in range(int(number)):
                    yield Text(f"{token} ")
                    if stop():
                        return
                    time.sleep(0.002)
            case ["freeze"]:
                yield Text("before ")
                os.kill(os.getpid(), signal.SIGSTOP)
                yield Text("after")
            case ["crash"]:
                yield Text("before ")
                os.kill(os.getpid(), signal.SIGKILL)
            case ["hungry"]:
                yield Text("before ")
                self._eat()
            case ["print"]:
                print("a library that prints")
                os.write(1, b"and one in C\n")
                yield Text("printed")
            case ["refuse"]:
                raise EngineError("refused", "It will not.", "Ask something else.")
            case ["fault"]:
                raise RuntimeError("nobody foresaw this")
            case ["pid"]:
                yield Text(str(os.getpid()))
            case ["modules"]:
                yield Text(" ".join(sys.modules))
            case _:
                yield Text(" ".join(words))

    def _eat(self) -> None:
        """Ask for more memory than the process may have: a real allocation failure."""
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**26, resource.RLIM_INFINITY))
        np.ones(2**30)


if __name__ == "__main__":
    from engine.host import main

    main(ScriptedEngine)
