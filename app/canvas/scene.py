"""What the canvas was given to show, and the stage that follows from it. No Qt widgets."""

from __future__ import annotations

from typing import Final

from app.canvas.camera import Area, Camera, turned_area
from app.canvas.lens import Lens, Pane
from app.canvas.stage import Stage
from app.domain.session import Framing, Session
from app.services.picture import Picture
from engine.geometry import Point
from engine.vocabulary import Where

_NO_CROPS: Final = Framing()


class Scene:
    """The last values that the controller and the window gave, and the part that is looked at.

    `ratio` (width to height in pixels) is what gestures keep, None for any; `evidence` is shown
    instead of the crops; `comparing` shows the leading crop alone.
    """

    def __init__(self) -> None:
        self.picture: Picture | None = None
        self.session: Session | None = None
        self.ratio: float | None = None
        self.previewed: int | None = None
        self.evidence: Where | None = None
        self.comparing = False
        self._lens = Lens()

    @property
    def camera(self) -> Camera:
        return self._lens.camera

    @property
    def framing(self) -> Framing:
        """The crops of the photo that is shown; none while another photo's session is here."""
        picture, session = self.picture, self.session
        if picture is None or session is None or picture.photo != session.photo:
            return _NO_CROPS
        return session.framing

    @property
    def stage(self) -> Stage | None:
        """None where there is no photo."""
        if self.picture is None:
            return None
        framing, previewed = self.framing, self.previewed
        shown = previewed is not None and previewed < len(framing.crops)
        leading = previewed if shown else framing.current
        return Stage(self.picture.size, framing, leading, self.camera, self.ratio)

    def take_picture(self, picture: Picture | None) -> bool:
        """True if this is another photo, which is then shown whole and without evidence."""
        before, self.picture = self.picture, picture
        if picture is not None and before is not None and before.photo == picture.photo:
            return False
        self._lens = Lens()
        self.previewed = self.evidence = None
        self.comparing = False
        return True

    def take_session(self, session: Session | None) -> bool:
        """True if it changes what is shown: while text streams, nothing does."""
        before = self.stage
        self.session = session
        return before != self.stage

    def follow(self, pane: Pane) -> None:
        """Something else is shown, or the view has another size."""
        if (area := self._area()) is not None:
            self._lens.follow(area, pane)

    def fit(self, pane: Pane) -> None:
        if (area := self._area()) is not None:
            self._lens.fit(area, pane)

    def zoom_to(self, scale: float, at: Point, pane: Pane) -> None:
        """Another scale, in screen pixels per photo pixel, about a place of the screen."""
        if (area := self._area()) is not None:
            self._lens.zoom_to(scale, at, area, pane)

    def pan_by(self, dx: float, dy: float, pane: Pane) -> None:
        if (area := self._area()) is not None:
            self._lens.pan_by(dx, dy, area, pane)

    def _area(self) -> Area | None:
        stage = self.stage
        return None if stage is None else turned_area(stage.size, stage.angle)
