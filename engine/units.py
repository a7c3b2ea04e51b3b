"""In which unit each kind of finding and strength is measured, and what its sign means.

The one table for engines (which must use these units) and for `venus critique --schema`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.vocabulary import FindingKind, StrengthKind


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it stands in the JSON, and what a value in it says."""

    name: str
    meaning: str


UNITS: Final[Mapping[FindingKind | StrengthKind, Unit]] = {
    FindingKind.UNDEREXPOSED: Unit("EV", "stops from where it should be, negative: too dark"),
    FindingKind.OVEREXPOSED: Unit("EV", "stops from where it should be, positive: too bright"),
    FindingKind.CLIPPED_HIGHLIGHTS: Unit("%", "of the pixels, in any channel"),
    FindingKind.CRUSHED_SHADOWS: Unit("%", "of the pixels"),
    FindingKind.LOW_CONTRAST: Unit("L*", "spread of the tones in lightness, 0 to 100"),
    FindingKind.HARSH_CONTRAST: Unit("L*", "spread of the tones in lightness, 0 to 100"),
    FindingKind.COLOUR_CAST: Unit("dE", "distance of neutral from grey; the hue is in the text"),
    FindingKind.OVERSATURATED: Unit("C*", "chroma of the most coloured twentieth"),
    FindingKind.SOFT_FOCUS: Unit("%", "of the long side: the standard deviation of the blur"),
    FindingKind.NOISE: Unit("%", "of the range: the standard deviation of the noise"),
    FindingKind.TILTED_HORIZON: Unit(
        "deg", "degrees, positive: the scene leans clockwise, its right side low"
    ),
    FindingKind.EMPTY_SPACE: Unit("%", "of the frame"),
    StrengthKind.WELL_EXPOSED: Unit("EV", "stops of the mid-tones from middle grey"),
    StrengthKind.SHARP: Unit("%", "of the long side: the standard deviation of the blur"),
    StrengthKind.STRONG_SUBJECT: Unit("x", "times the photo's mean contrast in that area"),
    StrengthKind.RULE_OF_THIRDS: Unit("%", "of the width or height off the third"),
    StrengthKind.BALANCED: Unit("%", "of one side's light and dark that the other repeats"),
    StrengthKind.COLOUR_HARMONY: Unit("%", "of all colour that lies in one hue or two"),
}
"""Kinds that no engine claims with a measurement of its own have no unit yet."""
