"""One plan of one checkpoint: loaded, shown a photo, asked; what that took."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from bench.gpu.memory import Most, taken
from engine.choice import EngineChoice, EngineName, MemoryPlan
from engine.contract import EngineError, Loaded, Opened
from engine.stop import never
from engine.venus.engine import VenusEngine
from engine.venus.quantise.memory import Room, rooms
from engine.vocabulary import Box, Crop, EngineInfo, Failed, Finished, Question, Task, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is measured: a plan on a device, as if the card had only `card` bytes (0: as it is)."""

    name: str
    memory: MemoryPlan
    device: str
    card: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Bytes and seconds. `foretold` is the plan's total, `driver` the most that the driver counted
    from before the load to after the last answer, `weights` those of the loaded model and
    `weights_foretold` the plan's. `stopped` is from the stop to the end of the answer.
    """

    name: str
    plan: str
    weights: int
    weights_foretold: int
    foretold: int
    driver: int
    load: float
    again: float
    look: float
    first_token: float
    tokens_a_second: float
    crops: float
    stopped: float
    refused: str = ""


def photo(folder: Path) -> Path:
    """A generated photo of 24 megapixels."""
    file = folder / "photo.jpg"
    if not file.exists():
        across = np.linspace(0, 255, 6000, dtype=np.uint8)
        down = np.linspace(255, 0, 4000, dtype=np.uint8)
        rgb = np.stack(np.broadcast_arrays(across[None, :], down[:, None], np.uint8(128)), axis=-1)
        Image.fromarray(np.ascontiguousarray(rgb)).save(file, quality=90)
    return file


def measure(case: Case, checkpoint: Path, folder: Path) -> Run:
    """Load twice (the second time from the kept copy, where the plan keeps one), then ask.

    AssertionError where what was promised is not so: bytes that differ from the plan's, more
    memory than it foretold, a word after the stop, another answer to the same question.
    """
    cache = folder / "cache"
    before = taken(case.device)
    choice = EngineChoice(
        engine=EngineName.VENUS,
        checkpoint=str(checkpoint),
        memory=case.memory,
        device=case.device,
    )
    try:
        _, _, load = _loaded(choice, case, cache)
    except EngineError as error:
        return _refused(case, error)
    _emptied(case.device)
    with Most(case.device) as most:
        engine, info, again = _loaded(choice, case, cache)
        conversation, look = _opened(engine, photo(folder))
        first, speed, words = _spoken(engine, conversation)
        crops = _cropped(engine, conversation)
        stopped = _stopped(engine, conversation)
        _, _, same = _spoken(engine, _opened(engine, photo(folder))[0])
    assert words == same, "the same question had another answer"
    plan = engine.plan
    foretold = plan.device_weights + plan.host_weights
    assert info.memory == foretold, f"{info.memory} bytes of weights, {foretold} foretold"
    driver = most.taken - before
    # The context that this process opened before the count began is in the plan's total too.
    assert driver <= plan.total, f"the driver counted {driver} bytes, {plan.total} foretold"
    return Run(
        name=case.name,
        plan=info.plan,
        weights=info.memory,
        weights_foretold=foretold,
        foretold=plan.total,
        driver=driver,
        load=load,
        again=again,
        look=look,
        first_token=first,
        tokens_a_second=speed,
        crops=crops,
        stopped=stopped,
    )


def _loaded(choice: EngineChoice, case: Case, cache: Path) -> tuple[VenusEngine, EngineInfo, float]:
    def found(device: str) -> Sequence[Room]:
        if not case.card:
            return rooms(device)
        # A desktop takes its part of a small card, too.
        used = 2**30
        return [replace(each, total=case.card, free=case.card - used) for each in rooms(device)]

    began = time.perf_counter()
    engine = VenusEngine(choice, cache=cache, rooms=found)
    info = next(step.info for step in engine.load(never) if isinstance(step, Loaded))
    _wait(choice.device)
    return engine, info, time.perf_counter() - began


def _opened(engine: VenusEngine, file: Path) -> tuple[Any, float]:
    began = time.perf_counter()
    opened = next(step for step in engine.open(file, never) if isinstance(step, Opened))
    return opened.conversation, time.perf_counter() - began


def _spoken(engine: VenusEngine, conversation: Any) -> tuple[float, float, str]:
    """Seconds to the first token, tokens a second after it, and the words."""
    events = [each.event for each in engine.ask(conversation, [_analysis()], never)]
    _settled(events[-1])
    pace = engine.pace
    assert pace.first_token is not None
    words = "".join(each.text for each in events if isinstance(each, Text))
    return pace.first_token, pace.tokens_per_second or 0.0, words


def _cropped(engine: VenusEngine, conversation: Any) -> float:
    began = time.perf_counter()
    wanted = [
        Question(id=2, task=Task.CROP),
        Question(id=3, task=Task.SCORE, crops=(Crop(Box(0.1, 0.1, 0.9, 0.9)),)),
    ]
    events = [each.event for each in engine.ask(conversation, wanted, never)]
    for each in events:
        if isinstance(each, Crop):
            assert all(0 <= edge <= 1 for edge in each.box), each.box
    assert any(isinstance(each, Crop) for each in events), events
    _settled(events[-1])
    return time.perf_counter() - began


def _stopped(engine: VenusEngine, conversation: Any) -> float:
    """Stop in the middle of another answer: nothing more comes."""
    told: list[float] = []
    question = Question(id=4, task=Task.ASK, words="What should I do first?")
    late = 0
    for _ in engine.ask(conversation, [question], lambda: bool(told)):
        late += bool(told)
        if not told:
            told.append(time.perf_counter())
    assert not late, "something was said after the stop"
    return time.perf_counter() - told[0]


def _settled(event: Any) -> None:
    assert isinstance(event, Finished), event.reason if isinstance(event, Failed) else event


def _refused(case: Case, error: EngineError) -> Run:
    return Run(
        name=case.name,
        plan="",
        weights=0,
        weights_foretold=0,
        foretold=0,
        driver=0,
        load=0.0,
        again=0.0,
        look=0.0,
        first_token=0.0,
        tokens_a_second=0.0,
        crops=0.0,
        stopped=0.0,
        refused=f"{error.reason} {error.remedy}",
    )


def _analysis() -> Question:
    return Question(id=1, task=Task.ANALYSIS)


def _emptied(device: str) -> None:
    if torch.device(device).type == "cuda":
        torch.cuda.empty_cache()


def _wait(device: str) -> None:
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)
