"""Figures of a model on held-out samples: the loss, and its own crops against the good ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, cast

import torch
from accelerate import Accelerator
from torch import nn
from transformers import GenerationConfig, PreTrainedModel

from engine.dialogue.notation import THOUSAND
from engine.dialogue.quadruples import quadruples
from engine.photo import open_photo
from engine.stop import Stop, never
from engine.venus.family import Family, Processor, Rgb
from engine.venus.speaker import LocalSpeaker, Voice
from engine.vocabulary import Box, Size
from trainer.data.batches import collate
from trainer.data.encode import LONG_SIDE, See
from trainer.data.sample import PLACE, Sample, Verdict, written
from trainer.loop.loss import negative_log_likelihood
from trainer.loop.ranks import Ranks
from trainer.loop.record import Told
from trainer.loop.sharding import bare, in_step, parts_callable
from trainer.loop.stepping import Arguments, Examples
from trainer.recipe import Recipe

T = TypeVar("T")

LOSS: Final = "loss"
"""Nats a learnt token of the held-out samples."""
CROP_IOU: Final = "crop_iou"
"""The mean over photos of the crop's overlap with the good crop that it overlaps most; 0 without a
crop."""
CROPS_READ: Final = "crops_read"
"""The share of answers in which a crop can be read."""
MOST_OF_A_CROP: Final = 48
"""Tokens: more than any family needs to write a box."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The first question about a photo, and all good answers to it: `good` boxes for a crop."""

    sample: Sample
    good: tuple[Box, ...]


class Evaluation:
    """A `Measure` that is called after each epoch, on every process at once.

    `samples` bounds those of the loss and `photos` those that are asked about; `answers` are some
    of the last call's, on the first process. Told to stop, it says nothing and gives no figures.
    """

    def __init__(
        self,
        held_out: Sequence[Sample],
        *,
        recipe: Recipe,
        family: Family,
        processor: Processor,
        arguments: Arguments,
        root: Path,
        accelerator: Accelerator,
        stop: Stop,
        padding: int = 0,
        samples: int = 500,
        photos: int = 50,
        shown: int = 6,
        most_words: int = 200,
        see: See | None = None,
    ) -> None:
        """`shown` answers of each kind are kept, none longer than `most_words` tokens."""
        self.answers: tuple[Told, ...] = ()
        self._recipe: Final = recipe
        self._family: Final = family
        self._processor: Final = processor
        self._arguments: Final = arguments
        self._root: Final = root
        self._accelerator: Final = accelerator
        self._stop: Final = stop
        self._padding: Final = padding
        self._shown: Final = shown
        self._most_words: Final = most_words
        self._see: Final = see
        self._ranks: Final = Ranks(
            accelerator.process_index, accelerator.num_processes, accelerator.device
        )
        self._samples: Final = spread(held_out, samples)
        crops, texts = _first_questions(held_out)
        self._asked: Final = (*spread(crops, photos), *spread(texts, min(shown, photos)))

    def __call__(self, model: nn.Module) -> Mapping[str, float]:
        learning = model.training
        model.eval()
        try:
            loss = self._loss(model)
            said = self._answers(model) if loss is not None else None
        finally:
            model.train(learning)
        if loss is None or said is None:
            return {}
        figures = {LOSS: loss} if self._samples else {}
        crops = [each for each in said if each.good]
        count = self._ranks.total(len(crops))
        if count:
            overlaps = self._ranks.total(sum(each.overlap for each in crops))
            read = self._ranks.total(sum(each.box is not None for each in crops))
            figures |= {CROP_IOU: overlaps / count, CROPS_READ: read / count}
        texts = [each for each in said if not each.good]
        self.answers = (*crops[: self._shown], *texts[: self._shown])
        return figures

    def _loss(self, model: nn.Module) -> float | None:
        """Nats a learnt token; None if stopped."""
        examples = Examples(
            self._samples,
            self._processor,
            self._root,
            max_length=self._recipe.data.max_length,
            see=self._see,
        )
        size = self._recipe.batch.per_device
        places = range(len(self._samples))
        batches = [places[start : start + size] for start in range(0, len(places), size)]
        summed, learnt = 0.0, 0
        for batch, counts in _dealt(batches, self._ranks):
            if self._ranks.any(self._stop()):
                return None
            made = collate([examples[place] for place in batch], padding=self._padding)
            device = self._accelerator.device
            with torch.no_grad(), self._accelerator.autocast():
                loss = negative_log_likelihood(
                    model, self._arguments(made, device), made.labels.to(device)
                )
            if counts:
                summed, learnt = summed + float(loss), learnt + made.learnt
        return self._ranks.total(summed) / max(1, self._ranks.total(learnt))

    def _answers(self, model: nn.Module) -> list[Told] | None:
        """Greedy answers to this process's share of the questions; None if stopped.

        Weights in parts are gathered by all processes at the same moments, so all of them answer
        all questions then, and each keeps its share.
        """
        sharded = in_step(model)
        ranks = self._ranks
        # In step, all must come to the end of each answer.
        stop = never if sharded else self._stop
        said: list[Told] = []
        with parts_callable(model), self._accelerator.autocast():
            crops = self._voice(model, min(MOST_OF_A_CROP, self._most_words))
            words = self._voice(model, self._most_words)
            for number in range(0, len(self._asked), 1 if sharded else ranks.count):
                if ranks.any(self._stop()):
                    return None
                mine = number if sharded else number + ranks.index
                if mine < len(self._asked):
                    asked = self._asked[mine]
                    told = self._ask(crops if asked.good else words, asked, stop)
                    if not sharded or number % ranks.count == ranks.index:
                        said.append(told)
        return None if ranks.any(self._stop()) else said

    def _voice(self, model: nn.Module, most: int) -> Voice:
        runner = self._family.runner(cast(PreTrainedModel, bare(model)), self._processor)
        generation = GenerationConfig(do_sample=False, max_new_tokens=most)
        return Voice(
            runner=runner,
            processor=self._processor,
            generation=generation,
            notation=self._processor.notation,
        )

    def _ask(self, voice: Voice, asked: _Asked, stop: Stop) -> Told:
        rgb, size = self._picture(asked.sample.photo)
        speaker = LocalSpeaker(voice, rgb, size)
        try:
            turn = written(asked.sample, speaker.write_box)[0]
            said = "".join(each.text for each in speaker.say((), turn.question, stop=stop))
            return Told(
                photo=asked.sample.photo,
                question=turn.question,
                wanted=turn.answer,
                said=said,
                good=asked.good,
                box=speaker.read_box(said) if asked.good else None,
            )
        finally:
            speaker.close()

    def _picture(self, name: str) -> tuple[Rgb, Size]:
        if self._see is not None:
            rgb = self._see(name)
            return rgb, Size(rgb.shape[1], rgb.shape[0])
        opened = open_photo(self._root / name)
        return opened.rgb(long_side=LONG_SIDE), opened.info.size


