"""Answers to the photographer's own words, as far as measurements can give them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from engine.builtin.guidance import taking
from engine.builtin.look import GREY
from engine.builtin.measured import Measured
from engine.builtin.observe import Observation
from engine.builtin.reading import Reading
from engine.builtin.wording import Say
from engine.builtin.wording.observations import words
from engine.builtin.wording.phrases import degrees, hue, listed, pixels, stops
from engine.vocabulary import FindingKind as Fault
from engine.vocabulary import Size
from engine.vocabulary import StrengthKind as Virtue

_CM_PER_INCH: Final = 2.54
_GOOD_PPI: Final = 240
"""Pixels per inch from which a print looks fine in the hand."""
_EYE_PX: Final = 2.0
"""A blur over this many pixels shows in a print that uses every pixel."""
_LEVEL: Final = 0.5
"""Degrees under which lines count as straight."""
_CLIPPED: Final = 0.0005
"""The share of the frame under which clipping is none."""
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
    reading: Reading,
    crop_words: str,
    say: Say,
) -> Iterator[str]:
    """Whole sentences; `crop_words` are about the engine's first crop."""
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
                    yield from _first(reading, say)
            case Topic.PRINT:
                yield _print(question, measured, say)
            case Topic.CROP:
                yield crop_words
            case Topic.SHARPNESS if Topic.PRINT in found and not _grave(topic, reading):
                pass  # the answer about the print has said it
            case _:
                yield from _about(topic, measured, reading, say)


def _first(reading: Reading, say: Say) -> Iterator[str]:
    if reading.grave:
        said = words(reading.grave[0], say)
        yield said.sentence
        yield said.taking
        yield said.afterwards
        return
    yield say("Nothing measured is wrong enough to come first, so begin with the frame.")
    yield next(taking(reading, say))


def _grave(topic: Topic, reading: Reading) -> list[Observation]:
    return [each for each in reading.grave if each.kind in _KINDS[topic]]


def _about(topic: Topic, measured: Measured, reading: Reading, say: Say) -> Iterator[str]:
    """What was observed, faults with what to do; else the plain measurement."""
    grave = _grave(topic, reading)
    for each in grave:
        said = words(each, say)
        yield said.sentence
        yield said.afterwards
    if not grave:
        yield _plain(topic, measured, reading, say)


def _plain(topic: Topic, measured: Measured, reading: Reading, say: Say) -> str:
    match topic:
        case Topic.LIGHT:
            return _light(measured, say)
        case Topic.SHARPNESS:
            return _sharpness(measured, say)
        case Topic.TILT if measured.tilt.line is None:
            return say("There is no line in it long enough to measure a tilt by.")
        case Topic.TILT if abs(measured.tilt.angle) < _LEVEL:
            return say("It stands straight: its lines lean by less than half a degree.")
        case Topic.TILT if measured.tilt.angle > 0:
            return say(
                "Its lines lean {degrees}° to the right, too little or too unevenly to call it"
                " tilted.",
                degrees=degrees(say, measured.tilt.angle),
            )
        case Topic.TILT:
            return say(
                "Its lines lean {degrees}° to the left, too little or too unevenly to call it"
                " tilted.",
                degrees=degrees(say, measured.tilt.angle),
            )
        case Topic.NOISE:
            return say(
                "Noise is no trouble: it stays at {sigma} of the tonal range.",
                sigma=say.percent(measured.noise.sigma / 100, digits=1),
            )
        case _:
            return _colour(reading, say)


def _light(measured: Measured, say: Say) -> str:
    middle, clipped = measured.exposure.middle_ev, measured.clipping.highlights
    values = {
        "step": stops(say, middle),
        "range": say.number(measured.exposure.range_ev, digits=0),
        "clipped": say.percent(clipped, digits=1),
    }
    if clipped >= _CLIPPED and middle < 0:
        return say(
            "The light is in order: the mid-tones lie {step} under middle grey, the scene spans"
            " {range} stops, and {clipped} of the frame is clipped.",
            **values,
        )
    if clipped >= _CLIPPED:
        return say(
            "The light is in order: the mid-tones lie {step} over middle grey, the scene spans"
            " {range} stops, and {clipped} of the frame is clipped.",
            **values,
        )
    if middle < 0:
        return say(
            "The light is in order: the mid-tones lie {step} under middle grey, the scene spans"
            " {range} stops, and nothing is clipped.",
            **values,
        )
    return say(
        "The light is in order: the mid-tones lie {step} over middle grey, the scene spans {range}"
        " stops, and nothing is clipped.",
        **values,
    )


def _colour(reading: Reading, say: Say) -> str:
    if reading.look.chroma < GREY:
        return say("There is hardly any colour in it, and no cast to speak of.")
    if not reading.look.hues:
        return say("The colours are mixed and in order, without a cast to speak of.")
    return say(
        "The colours are in order: most of them are {hues}, and there is no cast to speak of.",
        hues=listed(say, [hue(say, each) for each in reading.look.hues]),
    )


def _sharpness(measured: Measured, say: Say) -> str:
    if measured.focus.judged == 0:
        return say("There is no edge in it by which sharpness could be measured.")
    return say(
        "It is sharp: in its crispest parts an edge is {pixels} wide.",
        pixels=pixels(say, _blur_px(measured)),
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
        "largest": say.number(max(size.width, size.height) / _GOOD_PPI * _CM_PER_INCH, digits=0),
    }
    if ppi < _GOOD_PPI:
        return say(
            "Not for a close look: on {paper} it has {ppi} pixels per inch, less than the {good}"
            " that look fine in the hand, which it reaches up to a width of {largest} cm.",
            **values,
        )
    # Edges are seen at the size that the print shows, not at the file's.
    if _blur_px(measured) * _GOOD_PPI / ppi > _EYE_PX:
        return say(
            "There are pixels enough for {paper}, {ppi} per inch, but its edges are {pixels} wide"
            " and will look soft in the hand.",
            pixels=pixels(say, _blur_px(measured)),
            **values,
        )
    return say(
        "Yes: on {paper} it has {ppi} pixels per inch, and its edges stay crisp at that size.",
        **values,
    )


def pixels_per_inch(size: Size, paper: str) -> float:
    """What a photo has on a paper of `_PAPERS`, printed as large as fits."""
    long_side, short_side = _PAPERS[paper]
    pixels = max(size.width, size.height), min(size.width, size.height)
    return max(pixels[0] / long_side, pixels[1] / short_side) * _CM_PER_INCH
