"""Answers to the photographer's own words, as far as measurements can give them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import Final

from engine.builtin.critique import afterwards, faults, taking
from engine.builtin.crops.facts import CropFacts
from engine.builtin.measured import Measured
from engine.builtin.observe import WORTH_MENTIONING, Observation
from engine.builtin.wording import Say
from engine.builtin.wording.observations import words
from engine.builtin.wording.phrases import percent, signed, size_of_number
from engine.vocabulary import FindingKind as Fault
from engine.vocabulary import Size
from engine.vocabulary import StrengthKind as Virtue

_CM_PER_INCH: Final = 2.54
_GOOD_PPI: Final = 240
"""Pixels per inch from which a print looks fine in the hand."""
_EYE_PX: Final = 2.0
"""A blur over this many pixels shows in a print that uses every pixel."""
_PAPERS: Final = {
    "a2": (59.4, 42.0),
    "a3": (42.0, 29.7),
    "a4": (29.7, 21.0),
    "a5": (21.0, 14.8),
    "a6": (14.8, 10.5),
}
"""ISO 216 sizes in cm, the long side first."""


class Topic(Enum):
    """What can be answered from measurements."""

    FIRST = auto()
    PRINT = auto()
    LIGHT = auto()
    SHARPNESS = auto()
    TILT = auto()
    CROP = auto()
    NOISE = auto()
    COLOUR = auto()


_KEYWORDS: Final = {
    Topic.FIRST: r"what (should|can|do|could|would) (i|you|we) (do|change|fix|improve|try|correct)"
    r"|\bfirst\b|\bimprove\b|\bbetter\b|main (problem|fault|trouble)|biggest"
    r"|\bzuerst\b|\bverbesser\w*|\bbesser\b|首先|改进|先做|怎么办",
    Topic.PRINT: r"\bprint\w*|\ba[2-6]\b|\bdruck\w*|打印|冲印|印",
    Topic.LIGHT: r"\blight\w*|\bexpos\w*|\bbright\w*|\bdark\w*|\bcontrast\w*|\bhighlights?\b"
    r"|\bshadows?\b|\bclip\w*|\bblown\b|\bbelicht\w*|\blicht\w*|\bhell\w*|\bdunkel\w*"
    r"|\bkontrast\w*|曝光|光线|太暗|太亮|对比",
    Topic.SHARPNESS: r"\bsharp\w*|\bblur\w*|\bfocus\w*|\bsoft\b|\bshak\w*|\bscharf\w*|\bschärf\w*"
    r"|\bunscharf\w*|\bverwackelt\w*|\bfokus\w*|清晰|模糊|对焦|虚",
    Topic.TILT: r"\btilt\w*|\bhorizon\w*|\bstraight\w*|\blevel\b|\bcrooked\b|\blean\w*"
    r"|\bschief\w*|\bgerade\w*|水平|倾斜|歪",
    Topic.CROP: r"\bcrop\w*|\bfram(e|ing)\b|\bcompos\w*|\btighter\b|\bausschnitt\w*|\bzuschneid\w*"
    r"|\bbeschn\w*|\bbildaufbau\b|裁剪|裁切|构图",
    Topic.NOISE: r"\bnois\w*|\bgrain\w*|\biso\b|\brauschen\w*|\bkörnig\w*|\bverrauscht\w*"
    r"|噪点|噪声|颗粒",
    Topic.COLOUR: r"\bcolou?r\w*|\bwhite balance\b|\bsaturat\w*|\btint\b|\bcast\b|\bfarb\w*"
    r"|\bweißabgleich\b|\bfarbstich\b|颜色|色彩|白平衡|偏色|饱和",
}
_KINDS: Final[dict[Topic, frozenset[Fault | Virtue]]] = {
    Topic.LIGHT: frozenset(
        {
            Fault.UNDEREXPOSED,
            Fault.OVEREXPOSED,
            Fault.CLIPPED_HIGHLIGHTS,
            Fault.CRUSHED_SHADOWS,
            Fault.LOW_CONTRAST,
            Fault.HARSH_CONTRAST,
            Virtue.WELL_EXPOSED,
        }
    ),
    Topic.SHARPNESS: frozenset({Fault.SOFT_FOCUS, Virtue.SHARP}),
    Topic.TILT: frozenset({Fault.TILTED_HORIZON}),
    Topic.NOISE: frozenset({Fault.NOISE}),
    Topic.COLOUR: frozenset({Fault.COLOUR_CAST, Fault.OVERSATURATED}),
}


def topics(question: str) -> list[Topic]:
    """The topics that a question names, in a fixed order."""
    text = question.lower()
    return [topic for topic, pattern in _KEYWORDS.items() if re.search(pattern, text)]


def answer(
    question: str,
    *,
    measured: Measured,
    crop: CropFacts,
    crop_words: str,
    seen: Sequence[Observation],
    say: Say,
) -> Iterator[str]:
    """Whole sentences; `crop` and `crop_words` are about the engine's first crop."""
    found = topics(question)
    if not found:
        yield say(
            "The built-in engine cannot tell: it measures light, sharpness, tilt, crop, noise and"
            " colour, and does not know what the photo shows; load a Venus model for that."
        )
        return
    for topic in found:
        match topic:
            case Topic.FIRST:
                # The word "first" is in many questions; it counts only where nothing else does.
                if len(found) == 1:
                    yield from _first(crop, seen, say)
            case Topic.PRINT:
                yield _print(question, measured, say)
            case Topic.CROP:
                yield crop_words
            case _:
                yield from _about(topic, measured, seen, say)