def spread(items: Sequence[T], most: int) -> tuple[T, ...]:
    """All items, or `most` of them, evenly over their order."""
    if len(items) <= most:
        return tuple(items)
    return tuple(items[number * len(items) // most] for number in range(most))


def _first_questions(held_out: Sequence[Sample]) -> tuple[list[_Asked], list[_Asked]]:
    """Each photo's first question once: those for a crop, with all good ones, and the others."""
    found: dict[tuple[str, str], tuple[Sample, list[Box]]] = {}
    for sample in held_out:
        _, boxes = found.setdefault((sample.photo, sample.exchanges[0].question), (sample, []))
        if (good := good_box(sample)) is not None:
            boxes.append(good)
    asked = [_Asked(sample, tuple(boxes)) for sample, boxes in found.values()]
    return [each for each in asked if each.good], [each for each in asked if not each.good]


def good_box(sample: Sample) -> Box | None:
    """The good crop that is the first answer; in the authors' files it stands in the words."""
    first = sample.exchanges[0]
    if first.box is not None:
        good = PLACE in first.answer and first.verdict is not Verdict.BAD
        return first.box if good else None
    found = quadruples(first.answer)
    if len(found) != 1 or any(each.isalpha() for each in first.answer.replace("box", "")):
        return None
    left, top, right, bottom = (float(each) / THOUSAND for each in found[0].numbers)
    try:
        return Box(left, top, right, bottom)
    except ValueError:
        return None


def _dealt(batches: Sequence[T], ranks: Ranks) -> Iterator[tuple[T, bool]]:
    """One process's batches and whether they count: all processes get the same number of them."""
    for start in range(0, len(batches), ranks.count):
        mine = start + ranks.index
        yield batches[min(mine, len(batches) - 1)], mine < len(batches)
