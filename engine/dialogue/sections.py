"""Parts an answer into analysis and guidance while it streams, and takes off its markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.dialogue.headings import MARKS, Opening, Section, Undecided, advice_for, opening


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and where it belongs, to be appended to what came before there."""

    section: Section
    text: str


class Unmarked:
    """A stream of text without the marks of bold, italics by doubled marks, and headings.

    Lists keep their numbers and dashes. Nothing is handed on while it may still become a mark.
    """

    def __init__(self) -> None:
        self._held = ""
        self._new_line = True

    def feed(self, text: str) -> str:
        """What can be said after this text."""
        return self._take(self._held + text, final=False)

    def end(self) -> str:
        """What was held back."""
        return self._take(self._held, final=True)

    def _take(self, text: str, *, final: bool) -> str:
        settled = len(text) if final else self._settled(text)
        self._held = text[settled:]
        lines = text[:settled].split("\n")
        for number, line in enumerate(lines):
            if number or self._new_line:
                line = _HASHES.sub("", line)
            lines[number] = _DOUBLED.sub("", line)
        if settled:
            self._new_line = text[settled - 1] == "\n"
        return "\n".join(lines)

    def _settled(self, text: str) -> int:
        """Up to where no further text can change what the marks mean."""
        line = text.rfind("\n") + 1
        if (line or self._new_line) and _MAY_BE_HASHES.fullmatch(text[line:].rstrip("*_")):
            return line
        return len(text.rstrip("*_"))


_HASHES: Final = re.compile(r"^ {0,3}#{1,6}\s+|^ {0,3}#{1,6}$")
_MAY_BE_HASHES: Final = re.compile(r" {0,3}#{0,6}[ \t]*")
_DOUBLED: Final = re.compile(r"\*{2,}|_{2,}")

_END: Final = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)[.!?][\"'”’)\]*_]*(?=\s)|[。！？][”’）」]*(?=[^”’）」])|\n"
)
"""Where a sentence or a line ends."""
_CONTEXT: Final = 4
"""Characters before a full stop that tell whether it ends a sentence."""
_MAY_END: Final = re.compile(r"[.!?。！？][\"'”’)\]*_）」]*\Z")
_REFERS_BACK: Final = re.compile(
    r"\s*(?:[-•*]\s*)?(?:this|that|it|these|those|doing so|das|dies\w*|so)\b", re.IGNORECASE
)


class Sections:
    """An answer in pieces, each with its section; a heading is never emitted, not even half of it.

    Analysis streams as it comes. Guidance comes sentence by sentence, because only a whole
    sentence shows whether it is about taking the photo or about working on it afterwards. All
    pieces together are the text without its headings and marks, but for white space beside them.
    """

    def __init__(self, start: Section = Section.ANALYSIS) -> None:
        self._unmarked = Unmarked()
        self._held = ""
        self._section = start
        """Of what follows, as the last heading says."""
        self._spoken = start
        """Of what was said last."""
        self._opening = True
        """Whether what is held begins a sentence that nobody has looked at yet."""
        self._fresh = True
        """Whether what is held begins a sentence."""
        self._begun = ""
        """The last characters of the sentence under way that have been said."""
        self._new_line = True
        self._seen: set[Section] = set()
        """Sections that have a text."""
        self._space = ""
        """White space since the last text: said only where more of a section follows it."""

    def feed(self, text: str) -> list[Piece]:
        """What can be said after this text."""
        return list(self._pieces(self._unmarked.feed(text), final=False))

    def end(self) -> list[Piece]:
        """What was held back. Nothing may be fed after it."""
        return list(self._pieces(self._unmarked.end(), final=True))

    def _pieces(self, text: str, *, final: bool) -> Iterator[Piece]:
        self._held += text
        while self._held:
            before = self._held
            if self._opening:
                yield from self._open(final=final)
            else:
                yield from self._flow(final=final)
            if self._held == before:
                return

    def _open(self, *, final: bool) -> Iterator[Piece]:
        """At the beginning of a line or a sentence: is it a heading?"""
        blank = len(self._held) - len(self._held.lstrip())
        if blank:
            self._new_line = self._new_line or "\n" in self._held[:blank]
            self._space += self._held[:blank]
            self._held = self._held[blank:]
            return
        advising = self._section is not Section.ANALYSIS
        found = opening(self._held, new_line=self._new_line, advising=advising, final=final)
        if found is Undecided.YES:
            return
        self._opening = False
        if isinstance(found, Opening):
            self._turn_to(found)
        yield from self._flow(final=final)

    def _turn_to(self, found: Opening) -> None:
        if found.heading:
            self._held = self._held[found.heading :]
            self._opening = self._new_line = True
            self._section = self._spoken = found.section
        elif self._section is Section.ANALYSIS:
            self._section = self._spoken = found.section

    def _flow(self, *, final: bool) -> Iterator[Piece]:
        """Inside a sentence: up to its end, and for analysis as far as it has come."""
        if self._opening or not self._held:
            return
        marks = MARKS.match(self._held) if self._fresh else None
        text = self._begun + self._held
        end = _END.search(text, marks.end() if marks else len(self._begun))
        if end is not None:
            length = end.end() - len(self._begun)
            sentence, self._held = self._held[:length], self._held[length:]
            self._opening = self._fresh = True
            self._begun = ""
            self._new_line = sentence.endswith("\n")
            yield from self._said(sentence, whole=True)
        elif final:
            sentence, self._held = self._held, ""
            yield from self._said(sentence, whole=True)
        elif self._section is Section.ANALYSIS:
            may_end = _MAY_END.search(self._held, marks.end() if marks else 0)
            settled = may_end.start() if may_end else len(self._held)
            self._fresh = self._fresh and settled == 0
            sentence, self._held = self._held[:settled], self._held[settled:]
            self._begun = (self._begun + sentence)[-_CONTEXT:]
            yield from self._said(sentence, whole=False)

    def _said(self, text: str, *, whole: bool) -> Iterator[Piece]:
        section = self._section
        if whole and section is not Section.ANALYSIS:
            section = self._route(text)
        bare = text.rstrip()
        if bare:
            self._spoken = section
            yield Piece(section, (self._space if section in self._seen else "") + bare)
            self._seen.add(section)
            self._space = ""
        self._space += text[len(bare) :]

    def _route(self, sentence: str) -> Section:
        """Where a sentence of advice belongs: where it says, or with the one it refers to."""
        if self._section is Section.AFTERWARDS:
            return Section.AFTERWARDS
        if _REFERS_BACK.match(sentence) and self._spoken is not Section.ANALYSIS:
            return self._spoken
        return advice_for(sentence)
