"""How fast a model speaks: the numbers that the window shows, from what was really computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Pace:
    """`first_token` is the seconds until the first token was there (None: not yet); the others
    came at `tokens_per_second` (None: there are none yet). `tokens` counts all of them.
    """

    first_token: float | None = None
    tokens_per_second: float | None = None
    tokens: int = 0


class Figures:
    """Counts the tokens of the answer under way. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._begun: float | None = None
        self._first: float | None = None
        self._latest = 0.0
        self._early = 0
        self._tokens = 0
        self.total_tokens = 0

    def begin(self) -> None:
        """An answer is asked for now."""
        self._begun = self._clock()
        self._first = None
        self._early = self._tokens = 0

    def came(self, tokens: int = 1) -> None:
        """So many tokens were there at once: one of an answer, or one of each row of a batch."""
        self._latest = self._clock()
        if self._first is None:
            self._first, self._early = self._latest, tokens
        self._tokens += tokens
        self.total_tokens += tokens

    @property
    def pace(self) -> Pace:
        """Of the answer under way, or of the last one."""
        if self._begun is None or self._first is None:
            return Pace()
        later = self._tokens - self._early
        seconds = self._latest - self._first
        return Pace(
            first_token=self._first - self._begun,
            tokens_per_second=later / seconds if later and seconds > 0 else None,
            tokens=self._tokens,
        )
