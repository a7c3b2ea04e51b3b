"""What may be written next so that a text becomes one box in a notation: an automaton.

The engine asks `allowed` which of its token strings may follow, samples one, and goes on with
`advance`; `forced` gives what can only follow in one way (tags, separators, the fourth side of a
box with a fixed ratio), which need not be sampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.dialogue.notation import Notation
from engine.vocabulary import Aspect, Box, Size

LEAST_SIDE: Final = 0.3
"""A box is at least this part as wide, and as high, as the largest one that may be written.

Without it a slip in one digit makes a crop of nothing. Of 2,490 crops that people drew on half of
FLMS, 33 (1.3 %) have a shorter side.
"""

_DIGITS: Final = "0123456789"


@dataclass(frozen=True, slots=True)
class State:
    """How far a box is written: the piece under way (literals are even, numbers are odd), its
    characters so far, and the numbers before it in smallest steps of the notation.
    """

    piece: int = 0
    written: str = ""
    numbers: tuple[int, ...] = ()


START: Final = State()


class BoxGrammar:
    """The language of all boxes of one notation on one picture. Immutable but for its cache.

    `seen` is the picture's size for the model, which notations in pixels count in. With `aspect`,
    which holds for a picture whose sides are as those of `photo` (the upright photo's pixels), the
    fourth number follows from the first three: the ratio is exact up to the notation's rounding.
    """

    def __init__(
        self, notation: Notation, seen: Size, *, aspect: Aspect | None = None, photo: Size
    ) -> None:
        self._notation = notation
        self._units = notation.units(seen)
        self._literals = (notation.before, *notation.separators, notation.after)
        self._slope = aspect and aspect.ratio * photo.height / photo.width
        """Width over height, in fractions of the photo."""
        across = min(1.0, self._slope) if self._slope else 1.0
        down = min(1.0, 1 / self._slope) if self._slope else 1.0
        self._least = (
            max(1, ceil(LEAST_SIDE * across * self._units[0])),
            max(1, ceil(LEAST_SIDE * down * self._units[1])),
        )
        self._next = lru_cache(maxsize=1 << 14)(self._next_uncached)
        self._masks = lru_cache(maxsize=1 << 12)(self._mask)

    @property
    def characters(self) -> frozenset[str]:
        """Every character that can stand in a box: the token strings to ask for consist of them."""
        point = "." if self._notation.decimals else ""
        return frozenset("".join(self._literals) + _DIGITS + point)

    def advance(self, state: State, text: str) -> State | None:
        """The state after `text` too; None where it may not follow. "" changes nothing."""
        for character in text:
            if character not in self._next(state):
                return None
            state = self._step(state, character)
        return state

    def allowed(self, state: State, pieces: Sequence[str]) -> NDArray[np.bool_]:
        """Which of the strings may follow; an empty string never. Cached for a tuple of pieces.

        Do not write into the result.
        """
        return self._masks(state, tuple(pieces))

    def forced(self, state: State) -> str:
        """All that can follow in one way only; "" where there is a choice, or at the end."""
        text = ""
        while len(following := self._next(state)) == 1:
            (character,) = following
            text += character
            state = self._step(state, character)
        return text

    def complete(self, state: State) -> bool:
        """Whether the box is written to its end."""
        return state.piece == len(self._literals) * 2 - 2 and state.written == self._literals[-1]

    def box(self, state: State) -> Box | None:
        """The box, in fractions, as soon as its four numbers are there."""
        numbers = state.numbers
        if len(numbers) < 4:
            return None
        across, down = self._units
        return Box(numbers[0] / across, numbers[1] / down, numbers[2] / across, numbers[3] / down)

    # ── characters ───────────────────────────────────────────────────────────────────────────────

    def _mask(self, state: State, pieces: tuple[str, ...]) -> NDArray[np.bool_]:
        mask = [each != "" and self.advance(state, each) is not None for each in pieces]
        return np.array(mask, dtype=np.bool_)

    def _next_uncached(self, state: State) -> frozenset[str]:
        if state.piece % 2 == 0:
            rest = self._literals[state.piece // 2][len(state.written) :]
            return frozenset(rest[:1])
        low, high = self._range(state.numbers)
        more = {each for each in _DIGITS + "." if self._leads(state.written + each, low, high)}
        value = self._value(state.written)
        if value is not None and low <= value <= high:
            more.add(self._literals[state.piece // 2 + 1][0])
        return frozenset(more)

    def _step(self, state: State, character: str) -> State:
        """The state after a character that is known to be allowed."""
        if state.piece % 2 == 0:
            return self._after_literal(state.piece, state.written + character, state.numbers)
        if character in _DIGITS or character == ".":
            return State(state.piece, state.written + character, state.numbers)
        value = self._value(state.written)
        assert value is not None  # a separator is allowed only after a whole number
        return self._after_literal(state.piece + 1, character, (*state.numbers, value))

    def _after_literal(self, piece: int, written: str, numbers: tuple[int, ...]) -> State:
        last = piece == len(self._literals) * 2 - 2
        if written == self._literals[piece // 2] and not last:
            return State(piece + 1, "", numbers)
        return State(piece, written, numbers)

    # ── numbers ──────────────────────────────────────────────────────────────────────────────────

    def _range(self, numbers: tuple[int, ...]) -> tuple[int, int]:
        """The smallest and the largest of the next number, in smallest steps."""
        across, down = self._units
        match numbers:
            case ():
                return 0, across - self._least[0]
            case (_,):
                return 0, down - self._least[1]
            case (left, top):
                low = left + self._least[0]
                room = (1 - top / down) * self._slope * across if self._slope else across
                return low, max(low, min(across, floor(left + room)))
            case (left, top, right) if self._slope:
                height = (right - left) / across / self._slope * down
                bottom = min(max(round(top + height), top + 1), down)
                return bottom, bottom
            case (_, top, _):
                return top + self._least[1], down
        return 0, -1

    def _value(self, written: str) -> int | None:
        """The number that is written, in smallest steps; None while it is not whole."""
        decimals = self._notation.decimals
        if not decimals:
            return int(written) if written else None
        whole, point, part = written.partition(".")
        return int(whole + part) if point and len(part) == decimals else None

    def _leads(self, written: str, low: int, high: int) -> bool:
        """Whether these characters begin a number from low to high as the notation writes it."""
        decimals = self._notation.decimals
        whole, point, part = written.partition(".")
        if not whole or (whole[0] == "0" and whole != "0"):
            return False
        if point and not (decimals and len(part) <= decimals and "." not in part):
            return False
        fixed = 10 ** (decimals - len(part))
        spans = [(int(whole + part) * fixed, fixed)]
        if not point and whole != "0":
            digits = len(str(high))
            spans += [(spans[0][0] * 10**more, fixed * 10**more) for more in range(1, digits)]
        return any(first <= high and first + many > low for first, many in spans)
