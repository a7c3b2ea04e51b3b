"""What the canvas shows at one moment, as one frozen value for pointer, keyboard and painter."""

from __future__ import annotations

from dataclasses import dataclass

from app.canvas.camera import Area, Camera
from app.canvas.hit import outline
from app.domain.session import Framing
from engine.geometry import Point
from engine.vocabulary import Crop, Size


@dataclass(frozen=True, slots=True)
class Stage:
    """`size` is the full photo's, `angle` how far it is turned on the screen; `ratio` is locked
    unless None. `leading` is the crop that is shown as current.
    """

    size: Size
    framing: Framing
    leading: int | None
    camera: Camera
    ratio: float | None

    @property
    def crop(self) -> Crop | None:
        return None if self.leading is None else self.framing.crops[self.leading]

    @property
    def angle(self) -> float:
        return 0.0 if self.crop is None else self.crop.angle

    def outline_on_screen(self, crop: Crop) -> tuple[Point, ...]:
        """The crop's corners on the screen: left-top, right-top, right-bottom, left-bottom."""
        points = outline(crop, angle=self.angle, size=self.size)
        return tuple(self.camera.to_screen(point) for point in points)


def crop_area(crop: Crop, size: Size) -> Area:
    """A crop's rectangle in its own turned frame, in pixels of the photo."""
    box = crop.box
    return Area(
        box.left * size.width,
        box.top * size.height,
        box.right * size.width,
        box.bottom * size.height,
    )
