"""The window's words for the vocabulary: kinds, purposes, ratios, sizes, file names."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from app.domain.ratios import ratio_words
from app.domain.session import Progress
from app.domain.settings import Guide, Tightness
from engine.geometry import pixel_size
from engine.vocabulary import Crop, FindingKind, Origin, Purpose, Size, StrengthKind

translate = QCoreApplication.translate  # pyside6-lupdate looks for this name


def finding_title(kind: FindingKind) -> str:
    """What a finding is called."""
    titles = {
        FindingKind.UNDEREXPOSED: translate("Texts", "Too dark"),
        FindingKind.OVEREXPOSED: translate("Texts", "Too bright"),
        FindingKind.CLIPPED_HIGHLIGHTS: translate("Texts", "Highlights without detail"),
        FindingKind.CRUSHED_SHADOWS: translate("Texts", "Shadows without detail"),
        FindingKind.LOW_CONTRAST: translate("Texts", "Little contrast"),
        FindingKind.HARSH_CONTRAST: translate("Texts", "Harsh contrast"),
        FindingKind.COLOUR_CAST: translate("Texts", "Colour cast"),
        FindingKind.OVERSATURATED: translate("Texts", "Colours too strong"),
        FindingKind.SOFT_FOCUS: translate("Texts", "Soft focus"),
        FindingKind.NOISE: translate("Texts", "Noise"),
        FindingKind.TILTED_HORIZON: translate("Texts", "Tilted horizon"),
        FindingKind.SUBJECT_SMALL: translate("Texts", "What stands out is small"),
        FindingKind.SUBJECT_AT_EDGE: translate("Texts", "What stands out touches the edge"),
        FindingKind.SUBJECT_CENTRED: translate("Texts", "What stands out is dead centre"),
        FindingKind.EDGE_DISTRACTION: translate("Texts", "Distraction at the edge"),
        FindingKind.CLUTTERED_BACKGROUND: translate("Texts", "Cluttered background"),
        FindingKind.EMPTY_SPACE: translate("Texts", "Empty space"),
    }
    return titles[kind]


def strength_title(kind: StrengthKind) -> str:
    """What a strength is called."""
    titles = {
        StrengthKind.WELL_EXPOSED: translate("Texts", "Well exposed"),
        StrengthKind.SHARP: translate("Texts", "Sharp"),
        StrengthKind.BALANCED: translate("Texts", "Balanced"),
        StrengthKind.STRONG_SUBJECT: translate("Texts", "One area clearly stands out"),
        StrengthKind.COLOUR_HARMONY: translate("Texts", "Colours in harmony"),
        StrengthKind.LEADING_LINES: translate("Texts", "Leading lines"),
        StrengthKind.SYMMETRY: translate("Texts", "Symmetry"),
        StrengthKind.RULE_OF_THIRDS: translate("Texts", "On the thirds"),
    }
    return titles[kind]


def severity_word(severity: float) -> str:
    """How much a finding weighs, in a word."""
    if severity >= 0.6:
        return translate("Texts", "strong")
    if severity >= 0.3:
        return translate("Texts", "clear")
    return translate("Texts", "slight")


def purpose_title(crop: Crop) -> str:
    """What a crop is for, as its card's title."""
    titles = {
        Purpose.SAFE: translate("Texts", "Safe"),
        Purpose.TIGHTER: translate("Texts", "Tighter"),
        Purpose.WITHOUT_DISTRACTION: translate("Texts", "Without the distraction"),
        Purpose.HORIZON: translate("Texts", "Horizon off the middle"),
        Purpose.OTHER_ORIENTATION: translate("Texts", "The other orientation"),
        Purpose.STRAIGHTENED: translate("Texts", "Straightened"),
        Purpose.WHOLE_PHOTO: translate("Texts", "The whole photo"),
        Purpose.REQUESTED: translate("Texts", "As you asked"),
        Purpose.OWN: translate("Texts", "Your crop"),
    }
    return titles[Purpose.OWN if crop.origin is Origin.PHOTOGRAPHER else crop.purpose]


def guide_title(guide: Guide) -> str:
    """What the guides are called in the menu."""
    titles = {
        Guide.NONE: translate("Texts", "None"),
        Guide.THIRDS: translate("Texts", "Thirds"),
        Guide.GOLDEN: translate("Texts", "Golden section"),
        Guide.DIAGONALS: translate("Texts", "Diagonals"),
        Guide.CENTRE: translate("Texts", "Centre"),
    }
    return titles[guide]


def tightness_title(tightness: Tightness) -> str:
    """How bold the proposed crops are."""
    titles = {
        Tightness.AS_MEASURED: translate("Texts", "As measured"),
        Tightness.TIGHTER: translate("Texts", "Tighter"),
        Tightness.TIGHTEST: translate("Texts", "As tight as it gains"),
    }
    return titles[tightness]


def progress_text(progress: Progress) -> str:
    """What stands where an answer has not come; empty where it needs no word."""
    texts = {
        Progress.WAITING: translate("Texts", "Not yet answered."),
        Progress.RUNNING: translate("Texts", "Looking at the photo…"),
        Progress.DONE: "",
        Progress.FAILED: translate("Texts", "This could not be answered."),
        Progress.STOPPED: translate("Texts", "Stopped before it was complete."),
    }
    return texts[progress]


def size_text(crop: Crop, size: Size) -> str:
    """The pixels that the crop has in the photo, such as 4000 × 3000."""
    pixels = pixel_size(crop.box, size)
    return translate("Texts", "{width} × {height} px").format(
        width=pixels.width, height=pixels.height
    )


def ratio_text(crop: Crop, size: Size) -> str:
    """The crop's ratio in pixels, such as 3:2 or 1.47:1."""
    return ratio_words(pixel_size(crop.box, size), two_digits)


def two_digits(number: float) -> str:
    """A number with two digits after the point, as the language writes it."""
    return QLocale().toString(float(number), "f", 2)


def angle_text(angle: float) -> str:
    """An angle with one digit and its sign, such as +2.5°; empty for none."""
    if abs(angle) < 0.05:
        return ""
    sign = "+" if angle > 0 else "−"
    return f"{sign}{QLocale().toString(float(abs(angle)), 'f', 1)}°"


def score_text(score: float) -> str:
    """A score as it stands on a card."""
    return translate("Texts", "Score {score}").format(
        score=QLocale().toString(float(score), "f", 2)
    )


def score_explained() -> str:
    """What a score means."""
    return translate(
        "Texts",
        "How much this crop is expected to overlap with the crop that most people would choose: "
        "0 is not at all, 1 is exactly. It compares the crops of this one photo and says nothing "
        "about the photo itself.",
    )
