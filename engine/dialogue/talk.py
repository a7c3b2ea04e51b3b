"""What one question says to the model, and what is remembered of it for the next."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.dialogue.plans import Plan, Prompt, language_name
from engine.dialogue.posterior import Posterior
from engine.dialogue.proposals import proposals
from engine.dialogue.speaker import Said, Speaker, Turn
from engine.stop import Stop
from engine.vocabulary import Aspect, Box, Question, Task

ENOUGH: Final = 8
"""Boxes from which on a sample says more than the model's one plain answer."""

_ASKED: Final = 3
"""Earlier questions of the photographer that go before the next one."""


@dataclass(slots=True)
class Memory:
    """What has been said about one photo, kept by the engine while it is open.

    Only what was said to its end is in it: an answer that was stopped is asked for again.
    """

    turns: dict[tuple[str, str], Turn] = field(default_factory=dict)
    """By the name of the prompt and its words."""
    drawn: dict[tuple[str, Aspect | None], Posterior | None] = field(default_factory=dict)
    """By the words and the ratio; None where the model drew no boxes."""
    asked: list[Turn] = field(default_factory=list)
    """The photographer's own questions."""


class Stopped(Exception):  # noqa: N818  (no error: its name is what happened)
    """The question is not wanted any more."""


class Talk:
    """One question's talk with the model, through what is remembered. Counts tokens.

    Every method raises Stopped as soon as `stop` is true, and passes on the speaker's EngineError.
    """

    def __init__(
        self,
        question: Question,
        *,
        speaker: Speaker,
        plan: Plan,
        memory: Memory,
        stop: Stop,
        samples: int,
    ) -> None:
        self.question = question
        self.speaker = speaker
        self.plan = plan
        self.tokens = 0
        self._memory = memory
        self._stop = stop
        self._samples = samples

    def check(self) -> None:
        """Raises Stopped if nobody waits any more."""
        if self._stop():
            raise Stopped

    # ── words ────────────────────────────────────────────────────────────────────────────────────

    def told(self, name: str) -> Iterator[str]:
        """The answer to a prompt of the plan, after what must precede it: as it comes, or whole
        where it is remembered.
        """
        prompt = self.plan.prompt(name)
        words = self._words(prompt)
        known = self._memory.turns.get((name, words))
        if known is not None:
            yield known.answer
            return
        turn = yield from self._say(self._history(prompt), words)
        self._remember(name, turn)

    def explained(self, name: str, box: Box) -> Iterator[str]:
        """The answer to `why_for` or `why_against` about a box: a second turn, after the crop
        question and the model's own crop, which is how it was trained.
        """
        words = self._words(self.plan.prompt(name), box)
        known = self._memory.turns.get((name, words))
        if known is not None:
            yield known.answer
            return
        own = self.best()
        crop = self.crop_words
        history = [Turn(crop, self.speaker.write_box(own))] if own is not None else []
        history = [*self._history(self.plan.prompt(name)), *history]
        turn = yield from self._say(history, words)
        self._remember(name, turn)

    def asked(self) -> Iterator[str]:
        """The answer to the photographer's own question, in the history of the earlier ones."""
        earlier = self._memory.asked[-_ASKED:]
        history = [*self._history(self.plan.ask), *earlier]
        turn = yield from self._say(history, self._words(self.plan.ask))
        if turn.answer.strip():
            self._memory.asked.append(turn)

    def _remember(self, name: str, turn: Turn) -> None:
        """Silence is not kept: it may be asked again."""
        if turn.answer.strip():
            self._memory.turns[name, turn.question] = turn

    def _say(self, history: Sequence[Turn], words: str) -> Generator[str, None, Turn]:
        """Stream an answer; the generator's own value is the whole turn."""
        self.check()
        said: list[str] = []
        for each in self._heard(self.speaker.say(history, words, stop=self._stop)):
            said.append(each)
            yield each
        return Turn(words, "".join(said))

    def _heard(self, answer: Iterator[Said]) -> Iterator[str]:
        for each in answer:
            self.check()
            self.tokens += each.tokens
            yield each.text
        self.check()

    def _history(self, prompt: Prompt) -> list[Turn]:
        """What precedes a prompt; what must and has not been said yet is asked for now."""
        turns: dict[str, Turn] = {}
        for name in (*prompt.recalls, *prompt.history):
            key = (name, self._words(self.plan.prompt(name)))
            if name in prompt.history:
                for _ in self.told(name):
                    pass
            if key in self._memory.turns:
                turns[name] = self._memory.turns[key]
        order = ("impression", "analysis", "guidance")
        return [turns[name] for name in sorted(turns, key=order.index)]

    def _words(self, prompt: Prompt, box: Box | None = None) -> str:
        words = prompt.words.replace("{language}", language_name(self.question.language))
        if box is not None:
            words = words.replace("{box}", self.speaker.write_box(box))
        return words.replace("{question}", self.question.words).strip()

    # ── boxes ────────────────────────────────────────────────────────────────────────────────────

    @property
    def crop_words(self) -> str:
        return self._words(self.plan.crop)

    def posterior(self, aspect: Aspect | None = None) -> Posterior | None:
        """The boxes that the model draws, once a photo, prompt and ratio.

        Where it draws too few of a ratio, those of any; where it draws too few of any, the one of
        its plain answer, or the few. None where it gives no box that can be read.
        """
        key = (self.crop_words, aspect)
        if key not in self._memory.drawn:
            found = self._drawn(aspect)
            self._memory.drawn[key] = found
        return self._memory.drawn[key]

    def _drawn(self, aspect: Aspect | None) -> Posterior | None:
        self.check()
        boxes: list[Box] = []
        drawing = self.speaker.sample_boxes(
            self.crop_words, count=self._samples, aspect=aspect, stop=self._stop
        )
        for each in drawing:
            self.check()
            self.tokens += each.tokens
            boxes.append(each.box)
        self.check()
        if len(boxes) < min(ENOUGH, self._samples):
            if aspect is not None:
                return self.posterior()
            plain = self.speaker.read_box("".join(self.told("crop")))
            boxes = [plain] if plain is not None else boxes
        return Posterior.of(boxes, self.speaker.size) if boxes else None

    @property
    def plain_answer(self) -> str:
        """What the model last said to the crop question in words; "" if it was not asked so."""
        turn = self._memory.turns.get(("crop", self.crop_words))
        return "" if turn is None else turn.answer

    def best(self) -> Box | None:
        """The model's own first crop, by expected overlap; None where it draws none."""
        found = self.posterior()
        if found is None:
            return None
        return proposals(found, Question(id=0, task=Task.CROP, count=1))[0].box

    def preferences(self, boxes: Sequence[Box]) -> tuple[float, ...]:
        """For each box, how much likelier (nats) the model writes it than on a grey photo; empty
        where it cannot be asked.
        """
        self.check()
        found = self.speaker.preferences(self.crop_words, boxes, stop=self._stop)
        self.check()
        return found
