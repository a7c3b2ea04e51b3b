"""The pointer's way from press to release: choosing, dragging and drawing crops. No painting.

The hand keeps no crop of its own: it asks the controller, and starts each step of a drag from the
crop as it was when the pointer was pressed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import hypot
from typing import Final

from app.canvas.drag import drawn, moved, resized
from app.canvas.hit import Handle, crop_at, handle_at
from app.canvas.stage import Stage
from app.services.session_controller import SessionController
from engine.geometry import Point, ratio_of
from engine.vocabulary import Box, Crop, Size

THRESHOLD: Final = 3.0
"""Screen pixels that the pointer moves before a press becomes a drag."""


@dataclass(frozen=True, slots=True)
class Press:
    """Where the pointer went down, on the screen and in the scene, and on what: `handle` is None
    for drawing. `size` and `angle` hold for the whole gesture.
    """

    screen: Point
    scene: Point
    handle: Handle | None
    start: Crop | None
    size: Size
    angle: float
    dragging: bool = False


@dataclass(frozen=True, slots=True)
class Under:
    """What lies under the pointer: a handle of the current crop, or the crop that a click takes."""

    handle: Handle | None = None
    crop: int | None = None


class Hand:
    """One pointer. `stage` gives what is shown now, None where there is no photo."""

    def __init__(self, controller: SessionController, stage: Callable[[], Stage | None]) -> None:
        self._controller = controller
        self._stage = stage
        self._press: Press | None = None
        self._at: Point = (0.0, 0.0)
        self._keep_ratio = False

    @property
    def dragging(self) -> bool:
        return self._press is not None and self._press.dragging

    @property
    def handle(self) -> Handle | None:
        """The handle that is held."""
        return None if self._press is None else self._press.handle

    @property
    def pressed(self) -> bool:
        return self._press is not None

    def press(self, at: Point, *, draw: bool) -> None:
        """The button goes down; `draw` asks for a new crop wherever it is."""
        if self.dragging:  # its release was lost
            self._controller.end_gesture()
        self._press = None
        stage = self._stage()
        if stage is None:
            return
        handle = None if draw else self.under(at).handle
        start = None if handle is None else stage.crop
        scene = stage.camera.to_scene(at)
        self._press = Press(at, scene, handle, start, stage.size, stage.angle)

    def move(self, at: Point, *, keep_ratio: bool) -> None:
        """The pointer is at another place; `keep_ratio` asks for the crop's own, or a square."""
        self._at, self._keep_ratio = at, keep_ratio
        press, stage = self._press, self._stage()
        if press is None or stage is None:
            return
        if not press.dragging:
            if hypot(at[0] - press.screen[0], at[1] - press.screen[1]) < THRESHOLD:
                return
            self._controller.begin_gesture()
            self._press = replace(press, dragging=True)
        to, own = stage.camera.to_scene(at), None if press.start is None else press.start.box
        ratio = _ratio(stage.ratio, own, press.size, keep=keep_ratio)
        if press.handle is not None and press.start is not None:
            box = _dragged(press, press.start.box, press.handle, to, ratio)
            self._controller.show_crop(replace(press.start, box=box))
            return
        box = drawn(start=press.scene, to=to, ratio=ratio, angle=press.angle, size=press.size)
        crop = Crop(box, press.angle)
        if press.dragging:
            self._controller.show_crop(crop)
        else:
            self._controller.add_crop(crop)

    def move_again(self) -> None:
        """The view has moved under the pointer: a drag goes on from there."""
        if self.dragging:
            self.move(self._at, keep_ratio=self._keep_ratio)

    def release(self, at: Point) -> None:
        """The button goes up: the gesture ends; without a drag it was a click."""
        press, self._press = self._press, None
        if press is None:
            return
        if press.dragging:
            self._controller.end_gesture()
        elif (index := self._clicked(at)) is not None:
            self._controller.choose_crop(index)

    def cancel(self) -> None:
        """Escape: everything as it was before the press."""
        press, self._press = self._press, None
        if press is not None and press.dragging:
            self._controller.cancel_gesture()

    def drop(self) -> None:
        """Another photo has come: there is nothing to go back to."""
        self._press = None

    def under(self, at: Point) -> Under:
        """What a press at this place of the screen would take."""
        stage = self._stage()
        if stage is None:
            return Under()
        scene, crop = stage.camera.to_scene(at), stage.crop
        handle = None
        if crop is not None:
            handle = handle_at(crop=crop, at=scene, scale=stage.camera.scale, size=stage.size)
        if handle not in (None, Handle.INSIDE):
            return Under(handle)
        return Under(handle, self._clicked(at))

    def _clicked(self, at: Point) -> int | None:
        stage = self._stage()
        if stage is None:
            return None
        scene = stage.camera.to_scene(at)
        crops = stage.framing.crops
        return crop_at(crops=crops, at=scene, angle=stage.angle, size=stage.size)


def _dragged(press: Press, box: Box, handle: Handle, to: Point, ratio: float | None) -> Box:
    dx, dy = to[0] - press.scene[0], to[1] - press.scene[1]
    if handle is Handle.INSIDE:
        return moved(box=box, dx=dx, dy=dy, angle=press.angle, size=press.size)
    return resized(
        box=box, handle=handle, dx=dx, dy=dy, ratio=ratio, angle=press.angle, size=press.size
    )


def _ratio(locked: float | None, own: Box | None, size: Size, *, keep: bool) -> float | None:
    """The ratio that a drag keeps: the locked one; with Shift the crop's own, or a square."""
    if locked is not None:
        return locked
    if not keep:
        return None
    return 1.0 if own is None else ratio_of(own, size)
