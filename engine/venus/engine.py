"""The Venus engine: a checkpoint on this machine, held as memory allows, that looks at photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs

from engine.checkpoints.recognise import known_entry
from engine.choice import EngineChoice, Wording
from engine.contract import Answered, EngineError, Loaded, Opened, Progress
from engine.dialogue.conversation import Conversation, converse, own_prompts
from engine.dialogue.plans import Plan as Prompts
from engine.dialogue.plans import plan as prompts_of
from engine.photo import Stopped, open_photo
from engine.stop import Stop
from engine.venus.decode.figures import Pace
from engine.venus.families.registry import recognise
from engine.venus.family import Family, Processor, Source
from engine.venus.quantise.held import held
from engine.venus.quantise.load import Ready, load
from engine.venus.quantise.memory import Room, rooms
from engine.venus.quantise.plan import Plan, Width
from engine.venus.quantise.planner import choose
from engine.venus.quantise.sizes import measure
from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.speaker import LocalSpeaker, Voice
from engine.vocabulary import EngineInfo, Question

LONG_SIDE: Final = 1024
"""Pixels of the photo's long side for a language model: larger photos lie outside its training."""
LONGEST_WORDS: Final = 96
"""Tokens of the longest first question of a plan, with the family's own words around it."""


@dataclass(frozen=True, slots=True)
class _Speaking:
    """What a loaded engine answers with."""

    voice: Voice
    prompts: Prompts
    plan: Plan


class VenusEngine:
    """Answers with a local checkpoint of any family. One photo is looked at once."""

    def __init__(
        self,
        choice: EngineChoice,
        *,
        cache: Path | None = None,
        rooms: Callable[[str], Sequence[Room]] = rooms,
    ) -> None:
        """`cache` is where models in few bits are kept, by default among the user's caches;
        `rooms` tells the memory of the machine's devices.
        """
        self._choice: Final = choice
        self._rooms: Final = rooms
        self._cache: Final = cache or platformdirs.user_cache_path("venus", False) / "models"
        self._speaking: _Speaking | None = None

    def load(self, stop: Stop) -> Iterator[Progress | Loaded]:
        """Say the plan, then read the weights by it. EngineError says what hinders."""
        yield Progress(0.0, "Looking at the checkpoint")
        try:
            family, source = _read(self._choice)
            wording = wording_of(source.folder, self._choice.wording)
            choice = replace(self._choice, wording=wording)
            processor = family.processor(source)
            width = _width(processor)
            room = self._rooms(self._choice.device)
            sizes = measure(family, source.config)
            plan = choose(sizes, room, self._choice.memory, width=width)
            yield Progress(0.0, plan.words())
            for step in load(family, source, plan, stop=stop, cache=self._cache):
                if isinstance(step, Progress):
                    yield step
                else:
                    self._speaking = _speaking(family, source, processor, step, choice)
                    yield Loaded(_info(family, source, step, choice))
        except CheckpointError as error:
            raise EngineError(
                "checkpoint", f"{error}.", "Choose another folder, or download the model anew."
            ) from error

    def open(self, photo: Path, stop: Stop) -> Iterator[Progress | Opened]:
        """Encode the photo and what all questions begin with. Raises PhotoError."""
        voice = self._loaded.voice
        yield Progress(0.0, "Looking at the photo")
        opened = open_photo(photo)
        try:
            rgb = opened.rgb(long_side=LONG_SIDE, stop=stop)
        except Stopped:
            return
        speaker = LocalSpeaker(voice, rgb, opened.info.size)
        if speaker.open(stop):
            yield Opened(Conversation(speaker), opened.info.size)
        else:
            speaker.close()

    def ask(
        self, conversation: Conversation, questions: Sequence[Question], stop: Stop
    ) -> Iterator[Answered]:
        yield from converse(conversation, questions, self._loaded.prompts, stop)

    def close(self, conversation: Conversation) -> None:
        """Let go of the photo's keys and values."""
        if isinstance(conversation.speaker, LocalSpeaker):
            conversation.speaker.close()

    @property
    def plan(self) -> Plan:
        """How the loaded model is held."""
        return self._loaded.plan

    @property
    def prompts(self) -> Prompts:
        """How the loaded model is asked."""
        return self._loaded.prompts

    @property
    def pace(self) -> Pace:
        """How fast the last answer came."""
        return self._loaded.voice.figures.pace

    @property
    def _loaded(self) -> _Speaking:
        if self._speaking is None:
            raise EngineError(
                "not_loaded", "No model has been loaded yet.", "Load the engine first."
            )
        return self._speaking


def wording_of(folder: Path, wanted: Wording) -> Wording:
    """The prompts for a checkpoint: those wanted, those of its entry in the catalogue, or what its
    name tells.
    """
    if wanted is not Wording.AUTO:
        return wanted
    entry = known_entry(folder)
    if entry is not None:
        return entry.wording
    return Wording.RELEASE if "venus" in folder.name.lower() else Wording.BASE


def _read(choice: EngineChoice) -> tuple[Family, Source]:
    if not choice.checkpoint:
        raise EngineError(
            "checkpoint",
            "The Venus engine needs a checkpoint, and none is chosen.",
            "Choose a model in the engine menu, or give its folder.",
        )
    folder = Path(choice.checkpoint)
    base = Path(choice.base) if choice.base else None
    family = recognise(folder, base=base)
    return family, family.read(folder, base=base)


def _width(processor: Processor) -> Width:
    """What decoding needs with a photo at its largest."""
    square = np.zeros((LONG_SIDE, LONG_SIDE, 3), np.uint8)
    prefix = processor.pixels(square).tokens + LONGEST_WORDS
    return Width.of(prefix)


def _speaking(
    family: Family, source: Source, processor: Processor, ready: Ready, choice: EngineChoice
) -> _Speaking:
    voice = Voice(
        runner=family.runner(ready.model, processor),
        processor=processor,
        generation=source.generation,
        notation=processor.notation,
        seed=choice.seed,
        width=ready.plan.width.rows,
        scored=ready.plan.width.scored,
    )
    voice.shelf.limit = ready.plan.cache
    prompts = prompts_of(choice.wording, notation=processor.notation, own=own_prompts())
    return _Speaking(voice, prompts, ready.plan)


def _info(family: Family, source: Source, ready: Ready, choice: EngineChoice) -> EngineInfo:
    return EngineInfo(
        name=f"{source.folder.name} ({family.title})",
        version=choice.wording.value,
        seed=choice.seed,
        device=ready.plan.device,
        memory=sum(share.bytes for share in held(ready.model, family.parts(source.config))),
        plan=ready.plan.words(),
        notes=(*source.notes, *ready.notes),
    )
