"""The finished checkpoint in the application's own engine: one question of every task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from engine.choice import EngineChoice, EngineName, MemoryPlan, Wording
from engine.contract import Opened
from engine.stop import Stop
from engine.venus.engine import VenusEngine
from engine.vocabulary import Crop, Event, Failed, Finished, Part, Question, Score, Task, Text
from trainer.demo.render import render
from trainer.demo.scenes import Scene, good_crop
from trainer.demo.words import LOOK

PHOTO_SIDE: Final = 512
"""Pixels of the photo that the engine opens: it is reduced as any other photo is."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the engine said to one question, in words; `failed` where it could not."""

    task: Task
    words: str
    failed: bool


def open_and_ask(checkpoint: Path, scene: Scene, folder: Path, stop: Stop) -> Iterator[Reply]:
    """Open the checkpoint and a photo of a scene, which is written to `folder`; ask every task.

    Raises EngineError where the engine cannot open the checkpoint.
    """
    photo = folder / f"{scene.name}.png"
    Image.fromarray(render(scene, PHOTO_SIDE)).save(photo)
    choice = EngineChoice(
        engine=EngineName.VENUS,
        checkpoint=str(checkpoint),
        memory=MemoryPlan.FP32,
        device="cpu",
        wording=Wording.PAPER,
    )
    engine = VenusEngine(choice, cache=folder / "cache")
    for _ in engine.load(stop):
        pass
    opened = next((each for each in engine.open(photo, stop) if isinstance(each, Opened)), None)
    if opened is None:
        return
    crop = Crop(good_crop(scene))
    for number, task in enumerate(Task, start=1):
        question = Question(
            id=number,
            task=task,
            crop=crop if task is Task.WHY else None,
            crops=(crop,) if task is Task.SCORE else (),
            words=LOOK if task is Task.ASK else "",
        )
        events = [each.event for each in engine.ask(opened.conversation, [question], stop)]
        if stop():
            break
        yield _reply(task, events)
    engine.close(opened.conversation)


def _reply(task: Task, events: list[Event]) -> Reply:
    failed = next((each for each in events if isinstance(each, Failed)), None)
    if failed is not None:
        return Reply(task, f"{failed.reason} {failed.remedy}", failed=True)
    said: dict[Part, str] = {}
    for each in events:
        if isinstance(each, Text):
            said[each.part] = said.get(each.part, "") + each.text
    words = " ".join(said.values())
    for each in events:
        match each:
            case Crop(box=box, score=score):
                edges = ", ".join(f"{edge:.2f}" for edge in box)
                expected = "" if score is None else f", expected overlap {score:.2f}"
                words += f"({edges}){expected}. "
            case Score(values=values):
                words += f"expected overlap {', '.join(f'{value:.2f}' for value in values)}"
            case Finished() | _:
                pass
    return Reply(task, words.strip(), failed=False)
