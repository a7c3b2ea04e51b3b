"""Undo and redo as a value: earlier and later framings, one for each gesture.

Only the framing is undone. The critique and the answers stream in while the photographer works,
and taking back a drag must not take them back.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.session import Framing
from engine.vocabulary import Crop


@dataclass(frozen=True, slots=True)
class History:
    """Framings before and after the present one, the nearest last."""

    earlier: tuple[Framing, ...] = ()
    later: tuple[Framing, ...] = ()

    def recorded(self, before: Framing) -> History:
        """The history after a gesture that changed `before`."""
        return History((*self.earlier, before))

    def undone(self, now: Framing) -> tuple[Framing, History]:
        """The framing before `now`, and the history from there; unchanged at the beginning."""
        if not self.earlier:
            return now, self
        return self.earlier[-1], History(self.earlier[:-1], (*self.later, now))

    def redone(self, now: Framing) -> tuple[Framing, History]:
        """The framing after `now`, and the history from there; unchanged at the end."""
        if not self.later:
            return now, self
        return self.later[-1], History((*self.earlier, now), self.later[:-1])

    def with_engine_crops(self, crops: tuple[Crop, ...]) -> History:
        """The engine's crops arrive in every moment of the history: undo never loses them."""
        return History(
            tuple(framing.with_engine_crops(crops) for framing in self.earlier),
            tuple(framing.with_engine_crops(crops) for framing in self.later),
        )
