"""One gesture at a time on a framing, from press to release, with undo and redo.

A gesture is one step back, however many positions the pointer passed through.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.domain.history import History
from app.domain.session import Framing
from engine.geometry import turned
from engine.vocabulary import WHOLE, Box, Crop, Origin, Purpose, Size

UNMOVED: Final = 1e-6
"""Of a side of the photo: a box that differs by less is where it was."""


def made_own(crop: Crop) -> Crop:
    """The crop as the photographer's: what the engine said of it no longer holds."""
    return replace(crop, origin=Origin.PHOTOGRAPHER, purpose=Purpose.OWN, rationale="", score=None)


class Gestures:
    """Turns what the photographer does into framings and remembers the way back."""

    def __init__(self) -> None:
        self.history = History()
        self._before: Framing | None = None
        self._unturned: tuple[Crop, Box] | None = None

    @property
    def under_way(self) -> bool:
        return self._before is not None

    def forget(self) -> None:
        """Another photo: nothing to take back."""
        self.history = History()
        self._before = None
        self._unturned = None

    def begin(self, framing: Framing) -> None:
        """The pointer is pressed. A gesture that is under way goes on."""
        if self._before is None:
            self._before = framing

    def end(self, framing: Framing) -> None:
        """The pointer is released: what changed is one step of undo."""
        before, self._before = self._before, None
        if before is not None and before != framing:
            self.history = self.history.recorded(before)

    def cancel(self, framing: Framing) -> Framing:
        """The framing as it was before the gesture."""
        before, self._before = self._before, None
        return framing if before is None else before

    def undo(self, framing: Framing) -> Framing:
        """The framing before the last gesture."""
        earlier, self.history = self.history.undone(framing)
        return earlier

    def redo(self, framing: Framing) -> Framing:
        """The framing after the gesture that was last undone."""
        later, self.history = self.history.redone(framing)
        return later

    def with_engine_crops(self, crops: tuple[Crop, ...]) -> None:
        """The engine's crops join every framing that undo could come back to."""
        self.history = self.history.with_engine_crops(crops)
        if self._before is not None:
            self._before = self._before.with_engine_crops(crops)

    def placed(self, framing: Framing, crop: Crop) -> Framing:
        """The framing with the photographer's crop as the current one.

        A crop of the engine's stays as it was proposed: the first step away from it makes a crop
        of the photographer's own. Where the crop lies as it lay when the gesture began, nothing
        was changed.
        """
        before = self._before or framing
        if before.current_crop is not None and _lies_alike(before.current_crop, crop):
            return before
        now = framing.current_crop
        if now is not None and now.origin is Origin.ENGINE:
            return framing.adding(made_own(crop))
        return framing.with_current(made_own(crop))

    def turned(self, framing: Framing, angle: float, size: Size) -> Crop:
        """The current crop (or the whole photo) turned to `angle`.

        Turning makes a crop smaller where its corners would leave the photo. Turning on from
        there starts from the crop as it was first, so that turning back gives it back.
        """
        now = framing.current_crop or Crop(WHOLE)
        box = now.box
        if self._unturned is not None and self._unturned[0] == now:
            box = self._unturned[1]
        crop = made_own(replace(now, box=turned(box, angle, size), angle=angle))
        self._unturned = (crop, box)
        return crop


def _lies_alike(a: Crop, b: Crop) -> bool:
    edges = zip(a.box, b.box, strict=True)
    return a.angle == b.angle and all(abs(one - other) < UNMOVED for one, other in edges)
