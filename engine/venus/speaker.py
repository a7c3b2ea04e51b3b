"""One photo that a model on this machine looks at, as the rooms of the dialogue talk with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from transformers import GenerationConfig

from engine.contract import EngineError
from engine.dialogue.grammar import BoxGrammar
from engine.dialogue.notation import Notation
from engine.dialogue.speaker import Said, Sampled, Turn
from engine.stop import Stop
from engine.venus.decode.boxes import draw_boxes
from engine.venus.decode.figures import Figures
from engine.venus.decode.framing import (
    in_photo,
    in_picture,
    mirror,
    mirrored_question,
    picture_size,
)
from engine.venus.decode.likelihood import log_likelihoods
from engine.venus.decode.prefix import Sight, shared
from engine.venus.decode.sampling import Sampler, Sampling, seeded
from engine.venus.decode.shelf import Shelf
from engine.venus.decode.stream import stream
from engine.venus.decode.vocabulary import Vocabulary
from engine.venus.family import Pixels, Processor, Rgb, Runner
from engine.vocabulary import Aspect, Box, Size

MOST_TOKENS: Final = 1024
"""Of one answer, where the checkpoint sets no bound."""
GREY: Final = 128
"""What a photo is replaced by to hear what a model says without looking."""


@dataclass(slots=True, kw_only=True)
class Voice:
    """A loaded model and how it speaks: what all photos that are open with it share.

    `notation` is how this checkpoint writes boxes, where its training differs from its family's.
    `width` is how many boxes are drawn side by side at most, `scored` how many are judged so: of
    these every token has logits. `shelf` bounds the memory of all photos.
    """

    runner: Runner
    processor: Processor
    generation: GenerationConfig
    notation: Notation
    seed: int = 0
    width: int = 8
    scored: int = 4
    stop_words: tuple[str, ...] = ()
    shelf: Shelf = field(default_factory=Shelf)
    figures: Figures = field(default_factory=Figures)
    vocabulary: Vocabulary = field(init=False)

    def __post_init__(self) -> None:
        self.vocabulary = Vocabulary(self.processor)


class LocalSpeaker:
    """Meets `engine.dialogue.speaker.Speaker`. The photo is encoded once, when first needed; so
    are its mirror image and a grey picture of the same size, which some questions compare it with.
    """

    def __init__(self, voice: Voice, rgb: Rgb, size: Size) -> None:
        """`rgb` is the photo at the size that the model is given, `size` that of the photo."""
        self._voice: Final = voice
        self._rgb: Final = rgb
        self._size: Final = size
        self._sights: dict[str, Sight] = {}

    @property
    def size(self) -> Size:
        return self._size

    def open(self, stop: Stop) -> bool:
        """Encode the photo and what all questions begin with. False when stopped before its end."""
        sight = self._sight("photo")
        opening = self._prompt(sight, "a")[: self._stem(sight.pixels)]
        return sight.logits(opening, stop=stop) is not None

    def close(self) -> None:
        """Let go of the photo's memory."""
        for sight in self._sights.values():
            sight.close()
        self._sights = {}

    def say(self, history: Sequence[Turn], question: str, *, stop: Stop) -> Iterator[Said]:
        """Raises EngineError where the history and the question leave no room for an answer."""
        voice = self._voice
        sight = self._sight("photo")
        prompt = voice.processor.prompt(history, question, sight.pixels)
        yield from stream(
            sight,
            voice.processor,
            prompt,
            sampler=Sampler(Sampling.of(voice.generation), seed=voice.seed),
            most=self._room(len(prompt)),
            stop=stop,
            stop_words=voice.stop_words,
            figures=voice.figures,
        )

    def write_box(self, box: Box) -> str:
        pixels = self._sight("photo").pixels
        return self._voice.notation.write(in_picture(box, pixels.frame), pixels.seen)

    def read_box(self, text: str) -> Box | None:
        pixels = self._sight("photo").pixels
        found = self._voice.notation.read(text, pixels.seen)
        return in_photo(found[0].box, pixels.frame) if found else None

    def sample_boxes(
        self, question: str, *, count: int, aspect: Aspect | None = None, stop: Stop
    ) -> Iterator[Sampled]:
        """The first half from the photo, the second from its mirror image, put back.

        Boxes that stand in the question are mirrored with it.
        """
        halves = (("photo", count - count // 2), ("mirrored", count // 2))
        self._voice.figures.begin()
        for name, half in halves:
            for drawn in self._draw(name, question, count=half, aspect=aspect, stop=stop):
                if stop():
                    return
                yield drawn

    def preferences(self, question: str, boxes: Sequence[Box], *, stop: Stop) -> tuple[float, ...]:
        texts = [self._voice.processor.encode(self.write_box(box)) for box in boxes]
        found: list[list[float]] = []
        for name in ("photo", "grey"):
            sight = self._sight(name)
            values = log_likelihoods(
                sight, self._prompt(sight, question), texts, width=self._voice.scored, stop=stop
            )
            if values is None or stop():
                return ()
            found.append(values)
        return tuple(seen - unseen for seen, unseen in zip(*found, strict=True))

    # ── within ───────────────────────────────────────────────────────────────────────────────────

    def _room(self, prompt: int) -> int:
        """How many tokens an answer may have after a prompt of so many."""
        config = self._voice.runner.model.config.get_text_config()
        context: int | None = getattr(config, "max_position_embeddings", None)
        most = self._voice.generation.max_new_tokens or MOST_TOKENS
        room = most if context is None else min(most, context - prompt)
        if room < 1:
            raise EngineError(
                "too_long",
                f"The question and what was said before it are {prompt} tokens long, and this"
                f" model reads {context}.",
                "Ask with fewer words, or begin anew with this photo.",
            )
        return room

    def _draw(
        self, name: str, question: str, *, count: int, aspect: Aspect | None, stop: Stop
    ) -> Iterator[Sampled]:
        voice = self._voice
        sight = self._sight(name)
        pixels = sight.pixels
        mirrored = name == "mirrored"
        if mirrored:
            question = mirrored_question(question, voice.notation, pixels)
        picture = picture_size(self._size, pixels.frame)
        grammar = BoxGrammar(voice.notation, pixels.seen, aspect=aspect, photo=picture)
        generator = seeded(voice.seed + mirrored)
        missing = count
        while missing > 0:
            drawn = draw_boxes(
                sight,
                voice.processor,
                voice.vocabulary,
                self._prompt(sight, question),
                notation=voice.notation,
                grammar=grammar,
                rows=min(voice.width, missing),
                generator=generator,
                stop=stop,
                figures=voice.figures,
            )
            if not drawn:
                return
            missing -= len(drawn)
            for each in drawn:
                box = each.box and in_photo(each.box, pixels.frame, whole=aspect is not None)
                if box is not None:
                    yield Sampled(mirror(box) if mirrored else box, each.tokens)

    def _sight(self, name: str) -> Sight:
        if name not in self._sights:
            rgb = self._rgb
            if name == "mirrored":
                rgb = np.ascontiguousarray(rgb[:, ::-1])
            elif name == "grey":
                rgb = np.full_like(rgb, GREY)
            pixels = self._voice.processor.pixels(rgb)
            self._sights[name] = Sight(
                self._voice.runner, pixels, shelf=self._voice.shelf, stem=self._stem(pixels)
            )
        return self._sights[name]

    def _prompt(self, sight: Sight, question: str) -> list[int]:
        return self._voice.processor.prompt((), question, sight.pixels)

    def _stem(self, pixels: Pixels) -> int:
        """How many tokens all first questions begin with."""
        one, other = (self._voice.processor.prompt((), words, pixels) for words in ("a", "(1"))
        return shared(one, other)
