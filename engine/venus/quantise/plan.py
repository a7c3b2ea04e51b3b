"""What was decided for a model: how each part is held and where, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from engine.venus.quantise.holding import Held, Holding, Part, Place
from engine.venus.quantise.memory import Room

GIB: Final = 2**30
CONTEXT: Final = GIB // 2
"""What the driver counts for a CUDA context and torch's libraries before any tensor."""
SLACK: Final = GIB // 4
"""Kept free on a card: kernels that load when first used, and what the allocator rounds up to."""
HOST_SLACK: Final = GIB // 2
"""Kept free of the computer's own memory, for all else that runs there."""
ANSWERS: Final = 1536
"""Tokens of a conversation after its first question, where memory allows."""
NAMES: Final = {
    Part.LANGUAGE: "the language model",
    Part.VISION: "the vision tower",
    Part.CONNECTOR: "the connector",
    Part.EMBEDDINGS: "the embeddings",
    Part.HEAD: "the head",
}
WHERE: Final = {
    Place.DEVICE: "",
    Place.HOST: " in the computer's memory",
    Place.STREAMED: " lent from the computer's memory once a photo",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """The widest that decoding runs, in tokens unless said otherwise.

    A photo's `conversation`; `beside` it the `prefix` (photo and question) of other photos: the
    mirrored one, a grey one; and `rows` answers of `suffix` each, drawn together from one prefix.
    `scored` is how many answers are judged together: every token of each has its own logits.
    """

    rows: int = 24
    suffix: int = 48
    prefix: int = 448
    beside: int = 2
    conversation: int = 2048
    scored: int = 4

    @classmethod
    def of(cls, prefix: int) -> Width:
        """For a family whose photo and question take so many tokens."""
        return cls(prefix=prefix, conversation=max(prefix + ANSWERS, cls().conversation))

    def tokens(self, *, copied: bool = False) -> int:
        """In the KV cache at most. `copied`: each row has the prefix for itself."""
        own = self.suffix + (self.prefix if copied else 0)
        return self.conversation + self.beside * self.prefix + self.rows * own

    def narrower(self) -> Iterator[Width]:
        """Itself and ever narrower ones, until a conversation just holds one long answer."""
        yield self
        width = self
        least = min(self.prefix + ANSWERS // 3, self.conversation)
        while width.rows > 1 or width.beside or width.conversation > least:
            few = width.rows <= max(self.rows // 4, 1)
            shorter = max(width.conversation // 2, least)
            width = replace(
                width,
                rows=max(width.rows // 2, 1),
                beside=max(width.beside - 1, 0) if few else width.beside,
                conversation=shorter if few and not width.beside else width.conversation,
                scored=max(width.scored // 2, 1) if few else width.scored,
            )
            yield width


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How each part is held and where, and what that takes.

    `weights` gives each part's bytes on the device and in the computer's own memory, as exactly as
    the loaded model's; `cache` is exact for the `width`; `working`, an estimate, is what a step
    needs besides. `tokens_a_second` and `seconds_a_photo` are rules of thumb, 0 where the
    device's speed is not known. `notes` say what was given up, and why.
    """

    device: str
    compute: Held
    packed: bool
    holdings: dict[Part, Holding]
    weights: dict[Part, tuple[int, int]]
    width: Width
    cache: int
    working: int
    room: Room
    tokens_a_second: float = 0.0
    seconds_a_photo: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def device_weights(self) -> int:
        return sum(on_device for on_device, _ in self.weights.values())

    @property
    def host_weights(self) -> int:
        return sum(on_host for _, on_host in self.weights.values())

    @property
    def needed(self) -> int:
        """Bytes to be had on the device, over what `Room.free` no longer counts."""
        slack = HOST_SLACK if self.room.shared else SLACK
        return self.device_weights + self.cache + self.working + slack

    @property
    def total(self) -> int:
        """Bytes on the device by the driver's own count, everything included."""
        return self.needed + (CONTEXT if self.room.kind == "cuda" else 0)

    def of(self, part: Part) -> Holding:
        return self.holdings[part]

    def words(self) -> str:
        """The plan for people, to be said before anything is loaded."""
        return " ".join((self._parts(), self._memory(), self._speed(), *self.notes))

    def _parts(self) -> str:
        alike: dict[Holding, list[str]] = {}
        for part in Part:
            if self.weights[part] != (0, 0):
                alike.setdefault(self.holdings[part], []).append(NAMES[part])
        told = [
            f"{listed(names)} in {holding.held.words}{WHERE[holding.place]}"
            for holding, names in alike.items()
        ]
        text = "; ".join(told)
        return f"On {self.device}: {text}."

    def _memory(self) -> str:
        weights = f"{gib(self.device_weights)} of weights"
        text = f"It takes {weights} and about {gib(self.total)} of memory in all"
        if self.room.kind == "cuda":
            text += f" on a card of {gib(self.room.total)}"
        if self.host_weights:
            text += f", and {gib(self.host_weights)} of the computer's own"
        return f"{text} (an estimate)."

    def _speed(self) -> str:
        if not self.tokens_a_second:
            return "How fast it will be is not known."
        speed = _rounded(self.tokens_a_second)
        text = f"Expect about {speed} token{'' if speed == '1' else 's'} a second"
        if self.seconds_a_photo >= 1:
            text += f", and {_rounded(self.seconds_a_photo)} s to look at a photo"
        return f"{text} (a rule of thumb from the speed of its memory)."


def gib(count: int) -> str:
    """Bytes in GiB, as a person reads them; no model is nothing."""
    return f"{count / GIB:.1f} GiB" if count >= GIB / 20 else "less than 0.1 GiB"


def listed(names: list[str]) -> str:
    """One, or one and two, or one, two and three."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _rounded(value: float) -> str:
    """With as many digits as a rule of thumb has."""
    return (
        f"{value:.1f}"
        if value < 1
        else f"{float(f'{value:.1g}' if value >= 10 else f'{value:.0f}'):.0f}"
    )
