"""What a checkpoint knows: asked about unseen scenes through the engine, held against the truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from engine.dialogue.speaker import Turn
from engine.geometry import iou
from engine.stop import Stop
from engine.venus.families import building
from engine.venus.families.registry import recognise
from engine.venus.speaker import LocalSpeaker, Voice
from engine.vocabulary import WHOLE, Box, Size
from trainer.demo.model import SIDE
from trainer.demo.render import render
from trainer.demo.scenes import Kind, Scene, good_crop, mean_box
from trainer.demo.words import PLAN, fault_sentence, named_fault

SIZE: Final = Size(SIDE, SIDE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said about a scene; `box` is its crop, None where no box can be read."""

    scene: Scene
    score: str
    analysis: str
    crop: str
    box: Box | None

    @property
    def overlap(self) -> float:
        """IoU with the good crop; no box has none."""
        return 0.0 if self.box is None else iou(self.box, good_crop(self.scene))

    @property
    def right(self) -> bool:
        """Whether the fault is named, in its direction where it has two, and no other."""
        return named_fault(self.analysis) == fault_sentence(self.scene)


@dataclass(frozen=True, slots=True)
class Share:
    """The share of one kind's scenes whose fault was named rightly."""

    kind: Kind
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Means over scenes. `crop` is an IoU, the others are shares, all 0..1.

    `fault` is the mean over `kinds`;
    `false_alarms` is the share of faultless scenes that were not called so.
    """

    crop: float
    fault: float
    kinds: tuple[Share, ...]
    false_alarms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardsticks:
    """What is reached without looking: crop IoU of boxes drawn by chance from those taught, of
    their mean, and of the full frame; the share of faults that chance names.
    """

    chance: float
    mean_box: float
    full_frame: float
    fault_chance: float


def answers(checkpoint: Path, scenes: Iterable[Scene], stop: Stop) -> Iterator[Answer]:
    """The checkpoint's own greedy answers, decoded by the engine; ends once `stop` is true."""
    family = recognise(checkpoint)
    source = family.read(checkpoint)
    processor = family.processor(source)
    voice = Voice(
        runner=family.runner(building.load(family, source), processor),
        processor=processor,
        generation=source.generation,
        notation=processor.notation,
    )
    for scene in scenes:
        speaker = LocalSpeaker(voice, render(scene, SIDE), SIZE)
        score = _said(speaker, (), PLAN.impression.words, stop)
        before = (Turn(PLAN.impression.words, score),)
        analysis = _said(speaker, before, PLAN.analysis.words, stop)
        crop = _said(speaker, (), PLAN.crop.words, stop)
        box = speaker.read_box(crop)
        speaker.close()
        if stop():
            return
        yield Answer(scene, score, analysis, crop, box)


def figures(found: Sequence[Answer]) -> Figures:
    """The means over answers to scenes of every kind."""
    kinds = tuple(
        Share(kind, _mean([each.right for each in found if each.scene.kind is kind]))
        for kind in Kind
    )
    return Figures(
        crop=_mean([each.overlap for each in found]),
        fault=_mean([each.right for each in kinds]),
        kinds=kinds,
        false_alarms=_mean([not each.right for each in found if each.scene.kind is Kind.NONE]),
    )


def yardsticks(unseen: Sequence[Scene], taught: Sequence[Scene]) -> Yardsticks:
    """Measured on the same scenes as the models."""
    boxes = [good_crop(each) for each in taught]
    mean, random = mean_box(boxes), Random(0)
    goals = [good_crop(each) for each in unseen]
    return Yardsticks(
        chance=_mean([iou(random.choice(boxes), goal) for goal in goals]),
        mean_box=_mean([iou(mean, goal) for goal in goals]),
        full_frame=_mean([iou(WHOLE, goal) for goal in goals]),
        fault_chance=1 / len(Kind),
    )


def _said(speaker: LocalSpeaker, history: Sequence[Turn], question: str, stop: Stop) -> str:
    return "".join(each.text for each in speaker.say(history, question, stop=stop))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
