"""A speaker whose answers are written down beforehand, and that writes down what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.dialogue.notation import QWEN_VL, Notation
from engine.dialogue.speaker import Said, Sampled, Turn
from engine.stop import Stop
from engine.vocabulary import Aspect, Box, Size

SIZE = Size(600, 400)


@dataclass(slots=True)
class ScriptedSpeaker:
    """Answers a question by the first key of `answers` that stands in it, three letters a token.

    `boxes` are drawn in order, those `with_aspect` where a ratio is asked for; `preference` is one
    for every box, None for a speaker that has no likelihoods. `asked` has every call's name and
    question, `histories` every history of `say`, `after_stop` whatever is asked when it is late.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    boxes: Sequence[Box] = ()
    with_aspect: Sequence[Box] | None = None
    size: Size = SIZE
    notation: Notation = QWEN_VL
    preference: float | None = None
    before_token: Callable[[], None] = lambda: None
    asked: list[tuple[str, str]] = field(default_factory=list)
    histories: list[tuple[Turn, ...]] = field(default_factory=list)
    after_stop: list[str] = field(default_factory=list)

    def say(self, history: Sequence[Turn], question: str, *, stop: Stop) -> Iterator[Said]:
        self._called("say", question, stop)
        self.histories.append(tuple(history))
        answer = next((text for key, text in self.answers.items() if key in question), "")
        for start in range(0, len(answer), 3):
            self.before_token()
            if stop():
                return
            yield Said(answer[start : start + 3], 1)

    def write_box(self, box: Box) -> str:
        return self.notation.write(box, self.size)

    def read_box(self, text: str) -> Box | None:
        found = self.notation.read(text, self.size)
        return found[0].box if found else None

    def sample_boxes(
        self, question: str, *, count: int, aspect: Aspect | None = None, stop: Stop
    ) -> Iterator[Sampled]:
        self._called("sample_boxes", question, stop)
        own = aspect is not None and self.with_aspect is not None
        for box in ((self.with_aspect or ()) if own else self.boxes)[:count]:
            self.before_token()
            if stop():
                return
            yield Sampled(box, 10)

    def preferences(self, question: str, boxes: Sequence[Box], *, stop: Stop) -> tuple[float, ...]:
        self._called("preferences", question, stop)
        self.before_token()
        if self.preference is None or stop():
            return ()
        return (self.preference,) * len(boxes)

    def _called(self, name: str, question: str, stop: Stop) -> None:
        if stop():
            self.after_stop.append(name)
        self.asked.append((name, question))
