"""The words of Venus as frozen values: boxes, crops, questions and the events that answer them.

Units, everywhere unless a name says otherwise: positions are fractions 0..1 of the upright photo,
angles are degrees (clockwise positive), severities and scores are 0..1. Their JSON is in
`engine.wire`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels, both at least 1."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a size needs at least 1 × 1 pixel, not {self.width} × {self.height}")


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, right, bottom as fractions of the upright photo, with a positive area.

    The values may lie outside 0..1 only while a calculation is under way; a crop's box never does
    when its angle is 0 (see `engine.geometry.fits`).
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not all(isfinite(edge) for edge in self):
            raise ValueError("a box needs finite edges")
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError(f"a box needs left < right and top < bottom, not {tuple(self)}")

    def __iter__(self) -> Iterator[float]:
        return iter((self.left, self.top, self.right, self.bottom))

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Aspect:
    """A ratio of whole numbers, width to height, such as 3:2."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"an aspect ratio needs two numbers of at least 1, not {self}")

    def __str__(self) -> str:
        return f"{self.width}:{self.height}"

    @property
    def ratio(self) -> float:
        return self.width / self.height

    @classmethod
    def parse(cls, text: str) -> Aspect:
        """Read "3:2"; ValueError says what is wrong."""
        width, colon, height = text.partition(":")
        if not colon or not width.strip().isdecimal() or not height.strip().isdecimal():
            raise ValueError(f"an aspect ratio is written like 3:2, not {text!r}")
        return cls(int(width), int(height))


class Origin(StrEnum):
    """Who drew a crop."""

    ENGINE = "engine"
    PHOTOGRAPHER = "photographer"


class Purpose(StrEnum):
    """What a crop is for."""

    SAFE = "safe"
    TIGHTER = "tighter"
    WITHOUT_DISTRACTION = "without_distraction"
    HORIZON = "horizon"
    OTHER_ORIENTATION = "other_orientation"
    STRAIGHTENED = "straightened"
    WHOLE_PHOTO = "whole_photo"
    REQUESTED = "requested"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Crop:
    """A box plus an angle. The photo is turned about its centre by `angle` degrees, clockwise
    positive; the box is axis-aligned in the turned frame, in fractions of the unturned width and
    height, and all four of its corners lie inside the turned photo.
    """

    box: Box
    angle: float = 0.0
    origin: Origin = Origin.ENGINE
    purpose: Purpose = Purpose.SAFE
    rationale: str = ""
    score: float | None = None


class Task(StrEnum):
    """What can be asked of an engine."""

    IMPRESSION = "impression"
    ANALYSIS = "analysis"
    GUIDANCE = "guidance"
    CROP = "crop"
    WHY = "why"
    ASK = "ask"
    SCORE = "score"


CRITIQUE_TASKS = (Task.IMPRESSION, Task.ANALYSIS, Task.GUIDANCE, Task.CROP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to an engine, with what its task needs.

    `crop` serves `why`; `crops` serve `score`; `aspect`, `keep`, `avoid` and `count` serve `crop`;
    `words` are the photographer's own, for `ask`. `tighter` moves the proposed crops, 0 (as
    measured) to 1 (boldest).
    """

    id: int
    task: Task
    language: str = "en"
    crop: Crop | None = None
    crops: tuple[Crop, ...] = ()
    aspect: Aspect | None = None
    keep: Box | None = None
    avoid: Box | None = None
    count: int | None = None
    tighter: float = 0.0
    words: str = ""


class FindingKind(StrEnum):
    """Faults that an engine may observe; the values are the JSON names."""

    UNDEREXPOSED = "underexposed"
    OVEREXPOSED = "overexposed"
    CLIPPED_HIGHLIGHTS = "clipped_highlights"
    CRUSHED_SHADOWS = "crushed_shadows"
    LOW_CONTRAST = "low_contrast"
    HARSH_CONTRAST = "harsh_contrast"
    COLOUR_CAST = "colour_cast"
    OVERSATURATED = "oversaturated"
    SOFT_FOCUS = "soft_focus"
    NOISE = "noise"
    TILTED_HORIZON = "tilted_horizon"
    SUBJECT_SMALL = "subject_small"
    SUBJECT_AT_EDGE = "subject_at_edge"
    SUBJECT_CENTRED = "subject_centred"
    EDGE_DISTRACTION = "edge_distraction"
    CLUTTERED_BACKGROUND = "cluttered_background"
    EMPTY_SPACE = "empty_space"


class StrengthKind(StrEnum):
    """Virtues that an engine may observe; the values are the JSON names."""

    WELL_EXPOSED = "well_exposed"
    SHARP = "sharp"
    BALANCED = "balanced"
    STRONG_SUBJECT = "strong_subject"
    COLOUR_HARMONY = "colour_harmony"
    LEADING_LINES = "leading_lines"
    SYMMETRY = "symmetry"
    RULE_OF_THIRDS = "rule_of_thirds"


@dataclass(frozen=True, slots=True)
class Line:
    """A line on the photo from (x1, y1) to (x2, y2)."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Mask:
    """A small bitmap stretched over the whole photo.

    `runs` are lengths of alternating runs of pixels in row-major order, the first one of unset
    pixels (it may be 0); they add up to `width` × `height`.
    """

    width: int
    height: int
    runs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """Where on the photo an observation holds: boxes, or a line, or a mask."""

    boxes: tuple[Box, ...] = ()
    line: Line | None = None
    mask: Mask | None = None


EVERYWHERE = Where(boxes=(WHOLE,))


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number with its unit, and the same in words. `value` carries the sign."""

    value: float
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One observed fault and its two remedies: when `taking` the photo and `afterwards`."""

    kind: FindingKind
    severity: float
    where: Where
    measurement: Measurement
    taking: str
    afterwards: str


@dataclass(frozen=True, slots=True)
class Strength:
    """One observed virtue."""

    kind: StrengthKind
    where: Where
    measurement: Measurement


class Part(StrEnum):
    """Which part of an answer a text belongs to."""

    BODY = "body"
    TAKING = "taking"
    AFTERWARDS = "afterwards"
    FOR = "for"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of an answer, to be appended to what came before in the same part."""

    text: str
    part: Part = Part.BODY


@dataclass(frozen=True, slots=True)
class Score:
    """Expected overlap, 0..1, one for each crop of the question, in its order.

    Beside it, where the engine can tell: `percentiles`, the share (0..1) of a fixed grid of crops
    that each is better than, and `preferences`, how much likelier (nats) the model is to write it
    for this photo than for a grey one.
    """

    values: tuple[float, ...]
    percentiles: tuple[float, ...] = ()
    preferences: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The question could not be answered: a code for programs, a reason and a remedy for people."""

    code: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of an answered question."""

    seconds: float
    tokens: int = 0


Event = Text | Finding | Strength | Crop | Score | Failed | Finished


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What answers: the name that people see, the version, the seed and the device.

    `memory` is what the engine holds for its model, in bytes (0: not known); `plan` says in words
    how it holds it; `notes` are what a person should know before relying on it.
    """

    name: str
    version: str
    seed: int = 0
    device: str = "cpu"
    memory: int = 0
    plan: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Critique:
    """All answers about one photo, as far as they have come."""

    impression: str = ""
    analysis: str = ""
    taking: str = ""
    afterwards: str = ""
    findings: tuple[Finding, ...] = field(default=())
    strengths: tuple[Strength, ...] = field(default=())
