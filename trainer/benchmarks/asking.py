"""What a benchmark asks an engine about one photo: a crop, scores, and a model's own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from time import perf_counter
from typing import Any, Final, Protocol, runtime_checkable

from engine.contract import Engine, EngineError, Opened
from engine.dialogue.answers import SAMPLES
from engine.dialogue.conversation import Conversation
from engine.dialogue.plans import Plan
from engine.dialogue.talk import Stopped as TalkStopped
from engine.dialogue.talk import Talk
from engine.geometry import footprint
from engine.stop import Stop
from engine.vocabulary import Box, Crop, Event, Failed, Question, Score, Size, Task
from trainer.benchmarks.rule import Edges

NO_CROP: Final = frozenset({"no_box", "no_crop"})
"""Codes of an engine that answered and gave no crop: its answer counts as missed. Any other
failure is no answer, and the photo is asked about again.
"""

_ROUNDING: Final = 1e-6
"""So little outside the photo is the arithmetic's, not the crop's."""


class Stopped(Exception):  # noqa: N818  (no error: its name is what happened)
    """The command was told to stop."""


@runtime_checkable
class Worded(Protocol):
    """An engine with a language model: it can tell how it words its questions."""

    @property
    def prompts(self) -> Plan: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A photo that is open with an engine, and the seconds that opening took."""

    engine: Engine
    conversation: Any
    size: Size
    seconds: float
    stop: Stop

    def crop(self) -> Edges:
        """The engine's first crop as a box of the photo. EngineError where it gives none."""
        events = self._answers(Question(id=1, task=Task.CROP, count=1))
        found = next((each for each in events if isinstance(each, Crop)), None)
        if found is None:
            raise EngineError("no_crop", "The engine gave no crop.", "")
        return _edges(footprint(found, self.size) if found.angle else found.box)

    def scores(self, boxes: tuple[Edges, ...]) -> tuple[float, ...]:
        """The engine's score for each box. EngineError where it gives none."""
        crops = tuple(Crop(Box(*each)) for each in boxes)
        events = self._answers(Question(id=1, task=Task.SCORE, crops=crops))
        found = next((each for each in events if isinstance(each, Score)), None)
        if found is None or len(found.values) != len(boxes) or not all(map(isfinite, found.values)):
            raise EngineError("no_scores", "The engine did not score every crop.", "")
        return found.values

    def words(self) -> str | None:
        """What the model says to the crop question, nothing read or put right in it; None for an
        engine that has no words of its own. EngineError where the model cannot be asked.
        """
        if not isinstance(self.conversation, Conversation) or not isinstance(self.engine, Worded):
            return None
        talk = Talk(
            Question(id=2, task=Task.CROP),
            speaker=self.conversation.speaker,
            plan=self.engine.prompts,
            memory=self.conversation.memory,
            stop=self.stop,
            samples=SAMPLES,
        )
        try:
            return "".join(talk.told("crop"))
        except TalkStopped as error:
            raise Stopped from error

    def _answers(self, question: Question) -> list[Event]:
        found: list[Event] = []
        for answered in self.engine.ask(self.conversation, (question,), self.stop):
            if isinstance(answered.event, Failed):
                failed = answered.event
                raise EngineError(failed.code, failed.reason, failed.remedy)
            found.append(answered.event)
        if self.stop():
            raise Stopped
        return found


@contextmanager
def opened(engine: Engine, photo: Path, stop: Stop) -> Iterator[Asked]:
    """Open a photo with a loaded engine, and close it again. Raises PhotoError, EngineError, and
    Stopped where it was told to stop before the photo was open.
    """
    started = perf_counter()
    steps = engine.open(photo, stop)
    there = next((step for step in steps if isinstance(step, Opened)), None)
    if there is None:
        raise Stopped
    try:
        took = perf_counter() - started
        yield Asked(engine, there.conversation, there.size, took, stop)
    finally:
        engine.close(there.conversation)


def _edges(box: Box) -> Edges:
    left, top, right, bottom = map(_inside, box)
    return left, top, right, bottom


def _inside(edge: float) -> float:
    nearest = min(max(edge, 0.0), 1.0)
    return nearest if abs(edge - nearest) <= _ROUNDING else edge
