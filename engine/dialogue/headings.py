"""The words by which an answer shows where its analysis ends and its guidance begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Section(Enum):
    """What a piece of an answer belongs to."""

    ANALYSIS = auto()
    TAKING = auto()
    AFTERWARDS = auto()


class Undecided(Enum):
    """A text may still become a heading when more of it comes."""

    YES = auto()


@dataclass(frozen=True, slots=True)
class Opening:
    """What the beginning of a line or a sentence says about what follows.

    `heading` characters of it are a heading, to be left out; 0 where the words open a section and
    belong to it ("To improve the photo, …").
    """

    section: Section
    heading: int


_HEADINGS: Final = {
    Section.ANALYSIS: (
        "analysis",
        "aesthetic analysis",
        "critical analysis",
        "critique",
        "analyse",
        "bildanalyse",
        "分析",
        "美学分析",
    ),
    Section.TAKING: (
        "guidance",
        "aesthetic guidance",
        "photography guidance",
        "advice",
        "suggestion",
        "suggestions",
        "improvement suggestions",
        "specific suggestions",
        "recommendations",
        "recommendation",
        "improvements",
        "improvement",
        "areas for improvement",
        "how to improve",
        "ways to improve",
        "tips",
        "to improve",
        "when taking it",
        "when taking the photo",
        "when taking the picture",
        "while shooting",
        "when shooting",
        "shooting",
        "vorschläge",
        "verbesserungsvorschläge",
        "hinweise",
        "empfehlungen",
        "beim aufnehmen",
        "bei der aufnahme",
        "建议",
        "改进建议",
        "拍摄建议",
        "指导",
        "美学指导",
    ),
    Section.AFTERWARDS: (
        "afterwards",
        "afterward",
        "in post",
        "in post-processing",
        "post-processing",
        "post processing",
        "postprocessing",
        "editing",
        "in editing",
        "nachbearbeitung",
        "in der nachbearbeitung",
        "nachher",
        "后期",
        "后期处理",
        "后期建议",
    ),
}
_KNOWN: Final = {words: section for section, all_words in _HEADINGS.items() for words in all_words}

_IN_GUIDANCE: Final = frozenset(
    (
        "shooting",
        "when shooting",
        "while shooting",
        "in post",
        "in post-processing",
        "post-processing",
        "post processing",
        "postprocessing",
        "editing",
        "in editing",
        "nachbearbeitung",
        "in der nachbearbeitung",
        "后期",
        "后期处理",
    )
)
"""Headings that count only once guidance has begun: a critique has chapters of these names too."""
_OF_LINES: Final = frozenset(("suggestion", "recommendation", "improvement", "advice", "tips"))
"""Headings that begin a line: inside one they belong to the fault just named, and what follows it
may be analysis again."""

_LEADS_OF_SENTENCES: Final = (
    "to improve ",
    "to enhance ",
    "here are some suggestions",
    "here are a few suggestions",
    "here are some tips",
    "here are some ways to improve",
)
"""Words that begin advice and are part of it."""
_LEADS_OF_LINES: Final = (
    *_LEADS_OF_SENTENCES,
    "some suggestions ",
    "suggestions for improvement include",
    "to make this photo ",
    "to make this image ",
    "to make the photo ",
    "to make the image ",
    "to elevate ",
    "to strengthen ",
    "for improvement, ",
    "as for improvement",
    "in terms of improvement",
    "i suggest ",
    "i would suggest ",
    "i'd suggest ",
    "i recommend ",
    "i would recommend ",
    "i'd recommend ",
    "it is recommended ",
    "it is suggested ",
    "next time",
    "um das bild zu verbessern",
    "zur verbesserung",
    "建议",
    "为了改进",
    "为了提升",
)
"""More of them, which count at the beginning of a line only."""

LONGEST: Final = 64
"""Characters after which a text cannot be a heading any more."""

MARKS: Final = re.compile(r"[\s>•*_\-]*(?:(?:\d{1,2}|[A-Da-d]|[ivxIVX]{1,4})[.)、]\s*)?[\s*_]*")
"""What may stand before the words of a line: bullets, numbers, letters."""

_MAY_BE_MARKS: Final = re.compile(r"[\s>•*_\-]*(?:\d{1,2}|[A-Da-d]|[ivxIVX]{1,4})?[.)、]?[\s*_]*")

_TAIL: Final = re.compile(r"[^:：\n.!?。！？,，;；()]*")


def opening(
    text: str, *, new_line: bool, advising: bool, final: bool
) -> Opening | Undecided | None:
    """What the beginning of a text is; None where it is nothing special.

    `new_line`: the text begins a line, not only a sentence; `advising`: guidance has begun;
    `final`: no more of the text will come.
    """
    if not final and _MAY_BE_MARKS.fullmatch(text) and len(text) <= LONGEST:
        return Undecided.YES
    marks = MARKS.match(text)
    start = marks.end() if marks else 0
    words = text[start:].lower().replace("’", "'")
    if not words:
        return None
    found = _heading(words, new_line=new_line, advising=advising, final=final)
    if isinstance(found, Opening):
        return Opening(found.section, start + found.heading)
    if found is Undecided.YES:
        return found
    lead = _lead(words, new_line=new_line)
    return None if final and lead is Undecided.YES else lead


def _heading(
    words: str, *, new_line: bool, advising: bool, final: bool
) -> Opening | Undecided | None:
    """A title that ends with a colon, or with its line where it began one."""
    tail = _TAIL.match(words)
    title = tail.group() if tail else ""
    ended = len(title) < len(words)
    if not ended and not final:
        possible = any(each.startswith(title) or title.startswith(each + " ") for each in _KNOWN)
        return Undecided.YES if possible and len(title) <= LONGEST else None
    section = _section(title)
    bare = title.strip()
    if section is None or len(title) > LONGEST:
        return None
    if (bare in _IN_GUIDANCE and not advising) or (bare in _OF_LINES and not new_line):
        return None
    end = words[len(title) : len(title) + 1]
    if end in (":", "："):
        return Opening(section, len(title) + 1)
    if new_line and (end == "\n" or (final and not ended)) and bare in _KNOWN | _LONGER:
        return Opening(section, len(title))
    return None


_LONGER: Final = {
    f"{noun} for {goal}": Section.TAKING
    for noun in ("suggestion", "suggestions", "recommendations", "advice", "tips", "guidance")
    for goal in (
        "improvement",
        "improvements",
        "improving the photo",
        "improving the image",
        "the photographer",
        "the next shot",
        "next time",
        "better composition",
    )
}


def _section(title: str) -> Section | None:
    """The section of a title: a known one, or one with more words after it ("… for the sky")."""
    bare = title.strip().rstrip("*_ ")
    if bare in _KNOWN:
        return _KNOWN[bare]
    longest = max(
        (
            each
            for each in _KNOWN
            if bare.startswith((f"{each} for ", f"{each} to ", f"{each} on "))
        ),
        key=len,
        default=None,
    )
    if longest is None and bare.startswith(("to improve the ", "how to improve the ")):
        return Section.TAKING
    return None if longest is None else _KNOWN[longest]


def _lead(words: str, *, new_line: bool) -> Opening | Undecided | None:
    leads = _LEADS_OF_LINES if new_line else _LEADS_OF_SENTENCES
    if words.startswith(leads):
        return Opening(Section.TAKING, 0)
    return Undecided.YES if any(each.startswith(words) for each in leads) else None


_CLEARLY_AFTERWARDS: Final = re.compile(
    r"\b(?:crop(?:s|ped|ping)?|lightroom|photoshop|in post|post[- ]?(?:process\w*|production)"
    r"|edit(?:s|ed|ing|or)?|retouch\w*|clone|cloning|heal(?:ing)? (?:brush|tool)|slider|sliders"
    r"|software|afterwards|beschneid\w*|zuschneid\w*|nachbearbeit\w*|retuschier\w*)\b"
    r"|裁剪|后期|修图|剪裁",
    re.IGNORECASE,
)
_CLEARLY_TAKING: Final = re.compile(
    r"\b(?:when (?:taking|shooting)|while shooting|at the time of|next time|re-?shoot|shutter speed"
    r"|aperture|tripod|before (?:pressing|taking)|in[- ]camera|move (?:closer|back)|wait for)\b",
    re.IGNORECASE,
)


def advice_for(sentence: str) -> Section:
    """The part of guidance to which one sentence belongs: taking, unless it clearly is not."""
    taking = _CLEARLY_TAKING.search(sentence) is not None
    afterwards = _CLEARLY_AFTERWARDS.search(sentence) is not None
    return Section.AFTERWARDS if afterwards and not taking else Section.TAKING
