"""The embedded default engine: it measures the photo, needs no download and no GPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from engine.builtin.answers import MEASURE, Step, answers
from engine.builtin.conversation import Conversation, open_conversation
from engine.builtin.crops.posterior import candidate_overlaps
from engine.builtin.crops.scene import scene
from engine.contract import Answered, EngineError, Loaded, Opened, Progress
from engine.photo import PhotoError
from engine.stop import Stop
from engine.vocabulary import EngineInfo, Event, Failed, Finished, Question, Size

NAME: Final = "Venus built-in engine"
_DISTRIBUTION: Final = "venus-photo"


class BuiltinEngine:
    """Answers every task from measurements; deterministic, one photo as good as instantly."""

    def load(self, stop: Stop) -> Iterator[Progress | Loaded]:
        """Make the tables that every photo needs, so that the first one is as fast as the rest."""
        _warm_up()
        if not stop():
            yield Loaded(EngineInfo(NAME, _version()))

    def open(self, photo: Path, stop: Stop) -> Iterator[Progress | Opened]:
        """Read the reduced copy; the full size follows in the background. Raises PhotoError."""
        conversation = open_conversation(photo)
        if stop():
            conversation.close()
            return
        try:
            conversation.read_reduced()
        except BaseException:
            conversation.close()
            raise
        if stop():
            conversation.close()
            return
        conversation.start_full_size()
        yield Opened(conversation, conversation.size)

    def ask(
        self, conversation: Conversation, questions: Sequence[Question], stop: Stop
    ) -> Iterator[Answered]:
        """First all that the reduced copy can tell, then the measurements, then the rest."""
        waiting = [_Answer(conversation, question) for question in questions]
        for each in waiting:
            for event in each.until_measurements():
                if stop():
                    return
                yield Answered(each.question, event)
        if not any(each.unfinished for each in waiting):
            return
        for measure in conversation.measurements():
            if stop():
                return
            try:
                measure()
            except PhotoError as error:
                for each in waiting:
                    if each.unfinished:
                        yield Answered(each.question, _failed(error))
                return
        for each in waiting:
            for event in each.to_the_end():
                if stop():
                    return
                yield Answered(each.question, event)

    def close(self, conversation: Conversation) -> None:
        """Waits for the background thread, which ends at the next stage of its decoding."""
        conversation.close()


class _Answer:
    """One question's events as far as they can be given, always with one last event."""

    def __init__(self, conversation: Conversation, question: Question) -> None:
        self.question = question.id
        self.unfinished = True
        self._started = perf_counter()
        self._steps: Iterator[Step] = answers(conversation, question)

    def until_measurements(self) -> Iterator[Event]:
        """What comes before the measurements; the last event too, if they are not needed."""
        return self._run(pause=True)

    def to_the_end(self) -> Iterator[Event]:
        """The rest, with the last event; nothing if there was one already."""
        return self._run(pause=False)

    def _run(self, *, pause: bool) -> Iterator[Event]:
        if not self.unfinished:
            return
        try:
            for step in self._steps:
                if step is not MEASURE:
                    yield step
                elif pause:
                    return
        except (EngineError, PhotoError) as error:
            self.unfinished = False
            yield _failed(error)
            return
        self.unfinished = False
        yield Finished(perf_counter() - self._started)


def _warm_up() -> None:
    """Look at a small ramp: makes the cropper's tables and wakes the libraries, which otherwise
    costs the first photo a tenth of a second.
    """
    ramp = np.linspace(0, 255, 96 * 64).reshape(64, 96, 1).astype(np.uint8)
    scene(np.repeat(ramp, 3, axis=2), Size(96, 64))
    candidate_overlaps()


def _failed(error: EngineError | PhotoError) -> Failed:
    return Failed(error.code, error.reason, error.remedy)


def _version() -> str:
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        return "0.1.0"
