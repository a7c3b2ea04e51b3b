"""Which part of the photo the window shows, and how large: a frozen value and its motions. No Qt.

The scene is the turned frame of the current crop, measured in pixels of the full photo, with the
photo's centre at (width / 2, height / 2). Screen positions are logical pixels of the widget.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from engine.geometry import Point, to_turned
from engine.vocabulary import Size

LARGEST: Final = 32.0
"""The most screen pixels that one pixel of the photo can take."""


@dataclass(frozen=True, slots=True)
class Camera:
    """`scale` is screen pixels per photo pixel; (x, y) is the scene point in the view's middle;
    width and height are the view's. `fit` says that the photo follows the view's size.
    """

    scale: float
    x: float
    y: float
    width: int
    height: int
    fit: bool = False

    def to_screen(self, point: Point) -> Point:
        return (
            (point[0] - self.x) * self.scale + self.width / 2,
            (point[1] - self.y) * self.scale + self.height / 2,
        )

    def to_scene(self, point: Point) -> Point:
        return (
            (point[0] - self.width / 2) / self.scale + self.x,
            (point[1] - self.height / 2) / self.scale + self.y,
        )


@dataclass(frozen=True, slots=True)
class Area:
    """An upright rectangle of the scene."""

    left: float
    top: float
    right: float
    bottom: float


def turned_area(size: Size, angle: float) -> Area:
    """The smallest upright rectangle around the photo turned by `angle`."""
    points = [to_turned(p, angle, size) for p in ((0, 0), (1, 0), (1, 1), (0, 1))]
    xs, ys = [x * size.width for x, _ in points], [y * size.height for _, y in points]
    return Area(min(xs), min(ys), max(xs), max(ys))


def fitted(area: Area, width: int, height: int, *, margin: float, pixel: float = 1.0) -> Camera:
    """The camera that shows the whole area inside the margin; a small photo is not blown up past
    `pixel`, the screen size of one photo pixel at 1:1.
    """
    across, down = area.right - area.left, area.bottom - area.top
    scale = min(max(width - 2 * margin, 1) / across, max(height - 2 * margin, 1) / down, pixel)
    centre = (area.left + area.right) / 2, (area.top + area.bottom) / 2
    return Camera(scale, *centre, width, height, fit=True)


def scaled_to(camera: Camera, scale: float, at: Point, *, smallest: float) -> Camera:
    """Another scale, with the scene point under the screen point `at` staying where it is."""
    scale = min(max(scale, smallest), LARGEST)
    x, y = camera.to_scene(at)
    return replace(
        camera,
        scale=scale,
        x=x - (at[0] - camera.width / 2) / scale,
        y=y - (at[1] - camera.height / 2) / scale,
        fit=False,
    )


def panned(camera: Camera, dx: float, dy: float) -> Camera:
    """The scene moved by screen pixels."""
    return replace(
        camera, x=camera.x - dx / camera.scale, y=camera.y - dy / camera.scale, fit=False
    )


def kept_near(camera: Camera, area: Area) -> Camera:
    """The view's middle kept over the area, so that the photo is never lost."""
    return replace(
        camera,
        x=min(max(camera.x, area.left), area.right),
        y=min(max(camera.y, area.top), area.bottom),
    )


def on_whole_pixels(camera: Camera, device_ratio: float) -> Camera:
    """The scene's origin moved to a whole pixel of the device, so that 1:1 is crisp."""
    step = camera.scale * device_ratio
    left, top = camera.to_screen((0.0, 0.0))
    off_x = left * device_ratio - round(left * device_ratio)
    off_y = top * device_ratio - round(top * device_ratio)
    return replace(camera, x=camera.x + off_x / step, y=camera.y + off_y / step)