def _first(crop: CropFacts, seen: Sequence[Observation], say: Say) -> Iterator[str]:
    grave = faults(seen, least=WORTH_MENTIONING)
    if grave:
        said = words(grave[0], say)
        yield said.sentence
        yield say("For the next shot: {taking}", taking=said.taking)
        yield say("For this one: {afterwards}", afterwards=said.afterwards)
        return
    yield say("Nothing measured is wrong enough to come first.")
    yield say("For the next shot: {taking}", taking=next(taking(crop, seen, say)))
    yield say("For this one: {afterwards}", afterwards=next(afterwards(crop, seen, say)))


def _about(
    topic: Topic, measured: Measured, seen: Sequence[Observation], say: Say
) -> Iterator[str]:
    """What was observed, faults with what to do; else the plain measurement."""
    about = [each for each in seen if each.kind in _KINDS[topic]]
    grave = faults(about, least=WORTH_MENTIONING)
    for each in grave:
        said = words(each, say)
        yield said.sentence
        yield said.afterwards
    if not grave:
        yield _plain(topic, measured, say)


def _plain(topic: Topic, measured: Measured, say: Say) -> str:
    match topic:
        case Topic.LIGHT:
            return say(
                "The light is in order: mid-tones lie {middle} stops from middle grey, the tones"
                " span {range} stops, and {clipped} of the pixels are clipped.",
                middle=signed(measured.exposure.middle_ev),
                range=size_of_number(measured.exposure.range_ev),
                clipped=percent(measured.clipping.highlights, digits=1),
            )
        case Topic.SHARPNESS:
            return _sharpness(measured, say)
        case Topic.TILT if measured.tilt.line is None:
            return say("There is no line long enough to measure the tilt by.")
        case Topic.TILT:
            return say(
                "It stands straight as far as lines can tell: they lean by {degrees}°, clockwise"
                " counted positive.",
                degrees=signed(measured.tilt.angle),
            )
        case Topic.NOISE:
            return say(
                "Noise is no trouble: {sigma} % of full scale.",
                sigma=size_of_number(measured.noise.sigma, digits=2),
            )
        case _:
            return say(
                "The colours are in order: what should be neutral is {delta} ΔE from grey, and the"
                " mean chroma is {chroma}.",
                delta=size_of_number(measured.cast.delta_e),
                chroma=size_of_number(measured.saturation.mean, digits=0),
            )


def _sharpness(measured: Measured, say: Say) -> str:
    if measured.focus.judged == 0:
        return say("There is no edge anywhere by which sharpness could be measured.")
    return say(
        "It is sharp: in the sharpest parts edges are {pixels} wide, {blur} % of the long side.",
        pixels=size_of_number(_blur_px(measured)),
        blur=size_of_number(measured.focus.blur, digits=2),
    )


def _blur_px(measured: Measured) -> float:
    size = measured.pictures.size
    return measured.focus.blur * max(size.width, size.height) / 100


def _print(question: str, measured: Measured, say: Say) -> str:
    """Whether pixels and sharpness are enough for a paper; A3 where none is named."""
    size = measured.pictures.size
    paper = next((name for name in _PAPERS if re.search(rf"\b{name}\b", question.lower())), "a3")
    ppi = pixels_per_inch(size, paper)
    values = {
        "paper": paper.upper(),
        "ppi": f"{ppi:.0f}",
        "good": _GOOD_PPI,
        "pixels": size_of_number(_blur_px(measured)),
    }
    if ppi < _GOOD_PPI:
        return say(
            "On {paper} the photo has {ppi} pixels per inch, less than the {good} that look fine"
            " in the hand; from further away it will do. Its sharpest edges are {pixels}"
            " wide.",
            **values,
        )
    # Edges are seen at the size that the print shows, not at the file's.
    if _blur_px(measured) * _GOOD_PPI / ppi > _EYE_PX:
        return say(
            "There are pixels enough for {paper}, {ppi} per inch, but its sharpest edges are"
            " {pixels} wide and will look soft in the hand.",
            **values,
        )
    return say(
        "Yes: on {paper} the photo has {ppi} pixels per inch, and its sharpest edges are {pixels}"
        " pixels wide.",
        **values,
    )


def pixels_per_inch(size: Size, paper: str) -> float:
    """What a photo has on a paper of `_PAPERS`, printed as large as fits."""
    long_side, short_side = _PAPERS[paper]
    pixels = max(size.width, size.height), min(size.width, size.height)
    return max(pixels[0] / long_side, pixels[1] / short_side) * _CM_PER_INCH
