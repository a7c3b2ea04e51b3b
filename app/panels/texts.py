"""The window's words for the vocabulary: kinds, purposes, ratios, sizes, file names."""

from __future__ import annotations

from math import gcd
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from app.domain.session import Progress
from app.domain.settings import Guide
from engine.geometry import pixel_size, ratio_of
from engine.vocabulary import Crop, FindingKind, Origin, Purpose, Size, StrengthKind

_translate = QCoreApplication.translate


def finding_title(kind: FindingKind) -> str:
    """What a finding is called."""
    titles = {
        FindingKind.UNDEREXPOSED: _translate("Texts", "Too dark"),
        FindingKind.OVEREXPOSED: _translate("Texts", "Too bright"),
        FindingKind.CLIPPED_HIGHLIGHTS: _translate("Texts", "Highlights without detail"),
        FindingKind.CRUSHED_SHADOWS: _translate("Texts", "Shadows without detail"),
        FindingKind.LOW_CONTRAST: _translate("Texts", "Little contrast"),
        FindingKind.HARSH_CONTRAST: _translate("Texts", "Harsh contrast"),
        FindingKind.COLOUR_CAST: _translate("Texts", "Colour cast"),
        FindingKind.OVERSATURATED: _translate("Texts", "Colours too strong"),
        FindingKind.SOFT_FOCUS: _translate("Texts", "Soft focus"),
        FindingKind.NOISE: _translate("Texts", "Noise"),
        FindingKind.TILTED_HORIZON: _translate("Texts", "Tilted horizon"),
        FindingKind.SUBJECT_SMALL: _translate("Texts", "What stands out is small"),
        FindingKind.SUBJECT_AT_EDGE: _translate("Texts", "What stands out touches the edge"),
        FindingKind.SUBJECT_CENTRED: _translate("Texts", "What stands out is dead centre"),
        FindingKind.EDGE_DISTRACTION: _translate("Texts", "Distraction at the edge"),
        FindingKind.CLUTTERED_BACKGROUND: _translate("Texts", "Cluttered background"),
        FindingKind.EMPTY_SPACE: _translate("Texts", "Empty space"),
    }
    return titles[kind]


def strength_title(kind: StrengthKind) -> str:
    """What a strength is called."""
    titles = {
        StrengthKind.WELL_EXPOSED: _translate("Texts", "Well exposed"),
        StrengthKind.SHARP: _translate("Texts", "Sharp"),
        StrengthKind.BALANCED: _translate("Texts", "Balanced"),
        StrengthKind.STRONG_SUBJECT: _translate("Texts", "One area clearly stands out"),
        StrengthKind.COLOUR_HARMONY: _translate("Texts", "Colours in harmony"),
        StrengthKind.LEADING_LINES: _translate("Texts", "Leading lines"),
        StrengthKind.SYMMETRY: _translate("Texts", "Symmetry"),
        StrengthKind.RULE_OF_THIRDS: _translate("Texts", "On the thirds"),
    }
    return titles[kind]


def severity_word(severity: float) -> str:
    """How much a finding weighs, in a word."""
    if severity >= 0.6:
        return _translate("Texts", "strong")
    if severity >= 0.3:
        return _translate("Texts", "clear")
    return _translate("Texts", "slight")


def purpose_title(crop: Crop) -> str:
    """What a crop is for, as its card's title."""
    titles = {
        Purpose.SAFE: _translate("Texts", "Safe"),
        Purpose.TIGHTER: _translate("Texts", "Tighter"),
        Purpose.WITHOUT_DISTRACTION: _translate("Texts", "Without the distraction"),
        Purpose.HORIZON: _translate("Texts", "Horizon off the middle"),
        Purpose.OTHER_ORIENTATION: _translate("Texts", "The other orientation"),
        Purpose.STRAIGHTENED: _translate("Texts", "Straightened"),
        Purpose.WHOLE_PHOTO: _translate("Texts", "The whole photo"),
        Purpose.REQUESTED: _translate("Texts", "As you asked"),
        Purpose.OWN: _translate("Texts", "Your crop"),
    }
    return titles[Purpose.OWN if crop.origin is Origin.PHOTOGRAPHER else crop.purpose]


def guide_title(guide: Guide) -> str:
    """What the guides are called in the menu."""
    titles = {
        Guide.NONE: _translate("Texts", "None"),
        Guide.THIRDS: _translate("Texts", "Thirds"),
        Guide.GOLDEN: _translate("Texts", "Golden section"),
        Guide.DIAGONALS: _translate("Texts", "Diagonals"),
        Guide.CENTRE: _translate("Texts", "Centre"),
    }
    return titles[guide]


def progress_text(progress: Progress) -> str:
    """What stands where an answer has not come; empty where it needs no word."""
    texts = {
        Progress.WAITING: _translate("Texts", "Not yet answered."),
        Progress.RUNNING: _translate("Texts", "Looking at the photo…"),
        Progress.DONE: "",
        Progress.FAILED: _translate("Texts", "This could not be answered."),
        Progress.STOPPED: _translate("Texts", "Stopped before it was complete."),
    }
    return texts[progress]


def size_text(crop: Crop, size: Size) -> str:
    """The pixels that the crop has in the photo, such as 4000 × 3000."""
    pixels = pixel_size(crop.box, size)
    return _translate("Texts", "{width} × {height} px").format(
        width=pixels.width, height=pixels.height
    )


_FAMILIAR: Final = ((1, 1), (5, 4), (4, 3), (7, 5), (3, 2), (16, 10), (5, 3), (16, 9), (2, 1))


def ratio_text(crop: Crop, size: Size) -> str:
    """The crop's ratio: as a familiar pair if it is one within a pixel, else as a number to 1."""
    pixels = pixel_size(crop.box, size)
    for long, short in _FAMILIAR:
        for width, height in ((long, short), (short, long)):
            if abs(pixels.width - pixels.height * width / height) <= max(1.0, width / height):
                return f"{width}:{height}"
    common = gcd(pixels.width, pixels.height)
    if pixels.width // common <= 32 and pixels.height // common <= 32:
        return f"{pixels.width // common}:{pixels.height // common}"
    ratio = ratio_of(crop.box, size)
    locale = QLocale()
    if ratio >= 1:
        return f"{locale.toString(ratio, 'f', 2)}:1"
    return f"1:{locale.toString(1 / ratio, 'f', 2)}"


def angle_text(angle: float) -> str:
    """An angle with one digit and its sign, such as +2.5°; empty for none."""
    if abs(angle) < 0.05:
        return ""
    sign = "+" if angle > 0 else "−"
    return f"{sign}{QLocale().toString(abs(angle), 'f', 1)}°"


def score_text(score: float) -> str:
    """A score as it stands on a card."""
    return _translate("Texts", "Score {score}").format(score=QLocale().toString(score, "f", 2))


def score_explained() -> str:
    """What a score means."""
    return _translate(
        "Texts",
        "How much this crop is expected to overlap with the crop that most people would choose: "
        "0 is not at all, 1 is exactly. It compares the crops of this one photo and says nothing "
        "about the photo itself.",
    )
