"""The camera's keeper: fits the photo, zooms and pans within bounds. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from app.canvas.camera import (
    Area,
    Camera,
    fitted,
    kept_near,
    on_whole_pixels,
    panned,
    scaled_to,
)
from engine.geometry import Point

MARGIN: Final = 40
"""Screen pixels around a fitted photo: room for handles and the label."""


@dataclass(frozen=True, slots=True)
class Pane:
    """The view's size in logical pixels, and its device pixels per logical pixel."""

    width: int
    height: int
    device_ratio: float

    @property
    def middle(self) -> Point:
        return self.width / 2, self.height / 2


def looking_at(area: Area, pane: Pane) -> Camera:
    """The whole area, not enlarged past 1:1."""
    pixel = 1 / pane.device_ratio
    camera = fitted(area, pane.width, pane.height, margin=MARGIN, pixel=pixel)
    return on_whole_pixels(camera, pane.device_ratio)


def filled_with(area: Area, pane: Pane) -> Camera:
    """The whole area as large as the view has room, up to four device pixels for each of its."""
    pixel = 4 / pane.device_ratio
    camera = fitted(area, pane.width, pane.height, margin=MARGIN, pixel=pixel)
    return on_whole_pixels(camera, pane.device_ratio)


class Lens:
    """Holds the camera; `area` is always the turned photo's rectangle in the scene."""

    def __init__(self) -> None:
        self.camera = Camera(1.0, 0.0, 0.0, 1, 1, fit=True)

    def follow(self, area: Area, pane: Pane) -> None:
        """Another view's size or another turn: fitted again where it was fitted, else the same
        scale about the same place.
        """
        if self.camera.fit:
            self.camera = looking_at(area, pane)
        else:
            self._look(replace(self.camera, width=pane.width, height=pane.height), area, pane)

    def fit(self, area: Area, pane: Pane) -> None:
        """Show the whole photo, and keep showing it whole."""
        self.camera = looking_at(area, pane)

    def zoom_to(self, scale: float, at: Point, area: Area, pane: Pane) -> None:
        """Another scale (screen pixels per photo pixel) with the place under `at` kept there."""
        smallest = min(looking_at(area, pane).scale / 2, self.camera.scale)
        self._look(scaled_to(self.camera, scale, at, smallest=smallest), area, pane)

    def pan_by(self, dx: float, dy: float, area: Area, pane: Pane) -> None:
        """The photo moved by screen pixels."""
        self._look(panned(self.camera, dx, dy), area, pane)

    def _look(self, camera: Camera, area: Area, pane: Pane) -> None:
        self.camera = on_whole_pixels(kept_near(camera, area), pane.device_ratio)
