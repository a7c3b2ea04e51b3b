"""The folder that the photographer goes through: its photos and the one that is wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from app.services.status import Place


@dataclass(frozen=True, slots=True)
class Album:
    """Photos in order. `wanted` is the one that is shown or on its way; it need not be listed."""

    photos: tuple[Path, ...] = ()
    wanted: Path | None = None

    @property
    def place(self) -> Place | None:
        """Where the wanted photo stands among the others."""
        if self.wanted is None or self.wanted not in self.photos:
            return None
        return Place(self.wanted, self.photos.index(self.wanted), len(self.photos))

    def wanting(self, photo: Path) -> Album:
        """The same photos, another one wanted."""
        return replace(self, wanted=photo)

    def beside(self, by: int) -> Path | None:
        """The photo `by` places further; None where there is none."""
        place = self.place
        if place is None or not 0 <= place.index + by < place.count:
            return None
        return self.photos[place.index + by]
